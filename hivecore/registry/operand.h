#pragma once

#include "hivecore/registry/registry.h"

G_BEGIN_DECLS

/*
 * What an operand is: a state or a change. Decided here and nowhere else, in this order
 * (docs/man/hivetool.1.pod, OPERANDS):
 *
 * 1. state:X and change:X say so
 * 2. NAME=FILE, NAME a place or the name of a hive: that hive, there
 * 3. a source that starts with a prefix (oci:, …); SOURCE//NAME, one hive in it
 * 4. a folder: an OCI image layout is refused, an unpacked layer, a Windows disk, a folder of hives
 * 5. what the file, or standard input ("-"), holds: a hive, a differencing hive, a layer, a patch.
 *    What is none of these is taken for a hive, whose reader says what it is not
 *
 * A file of the very name wins over 3, and over 2 where NAME is no place.
 */

typedef enum {
    HC_OPERAND_STATE,
    HC_OPERAND_LAYER,  /* a differencing hive: a change that is written as a hive */
    HC_OPERAND_CHANGE, /* a patch: .reg, JSON; what is no regular file, too */
} HcOperandKind;

typedef struct {
    HcOperandKind kind;
    char *text;        /* as it was given */
    char *file;        /* what is meant: without state:, change: or NAME= */
    GBytes *content;   /* (nullable): of "-", which is read by then */
    HcRegistry *state; /* the hives; of a patch that file as if it were one, for who wants one */
    gboolean is_pair;  /* by NAME=FILE */
    gboolean is_one;   /* one hive is named, and not a source of them */
} HcOperand;

/**
 * HcOperandParts: an operand taken apart by its spelling and what is there under which name;
 * nothing is read.
 */
typedef struct {
    gboolean is_state;        /* state: was there */
    gboolean is_change;       /* change: was there */
    HcRoot *root;             /* (nullable): NAME of NAME=FILE */
    char *source;             /* the rest, without //NAME and [PLATFORM] */
    char *platform;           /* (nullable) */
    char *hive;               /* (nullable): NAME of SOURCE//NAME */
    const HcSourceKind *kind; /* (nullable): that of @source, where its prefix or folder says */
} HcOperandParts;

/**
 * hc_operand_split:
 * @kinds: NULL-terminated; those that are known by a prefix first
 *
 * HC_ERROR_USAGE for NAME=FILE without FILE, or where NAME is no place and no file has that name.
 */
gboolean hc_operand_split(HcOperandParts *parts, const char *text, const HcSourceKind *const *kinds,
                          GError **error);
void hc_operand_parts_clear(HcOperandParts *parts);

/** hc_operand_open: hives are found and told by their names; none is opened yet. Standard input is
 * read. */
gboolean hc_operand_open(HcOperand *operand, const char *text, const HcSourceKind *const *kinds,
                         GError **error);
void hc_operand_clear(HcOperand *operand);

/** Returns: whether @text is NAME=FILE by its spelling: there is a "=" and no slash before it. */
gboolean hc_operand_is_pair(const char *text, const HcSourceKind *const *kinds);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcOperandParts, hc_operand_parts_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HcOperand, hc_operand_clear)

G_END_DECLS
