#pragma once

#include "hivecore/regf/deleted.h"
#include "hivecore/regf/hive-private.h"
#include "hivecore/regf/layout.h"

G_BEGIN_DECLS

/* Shared by deleted.c and deleted-places.c. */

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
