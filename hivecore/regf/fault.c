#include "config.h"

#include "hivecore/regf/fault.h"

#define NOTE    HC_SEVERITY_NOTE
#define WARNING HC_SEVERITY_WARNING
#define ERROR   HC_SEVERITY_ERROR

static const HcFaultInfo faults[HC_N_FAULTS] = {
    [HC_FAULT_NONE] = {"none", NOTE, "nothing is wrong"},
    [HC_FAULT_BASE_CUT] = {"base-cut", ERROR, "the file ends inside it"},
    [HC_FAULT_BASE_CHECKSUM] = {"base-checksum", ERROR, "the checksum is wrong"},
    [HC_FAULT_BASE_TYPE] = {"base-type", ERROR,
                            "file type or format is none of a primary hive file"},
    [HC_FAULT_BASE_VERSION] = {"base-version", ERROR, "the version is none of 1.2 to 1.6"},
    [HC_FAULT_BASE_DIRTY] = {"base-dirty", WARNING,
                             "the sequence numbers differ: changes are still in the logs"},
    [HC_FAULT_BINS_SIZE] = {"bins-size", ERROR, "the hive bins size is not a multiple of 4096"},
    [HC_FAULT_BINS_CUT] = {"bins-cut", ERROR, "the file ends before the hive bins do"},
    [HC_FAULT_BINS_GO_ON] = {"bins-go-on", ERROR,
                             "hive bins go on after the size that the base block gives"},
    [HC_FAULT_TRAILING_BYTES] = {"trailing-bytes", NOTE, "bytes follow the hive bins"},

    [HC_FAULT_BIN_SIGNATURE] = {"bin-signature", ERROR, "the signature is not \"hbin\""},
    [HC_FAULT_BIN_SIZE] = {"bin-size", ERROR, "its size is not a multiple of 4096 that fits"},
    [HC_FAULT_BIN_OFFSET] = {"bin-offset", ERROR, "its offset field does not say where it is"},

    [HC_FAULT_CELL_SIZE] = {"cell-size", ERROR,
                            "its size is not a multiple of 8 that fits its hive bin"},
    [HC_FAULT_CELL_OUTSIDE] = {"cell-outside", ERROR, "the offset is outside the hive bins"},
    [HC_FAULT_CELL_FREE] = {"cell-free", ERROR, "the cell is free"},
    [HC_FAULT_CELL_FIT] = {"cell-fit", ERROR, "the cell does not fit the hive bins"},
    [HC_FAULT_CELL_SMALL] = {"cell-small", ERROR, "the cell is too small for what it holds"},
    [HC_FAULT_CELL_MIDDLE] = {"cell-middle", ERROR, "the offset leads into the middle of a cell"},
    [HC_FAULT_CELL_TWICE] = {"cell-twice", ERROR, "the cell is used twice"},
    [HC_FAULT_CELLS_UNREACHED] = {"cells-unreached", NOTE, "allocated cells that nothing leads to"},
    [HC_FAULT_KEYS_UNREACHED] = {"keys-unreached", WARNING, "keys that no subkey list leads to"},
    [HC_FAULT_SLACK] = {"slack", NOTE, "bytes after the content of cells are not zero"},
    [HC_FAULT_REMNANTS] = {"remnants", NOTE, "free cells hold bytes that are not zero"},

    [HC_FAULT_KEY_SIGNATURE] = {"key-signature", ERROR, "the signature is not \"nk\""},
    [HC_FAULT_KEY_NAME_END] = {"key-name-end", ERROR, "its name ends past its cell"},
    [HC_FAULT_KEY_NAME_ODD] = {"key-name-odd", ERROR, "its UTF-16 name has an odd length"},
    [HC_FAULT_KEY_NAME_EMPTY] = {"key-name-empty", ERROR, "its name is empty"},
    [HC_FAULT_KEY_NAME_LONG] = {"key-name-long", ERROR, "its name is longer than 256 characters"},
    [HC_FAULT_KEY_NAME_BACKSLASH] = {"key-name-backslash", WARNING,
                                     "its name holds a backslash, no path leads to it"},
    [HC_FAULT_ROOT_NAME_EMPTY] = {"root-name-empty", NOTE, "the root key has no name"},
    [HC_FAULT_KEY_PARENT] = {"key-parent", ERROR, "its parent field names another key"},
    [HC_FAULT_KEY_LOOP] = {"key-loop", ERROR, "it is a key above itself: the tree has a loop"},
    [HC_FAULT_KEY_DEPTH] = {"key-depth", ERROR, "deeper than 512 levels, or a loop in the tree"},
    [HC_FAULT_KEYS_MANY] = {"keys-many", ERROR,
                            "more keys than the file can hold: the tree has a loop"},
    [HC_FAULT_ROOT_FLAG] = {"root-flag", WARNING, "the root key has no root flag"},
    [HC_FAULT_KEY_ROOT_FLAG] = {"key-root-flag", WARNING, "a subkey has the root flag"},
    [HC_FAULT_KEY_VOLATILE] = {"key-volatile", WARNING, "a stored key has the volatile flag"},
    [HC_FAULT_KEY_MOUNT_POINT] = {"key-mount-point", WARNING,
                                  "a stored key has the mount-point flag"},
    [HC_FAULT_KEY_MAX_SMALL] = {"key-max-small", WARNING,
                                "a field for the largest of what it holds is too small"},
    [HC_FAULT_KEY_MAX_LARGE] = {"key-max-large", NOTE,
                                "fields for the largest of what a key holds are larger than that"},
    [HC_FAULT_PREDEFINED_VALUES] = {"predefined-values", WARNING,
                                    "a predefined-handle key has a value list"},
    [HC_FAULT_CLASS_ODD] = {"class-odd", WARNING, "its length is odd"},
    [HC_FAULT_CLASS_HALF] = {"class-half", WARNING,
                             "its class name has a length without a cell, or a cell without one"},

    [HC_FAULT_LIST_SIGNATURE] = {"list-signature", ERROR,
                                 "the signature is none of lf, lh, li, ri"},
    [HC_FAULT_LIST_NESTED] = {"list-nested", ERROR, "an index list inside an index list"},
    [HC_FAULT_LIST_END] = {"list-end", ERROR, "it ends past its cell"},
    [HC_FAULT_LIST_EMPTY_LEAF] = {"list-empty-leaf", WARNING, "a leaf of an index list is empty"},
    [HC_FAULT_LIST_STALE] = {"list-stale", WARNING, "a key without subkeys has a subkey list"},
    [HC_FAULT_LIST_ORDER] = {"list-order", ERROR, "the subkey list is not sorted here"},
    [HC_FAULT_LIST_HASH] = {"list-hash", ERROR, "its hash in the subkey list is wrong"},
    [HC_FAULT_LIST_HINT] = {"list-hint", ERROR, "its hint in the subkey list is wrong"},
    [HC_FAULT_LIST_VERSION] = {"list-version", WARNING,
                               "its subkey list is an lh list, which a hive of this version does "
                               "not have"},
    [HC_FAULT_SUBKEYS_MANY] = {"subkeys-many", ERROR, "too many subkeys"},
    [HC_FAULT_SUBKEYS_FEWER] = {"subkeys-fewer", ERROR,
                                "its subkey list holds fewer subkeys than the key counts"},
    [HC_FAULT_SUBKEYS_MORE] = {"subkeys-more", ERROR,
                               "its subkey list holds more subkeys than the key counts"},
    [HC_FAULT_KEY_DUPLICATE] = {"key-duplicate", ERROR, "a sibling has the same name"},

    [HC_FAULT_VALUE_SIGNATURE] = {"value-signature", ERROR, "the signature is not \"vk\""},
    [HC_FAULT_VALUE_NAME_END] = {"value-name-end", ERROR, "its name ends past its cell"},
    [HC_FAULT_VALUE_NAME_ODD] = {"value-name-odd", ERROR, "its UTF-16 name has an odd length"},
    [HC_FAULT_VALUE_NAME_LONG] = {"value-name-long", WARNING,
                                  "its name is longer than 16383 characters"},
    [HC_FAULT_VALUE_DUPLICATE] = {"value-duplicate", ERROR,
                                  "another value of the key has the same name"},
    [HC_FAULT_VALUES_TOO_MANY] = {"values-too-many", ERROR, "too many values"},
    [HC_FAULT_VALUES_MANY] = {"values-many", ERROR, "more values than the file can hold"},
    [HC_FAULT_VALUES_STALE] = {"values-stale", WARNING, "a key without values has a value list"},
    [HC_FAULT_DATA_MANY] = {"data-many", ERROR, "more data than the file can hold"},
    [HC_FAULT_DATA_END] = {"data-end", ERROR, "its data ends past its cell"},
    [HC_FAULT_DATA_INLINE] = {"data-inline", ERROR, "more than 4 bytes of data inside its cell"},
    [HC_FAULT_DATA_ONE_CELL] = {"data-one-cell", ERROR,
                                "more than 16344 bytes of data in one cell, where this version "
                                "has big-data records"},
    [HC_FAULT_BIG_SEGMENTS_FEW] = {"big-segments-few", ERROR,
                                   "too few segments for the value's size"},
    [HC_FAULT_BIG_SEGMENTS_MORE] = {"big-segments-more", WARNING,
                                    "more segments than the value's size needs"},
    [HC_FAULT_BIG_VERSION] = {"big-version", ERROR,
                              "a big-data record in a hive of a version that has none"},

    [HC_FAULT_SECURITY_NONE] = {"security-none", ERROR, "it has no security descriptor"},
    [HC_FAULT_SECURITY_SIGNATURE] = {"security-signature", ERROR, "the signature is not \"sk\""},
    [HC_FAULT_SECURITY_END] = {"security-end", ERROR, "its descriptor ends past its cell"},
    [HC_FAULT_SECURITY_RING] = {"security-ring", ERROR, "the ring of descriptors is broken here"},
    [HC_FAULT_SECURITY_BACK_LINK] = {"security-back-link", ERROR,
                                     "its back link does not lead to the descriptor before it"},
    [HC_FAULT_SECURITY_REFERENCES] = {"security-references", ERROR, "its reference count is wrong"},
    [HC_FAULT_SECURITY_OFF_RING] = {"security-off-ring", ERROR,
                                    "the ring of descriptors does not hold all that keys refer to"},
    [HC_FAULT_SECURITY_UNUSED] = {"security-unused", WARNING,
                                  "a descriptor in the ring that no key refers to"},
    [HC_FAULT_SECURITY_DESCRIPTOR] = {"security-descriptor", WARNING,
                                      "it is no self-relative security descriptor"},

    [HC_FAULT_LAYER_ROOT] = {"layer-root", ERROR,
                             "the root of a differencing hive has layer bits other than 0x00"},
    [HC_FAULT_LAYER_BELOW] = {"layer-below", ERROR,
                              "below a superseding tree (0x03) it is neither one nor a tombstone"},
    [HC_FAULT_LAYER_TOMBSTONE] = {"layer-tombstone", ERROR,
                                  "a tombstone has subkeys, values or a class name"},
    [HC_FAULT_LAYER_BITS] = {"layer-bits", WARNING, "its layer bits have no known meaning"},
    [HC_FAULT_LAYER_UNSEEN] = {"layer-unseen", NOTE,
                               "its layer bits were never seen in a hive of Windows"},
    [HC_FAULT_LAYER_CLASS] = {"layer-class", WARNING,
                              "it inherits its class name and has one of its own"},
    [HC_FAULT_LAYER_VALUE] = {"layer-value", WARNING,
                              "a tombstone has data or a type, where Windows leaves none"},
    [HC_FAULT_LAYER_STRAY] = {"layer-stray", NOTE,
                              "layer bits or tombstone flags, which mean nothing in a hive that is "
                              "not differencing"},
};

const HcFaultInfo *
hc_fault_info(HcFaultKind kind)
{
    return &faults[kind];
}

const char *
hc_severity_name(HcSeverity severity)
{
    switch (severity) {
    case HC_SEVERITY_NOTE:
        return "note";
    case HC_SEVERITY_WARNING:
        return "warning";
    case HC_SEVERITY_ERROR:
        return "error";
    }
    return "";
}
