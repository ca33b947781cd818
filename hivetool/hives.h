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

/* What the commands share that make hives: new, delta, merge, rebuild, recover. */

/** HtMaking: hives that are made of others, a file each; all of them appear or none. */
typedef struct {
    HcCliContext *context;
    const char *output;  /* argument of -o: a file; of several hives a folder, for each under its
                            name */
    char *const *inputs; /* operands, NULL-terminated */
    gboolean is_several;
    GPtrArray *files; /* of HcOutput * */
    GPtrArray *notes; /* of char *: what is said of each when all are there */
} HtMaking;

/** ht_making_start: HC_ERROR_USAGE where -o is no folder and there are several hives. */
gboolean ht_making_start(HtMaking *making, HcCliContext *context, const char *output,
                         char *const *inputs, gboolean is_several, GError **error);

/** Returns: (transfer none): where a hive goes that is called @name where there are several; no
 * input, and no other output */
HcOutput *ht_making_open(HtMaking *making, const char *name, GError **error);

/** ht_making_put: @bytes there. */
gboolean ht_making_put(HtMaking *making, const char *name, const void *bytes, gsize n_bytes,
                       GError **error);

/** ht_making_note: what is to be said at the end; @text (transfer full). */
void ht_making_note(HtMaking *making, char *text);

/** ht_making_finish: all files appear, and what is said of them. */
gboolean ht_making_finish(HtMaking *making, GError **error);

void ht_making_clear(HtMaking *making);

/** ht_name_in_folder: Returns: (transfer full): the file of @hive in a folder for several: that of
 * its file; of users, whose files are called alike, with the user's name */
char *ht_name_in_folder(const HcRegistryHive *hive);

/**
 * ht_embedded_name:
 * @option: (nullable): UTF-8, the name asked for; else the last part of @output is taken
 *
 * Returns: FALSE with HC_ERROR_USAGE when the name is not UTF-8
 */
gboolean ht_embedded_name(HcArena *arena, const char *option, const char *output, HcName *name,
                          GError **error);

/** ht_prove_hive: opens and checks @bytes; a defect is HC_ERROR_INTERNAL, nothing was written. */
gboolean ht_prove_hive(const char *file, GBytes *bytes, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HtMaking, ht_making_clear)

G_END_DECLS
