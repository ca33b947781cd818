#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** HcHiveSlot: one of the five hives that a layer can change, and where it stands in a layer.
 */
typedef struct {
    const char *name;         /* on the command line, e.g. "SOFTWARE" */
    const char *delta_name;   /* embedded file name, e.g. "Software_Delta" */
    const char *delta_entry;  /* differencing hive in a layer above the base */
    const char *config_entry; /* the whole hive in a base layer */
} HcHiveSlot;

enum {
    HC_N_HIVE_SLOTS = 5,
};

/* In the order of their entries in a layer. Spelling as Windows exports it; the importer
 * compares with case. Source: docs/FORMATS.md, "Layers". */
extern const HcHiveSlot hc_hive_slots[HC_N_HIVE_SLOTS];

/**
 * hc_hive_slot_find:
 * @name: @n_bytes of a name in any case, e.g. "software"
 *
 * Returns: its index in hc_hive_slots, or -1
 */
int hc_hive_slot_find(const char *name, gsize n_bytes);

G_END_DECLS
