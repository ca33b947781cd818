#pragma once

#include "hivecore/base/bytes.h"
#include "hivecore/regf/types.h"

/*
 * Every on-disk field of a registry hive that this project reads or writes; for those who read or
 * write it in raw form. All integers are little-endian; "offset" fields inside a hive count from
 * the end of the base block. Source: docs/FORMATS.md, "The hive", which names the evidence of each
 * fact.
 */

enum {
    HC_HBIN_ALIGN = 4096,
    HC_HBIN_HEADER_BYTES = 32,
    HC_CELL_ALIGN = 8,
};

/* Base block, offsets from the start of the file. */
enum {
    HC_BASE_SIGNATURE = 0x00, /* "regf" */
    HC_BASE_SEQUENCE1 = 0x04,
    HC_BASE_SEQUENCE2 = 0x08, /* differs from SEQUENCE1: dirty */
    HC_BASE_MTIME = 0x0c,     /* FILETIME */
    HC_BASE_MAJOR = 0x14,
    HC_BASE_MINOR = 0x18,
    HC_BASE_TYPE = 0x1c,   /* 0 primary; 1, 2, 6 transaction logs */
    HC_BASE_FORMAT = 0x20, /* 1 direct memory load */
    HC_BASE_ROOT = 0x24,   /* offset of the root key's cell */
    HC_BASE_BINS_BYTES = 0x28,
    HC_BASE_CLUSTER = 0x2c,
    HC_BASE_NAME = 0x30, /* 64 bytes UTF-16LE: the tail of the file's path */
    HC_BASE_NAME_BYTES = 64,
    HC_BASE_RM_ID = 0x70, /* GUID of the hive's resource manager; the logs repeat it */
    HC_BASE_RM_ID_BYTES = 16,
    HC_BASE_FLAGS = 0x90,
    HC_BASE_CHECKSUM = 0x1fc, /* XOR of the 127 dwords before it; never 0 or 0xffffffff */
};

/* Flag of HC_BASE_FLAGS: transactions are pending; the one flag that a log entry carries. */
#define HC_BASE_FLAG_LOCKED UINT32_C(1)

/* Flag of HC_BASE_FLAGS: differencing hive; only meaningful from minor version 6 on. */
#define HC_BASE_FLAG_LAYERED UINT32_C(2)

/* Hive bin header, offsets from the start of the bin. */
enum {
    HC_HBIN_SIGNATURE = 0x00, /* "hbin" */
    HC_HBIN_OFFSET = 0x04,
    HC_HBIN_SIZE = 0x08,
    HC_HBIN_MTIME = 0x14,
};

/* Key node, offsets from its "nk" signature. */
enum {
    HC_NK_FLAGS = 0x02,
    HC_NK_MTIME = 0x04,
    HC_NK_ACCESS = 0x0c,
    HC_NK_LAYER = 0x0d,
    HC_NK_PARENT = 0x10,
    HC_NK_N_SUBKEYS = 0x14,
    HC_NK_N_VOLATILE = 0x18,
    HC_NK_SUBKEYS = 0x1c,
    HC_NK_VOLATILE = 0x20,
    HC_NK_N_VALUES = 0x24,
    HC_NK_VALUES = 0x28,
    HC_NK_SECURITY = 0x2c,
    HC_NK_CLASS = 0x30,
    HC_NK_MAX_NAME = 0x34,   /* 16 bits: bytes of the longest subkey name in UTF-16 */
    HC_NK_USER_FLAGS = 0x36, /* 16 bits: virtualization and user flags */
    HC_NK_MAX_CLASS = 0x38,
    HC_NK_MAX_VALUE_NAME = 0x3c,
    HC_NK_MAX_VALUE_DATA = 0x40,
    HC_NK_WORKVAR = 0x44,
    HC_NK_NAME_BYTES = 0x48,
    HC_NK_CLASS_BYTES = 0x4a,
    HC_NK_NAME = 0x4c,
};

/* Key value, offsets from its "vk" signature. */
enum {
    HC_VK_NAME_BYTES = 0x02,
    HC_VK_DATA_BYTES = 0x04,
    HC_VK_DATA = 0x08,
    HC_VK_TYPE = 0x0c,
    HC_VK_FLAGS = 0x10,
    HC_VK_NAME = 0x14,
};

/* High bit of HC_VK_DATA_BYTES: up to 4 bytes of data stand in the HC_VK_DATA field itself. */
#define HC_VK_INLINE UINT32_C(0x80000000)

/* Key security, offsets from its "sk" signature. */
enum {
    HC_SK_FLINK = 0x04,
    HC_SK_BLINK = 0x08,
    HC_SK_REFERENCES = 0x0c,
    HC_SK_BYTES = 0x10,
    HC_SK_DESCRIPTOR = 0x14,
};

/* Subkey lists (li, lf, lh, ri), offsets from the signature. */
enum {
    HC_LIST_COUNT = 0x02,
    HC_LIST_ENTRIES = 0x04,
    HC_LIST_LEAF_MAX = 1012,  /* Windows splits longer lf and lh leaves */
    HC_LIST_LEAF_SPLIT = 507, /* entries of a leaf under an ri list that we write */
};

/* Transaction logs. Source: docs/FORMATS-logs.md. The base block's first sector comes first. */
enum {
    HC_LOG_SECTOR_BYTES = 512,
    HC_LOG_PAGE_BYTES = 512,   /* a page of the old format */
    HC_LOG_DIRT_BITMAP = 0x04, /* after "DIRT" */
};

/* Log entry of the new format, offsets from its "HvLE" signature. */
enum {
    HC_HVLE_BYTES = 0x04,
    HC_HVLE_FLAGS = 0x08,
    HC_HVLE_SEQUENCE = 0x0c,
    HC_HVLE_BINS_BYTES = 0x10,
    HC_HVLE_N_PAGES = 0x14,
    HC_HVLE_HASH1 = 0x18,
    HC_HVLE_HASH2 = 0x20,
    HC_HVLE_REFERENCES = 0x28,
    HC_HVLE_REFERENCE_BYTES = 8, /* offset and size of a page */
};

/* Seed of both hashes of a log entry. */
#define HC_HVLE_SEED UINT64_C(0x82ef4d887a4e55c5)

/* Big data, offsets from the "db" signature. */
enum {
    HC_DB_COUNT = 0x02,
    HC_DB_LIST = 0x04,
    HC_DB_BYTES = 0x0c,
    HC_DB_SEGMENT_BYTES = 16344, /* data in every segment but the last */
    HC_DB_SEGMENT_CELL = 16352,  /* the cell of every segment that we write, size field included */
};
