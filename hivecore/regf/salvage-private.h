#pragma once

#include "hivecore/base/sha256.h"
#include "hivecore/regf/check-private.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"
#include "hivecore/regf/salvage.h"
#include "hivecore/regf/writer.h"

G_BEGIN_DECLS

/* Shared by the files of the salvage. */

/** HcSalvageChild: a key and the key that its parent field names. */
typedef struct {
    uint32_t parent;
    uint32_t offset;
} HcSalvageChild;

/**
 * HcSalvage: one walk over what can be read. Where cells start, the path of open keys and the list
 * of findings are those of a check.
 */
typedef struct {
    HcCheck check;
    HcWriter *writer;  /* (nullable): only the digest is made */
    HcSha256 *stream;  /* of all that is written */
    GPtrArray *levels; /* of GArray of HcKey, by depth; reused by all keys of a depth */
    HcBlob security[HC_MAX_KEY_DEPTH + 1]; /* of the open keys, by depth */
    GArray *values;                        /* of HcValue, those of the open key */
    GByteArray *scratch;                   /* one value's big data */
    GArray *children; /* (nullable): of HcSalvageChild, sorted; made when a list is damaged */
    uint64_t entries_left;
    uint64_t values_left;
    uint64_t data_left;
} HcSalvage;

/** Returns: whether another cell, or a hive bin, begins where the cell at @offset, which
 * hc_read_cell() has accepted, ends. */
gboolean hc_salvage_is_between_cells(const HcSalvage *salvage, uint32_t offset);

/**
 * hc_salvage_is_cell:
 * @offset: of a cell that hc_read_cell() has accepted
 *
 * Returns: whether a cell starts there: the walk of its hive bin came by, or could not, or, where a
 * wrong size led the walk past it, another cell or bin begins where it ends
 */
gboolean hc_salvage_is_cell(HcSalvage *salvage, uint32_t offset);

/**
 * hc_salvage_take:
 * @offset: of a cell that hc_read_cell() has accepted
 *
 * Returns: FALSE, with a finding, when no cell starts there; one that is used already is told and
 * taken again
 */
gboolean hc_salvage_take(HcSalvage *salvage, uint32_t offset, const char *what);

/** hc_salvage_lost: a finding of what a fault keeps from being read; @from: the cell that led
 * there. */
void hc_salvage_lost(HcSalvage *salvage, const HcFault *fault, uint32_t from);

/** hc_salvage_write_values: the values of @key, which is open. FALSE: the writer failed. */
gboolean hc_salvage_write_values(HcSalvage *salvage, const HcKey *key, GError **error);

/** hc_salvage_subkeys: those of @key, sorted, without two of a name, each claimed, to @subkeys (of
 * HcKey). */
void hc_salvage_subkeys(HcSalvage *salvage, const HcKey *key, GArray *subkeys);

/* Into the digest of the stream. */
void hc_salvage_hash_number(HcSalvage *salvage, uint64_t number);
void hc_salvage_hash_name(HcSalvage *salvage, HcName name);
void hc_salvage_hash_blob(HcSalvage *salvage, HcBlob blob);

/* What free cells still hold: deleted.c and deleted-places.c. */

#define HC_NO_OWNER G_MAXUINT32

/** HcRemnant: a record in a free cell. */
typedef struct {
    uint32_t offset;   /* of its cell */
    uint32_t owner;    /* of a value: the offset of the key it was in, or HC_NO_OWNER */
    gboolean is_named; /* the owner's own list says so */
} HcRemnant;

/** HcFreeRange: a free cell, with its size field. */
typedef struct {
    uint32_t offset;
    uint32_t n_bytes;
} HcFreeRange;

typedef struct {
    const HcHive *hive;
    GArray *ranges; /* of HcFreeRange, in order */
    GArray *keys;   /* of HcRemnant, in order */
    GArray *values; /* of HcRemnant, in order */
    GHashTable
        *siblings; /* offset of a value in use: number + 1 of one of values that stood beside it */
} HcRemnants;

/** Returns: the free cell that holds the @n_bytes at @offset; NULL: none does. */
const HcFreeRange *hc_remnants_range(const HcRemnants *remnants, uint32_t offset, uint64_t n_bytes);

/** Returns: the one of @list at @offset, or NULL. */
HcRemnant *hc_remnants_at(GArray *list, uint32_t offset);

/** hc_remnants_place: finds out in which keys the values were. */
gboolean hc_remnants_place(HcRemnants *remnants, GError **error);

/** A record that was found; its fields were checked. */
static inline const uint8_t *
hc_remnant_record(const HcRemnants *remnants, uint32_t offset)
{
    return remnants->hive->bins + offset + 4;
}

G_END_DECLS
