#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/output.h"
#include "hivecore/regf/hive.h"

G_BEGIN_DECLS

/**
 * HcWriter: makes a hive in canonical layout from a stream of keys, in one pass.
 *
 * The hive goes to a file, by default one in memory, through a window of fixed size; the heap holds
 * no more than that, the subkeys and values of the open keys, and the descriptors. HC_ERROR_IO when
 * there is no room for it.
 *
 * After a function has failed, the writer can only be freed. Messages read "key PATH: what", PATH
 * from below the root.
 *
 * The bytes are a function of the options and the stream alone. Layout (docs/FORMATS.md,
 * "Canonical layout"): base block with equal sequence numbers and a checksum; bins of 4096
 * bytes, larger only for a cell that needs it; a key's cells in the order nk, class, sk (when
 * its descriptor is new), then for each value vk, data; then the subkeys in order, and when the
 * key is closed its value list and subkey list. lh leaves (lf below minor version 5) of at most
 * 1012 entries, else an ri list of leaves of 507; data over 16,344 bytes as db records in full
 * segment cells (one cell below minor version 4); one sk cell per distinct descriptor, with
 * exact reference counts; exact max fields; slack and free space zero.
 */
typedef struct HcWriter HcWriter;

typedef struct {
    uint32_t minor;           /* 3 to 6 */
    gboolean is_differencing; /* sets the layered flag; needs minor 6 */
    HcName file_name;         /* embedded name; its last 31 units are kept */
    uint64_t mtime_filetime;  /* base block; hive bins have 0 */
} HcWriterOptions;

/** HcKeySpec: one key to write. Everything is copied. */
typedef struct {
    HcName name;       /* at most 256 units, not empty except for the root */
    HcBlob class_name; /* UTF-16LE; .bytes NULL for none */
    HcBlob security;   /* self-relative descriptor; .bytes NULL: the parent's */
    uint16_t flags; /* HC_KEY_FLAG_*; LATIN1 is set by the writer, ROOT and NO_DELETE on the root */
    uint8_t layer_bits;  /* 0 unless differencing */
    uint8_t access_bits; /* nk+12 */
    uint16_t user_flags; /* high half of nk+52: virtualization and user flags */
    uint64_t mtime_filetime;
    uint32_t predefined_handle; /* with HC_KEY_FLAG_PREDEFINED */
} HcKeySpec;

HcWriter *hc_writer_new(const HcWriterOptions *options);

/** hc_writer_new_to: the same into @output, (nullable), new, which stays to be committed. */
HcWriter *hc_writer_new_to(const HcWriterOptions *options, HcOutput *output);

void hc_writer_free(HcWriter *writer);

/**
 * hc_writer_open_key:
 * Starts a key: the first call the root, later calls a subkey of the key that is open. Siblings
 * must come in hc_name_compare() order, without duplicates (HC_ERROR_MALFORMED otherwise).
 * Descriptor: the root must have one. HC_ERROR_LIMIT for a name or class that is too long,
 * depth over HC_MAX_KEY_DEPTH or a hive that grows over HC_MAX_HIVE_BYTES.
 */
gboolean hc_writer_open_key(HcWriter *writer, const HcKeySpec *spec, GError **error);

/**
 * hc_writer_value:
 * Adds a value to the open key, before its first subkey; values keep the order of the calls.
 * @data: .bytes may be NULL when .n_bytes is 0
 */
gboolean hc_writer_value(HcWriter *writer, HcName name, uint32_t type, HcBlob data, GError **error);

/** hc_writer_value_tombstone: "this value is deleted", in a differencing hive. */
gboolean hc_writer_value_tombstone(HcWriter *writer, HcName name, GError **error);

/** hc_writer_close_key: ends the open key. */
gboolean hc_writer_close_key(HcWriter *writer, GError **error);

/**
 * hc_writer_finish:
 * After the root is closed; the writer can only be freed then.
 *
 * Returns: (transfer full): the whole file, read back; unmapped with the last reference
 */
GBytes *hc_writer_finish(HcWriter *writer, GError **error);

/**
 * hc_writer_empty_hive:
 * A root key named ROOT with the default descriptor and the time of @options, and nothing else.
 *
 * Returns: (transfer full): the whole file
 */
GBytes *hc_writer_empty_hive(const HcWriterOptions *options, GError **error);

/**
 * hc_default_root_security:
 * Returns: the 144-byte descriptor that Windows' offline registry library gives a new hive's
 * root: O:BAG:BAD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;WD)(A;CI;KR;;;RC). Source:
 * docs/FORMATS.md, "Security".
 */
HcBlob hc_default_root_security(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcWriter, hc_writer_free)

G_END_DECLS
