#pragma once

#include "hivetool/common.h"

G_BEGIN_DECLS

/* The hives of all operands of a command that tells of each: several operands are as one that holds
 * several hives. */

/** HtHive: one of them. */
typedef struct {
    const HcOperand *operand;
    guint index;      /* in the operand's state */
    const char *name; /* what it is called: an operand that is one hive is told as it was given */
} HtHive;

typedef struct {
    GPtrArray *operands; /* of HcOperand * */
    GArray *all;         /* of HtHive */
    gboolean is_one;     /* there is one hive because one is named, and needs no heading */
    GError *failures;    /* of operands that could not be opened */
} HtHives;

/** ht_hives_open: @texts: operands, NULL-terminated. One of several that cannot be opened hides no
 * other: ht_hives_each() ends with it. FALSE when none can be. */
gboolean ht_hives_open(HtHives *hives, const HcCliContext *context, char **texts, GError **error);

/** ht_hives_each: @tell for each hive; what is wrong with one is told, and the others are looked
 * at. FALSE at the end when something was. */
gboolean ht_hives_each(HtHives *hives, const HcCliContext *context,
                       gboolean (*tell)(void *data, const HtHive *hive, GError **error), void *data,
                       GError **error);

void ht_hives_clear(HtHives *hives);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HtHives, ht_hives_clear)

G_END_DECLS
