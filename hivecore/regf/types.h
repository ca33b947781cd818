#pragma once

/*
 * Numbers of a hive that mean something outside of it too: types of values, flags of keys and
 * values, offsets. Source: docs/FORMATS.md, "The hive", which names the evidence of each fact.
 */

/* Offsets inside a hive count from the end of its base block. */
enum {
    HC_BASE_BLOCK_BYTES = 4096,
};

/* No cell: the value of an offset field that points nowhere. */
#define HC_NIL UINT32_C(0xffffffff)

/* Registry value types that have a meaning here; any other number is kept as it is. */
enum {
    HC_REG_NONE = 0,
    HC_REG_SZ = 1,
    HC_REG_EXPAND_SZ = 2,
    HC_REG_BINARY = 3,
    HC_REG_DWORD = 4,
    HC_REG_DWORD_BE = 5,
    HC_REG_LINK = 6,
    HC_REG_MULTI_SZ = 7,
    HC_REG_RESOURCE_LIST = 8,
    HC_REG_FULL_RESOURCE_DESCRIPTOR = 9,
    HC_REG_RESOURCE_REQUIREMENTS_LIST = 10,
    HC_REG_QWORD = 11,
};

/* HcKey.flags, the key node's flags as they are stored. */
enum {
    HC_KEY_FLAG_VOLATILE = 0x01,
    HC_KEY_FLAG_HIVE_EXIT = 0x02,
    HC_KEY_FLAG_ROOT = 0x04,
    HC_KEY_FLAG_NO_DELETE = 0x08,
    HC_KEY_FLAG_SYMLINK = 0x10,
    HC_KEY_FLAG_LATIN1 = 0x20,
    HC_KEY_FLAG_PREDEFINED = 0x40, /* there is a handle in place of values */
};

/* HcKey.layer_bits, in differencing hives. */
enum {
    HC_LAYER_MERGE = 0x00,
    HC_LAYER_TOMBSTONE = 0x01,
    HC_LAYER_SUPERSEDE_LOCAL = 0x02,
    HC_LAYER_SUPERSEDE_TREE = 0x03,
    HC_LAYER_SEMANTICS = 0x03,
    HC_LAYER_INHERIT_CLASS = 0x80,
};

/* The flags of a value. */
enum {
    HC_VALUE_FLAG_LATIN1 = 0x01,
    HC_VALUE_FLAG_TOMBSTONE = 0x02,
};
