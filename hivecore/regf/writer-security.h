#pragma once

#include "hivecore/regf/writer-cells.h"

G_BEGIN_DECLS

/** HcSecurityPool: the sk cells of a hive that is being written, one per distinct descriptor.
 */
typedef struct {
    GHashTable *by_content; /* HcBlob * in @arena -> index in @cells, plus 1 */
    GArray *cells;          /* of HcSecurityCell, in order of appearance */
    HcArena *arena;
    guint last; /* index of the cell that was used last */
} HcSecurityPool;

typedef struct {
    uint32_t offset;
    uint32_t n_references;
    HcBlob content; /* in the arena */
} HcSecurityCell;

void hc_security_pool_init(HcSecurityPool *pool);
void hc_security_pool_clear(HcSecurityPool *pool);

/**
 * hc_security_pool_use:
 * Counts one more reference to @descriptor, which is written to @cells when it is new.
 *
 * @index: (out): for hc_security_pool_use_index()
 *
 * Returns: offset of the sk cell, or HC_NIL with HC_ERROR_LIMIT
 */
uint32_t hc_security_pool_use(HcSecurityPool *pool, HcCells *cells, HcBlob descriptor, guint *index,
                              GError **error);

/** hc_security_pool_use_index: the same for a descriptor that is there. Returns: its offset. */
uint32_t hc_security_pool_use_index(HcSecurityPool *pool, guint index);

/** hc_security_pool_finish: writes the ring of links and the reference counts. */
gboolean hc_security_pool_finish(const HcSecurityPool *pool, HcCells *cells, GError **error);

G_END_DECLS
