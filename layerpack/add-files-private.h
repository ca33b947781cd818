#pragma once

#include "hivecore/base/entry-name.h"
#include "layerpack/add-files.h"
#include "layerpack/layer-put.h"

G_BEGIN_DECLS

/* Shared by add-files.c, which plans and writes, and add-files-base.c, which fits the plan to what
 * the base image has. */

/* The folder that stands for the drive. */
#define LP_ROOT "Files"

/** LpAddItem: one entry of the plan. */
typedef struct {
    HcNameKey key; /* of the name without regard to case */
    char *name;
    char *source; /* NULL: a folder, which needs no source */
    uint64_t n_bytes;
    gboolean is_written;
    /* What the topmost layer of the base image that has it says of it. */
    gboolean is_in_base;
    guint base_layer;
    HcEntryType base_type;
    char *base_part; /* the last part of its name */
    LpFolderRecords records;
} LpAddItem;

struct LpAddFiles {
    GPtrArray *items;
    GHashTable *by_name; /* items by key */
};

/** Returns: (transfer none) (nullable): the item with that name, without regard to case. */
LpAddItem *lp_add_files_find(const LpAddFiles *files, const char *name);

/** lp_add_files_sort: each folder before what is in it, and that before what follows it. */
void lp_add_files_sort(LpAddFiles *files);

/** lp_add_item_forget_base: nothing of the base image has the item's place. */
void lp_add_item_forget_base(LpAddItem *item);

G_END_DECLS
