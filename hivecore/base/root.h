#pragma once

#include "hivecore/base/path.h"

G_BEGIN_DECLS

/**
 * HcRoot: where a hive's root key hangs in the registry.
 */
typedef struct {
    char *text;     /* "HKEY_LOCAL_MACHINE\SOFTWARE", UTF-8 */
    HcPath path;    /* its parts */
    HcArena *arena; /* owns their names */
} HcRoot;

/**
 * hc_root_parse:
 * @text: e.g. "HKLM\Software", "HKEY_USERS\.DEFAULT"; abbreviations HKLM, HKCU, HKCR, HKU, HKCC
 * in any case, also as drives (HKLM:\); the part after the first is kept as spelled. Without a
 * backslash slashes are taken for them. HKEY_USERS\S-1-5-18 becomes HKEY_USERS\.DEFAULT, which it
 * is.
 *
 * Returns: (transfer full): the root, or NULL with HC_ERROR_USAGE
 */
HcRoot *hc_root_parse(const char *text, GError **error);

/**
 * hc_root_parse_word:
 * The same, but the first part may be any word that does not start with HK, kept as spelled: what
 * other tools write before a hive's keys, as reged's PREFIX.
 */
HcRoot *hc_root_parse_word(const char *text, GError **error);

/**
 * hc_root_parse_name:
 * @name: SOFTWARE, SYSTEM, SAM, SECURITY or DEFAULT in any case, or what hc_root_parse() takes
 *
 * Returns: (transfer full): where the hive of that name hangs, or NULL with HC_ERROR_USAGE
 */
HcRoot *hc_root_parse_name(const char *name, GError **error);

/**
 * hc_root_guess:
 * From the name of a hive's file (any case, the last path part): SOFTWARE, SYSTEM, SAM, SECURITY,
 * COMPONENTS, DRIVERS, BCD: below HKEY_LOCAL_MACHINE (BCD: BCD00000000); DEFAULT:
 * HKEY_USERS\.DEFAULT; NTUSER.DAT: HKEY_CURRENT_USER; UsrClass.dat:
 * HKEY_CURRENT_USER\Software\Classes. Where it has no such name, from @embedded, the name that the
 * hive has in its header; else from a file's name with a suffix (SOFTWARE.new, SOFTWARE-patched,
 * X_Delta and X_Base, DefaultUser_*: .DEFAULT).
 *
 * Returns: (transfer full): the root, or NULL when neither says
 */
HcRoot *hc_root_guess(const char *file, HcName embedded);

/** hc_root_of_file: the same where @label, the name of a file without its folder, is one of these
 * and nothing more. */
HcRoot *hc_root_of_file(const char *label);

/** Returns: (transfer full) (nullable): a copy of @root (nullable). */
HcRoot *hc_root_copy(const HcRoot *root);

void hc_root_free(HcRoot *root);

/** Returns: (transfer none): the names of @root (nullable), none without one. */
static inline HcPath
hc_root_path(const HcRoot *root)
{
    return root != NULL ? root->path : (HcPath){NULL, 0};
}

/** Returns: whether @inner (nullable) is @outer (nullable) or a place below it. */
gboolean hc_root_is_below(const HcRoot *inner, const HcRoot *outer);

/** Returns: whether both are one place; what is not known is none. */
gboolean hc_root_equal(const HcRoot *a, const HcRoot *b);

/**
 * hc_root_part:
 * @path: that starts with a root's full name
 * @part: (out): the name @i of the place that it means: HKEY_CLASSES_ROOT is a view of
 *   HKLM\SOFTWARE\Classes, HKEY_USERS\S-1-5-18 of .DEFAULT
 *
 * Returns: whether that has so many names
 */
gboolean hc_root_part(HcPath path, gsize i, HcName *part);

/** Returns: all of them, in @arena */
HcPath hc_root_meaning(HcArena *arena, HcPath path);

/**
 * hc_root_full_name:
 * Returns: the full upper-case name of a predefined root given in full or abbreviated, in any
 * case (HKEY_LOCAL_MACHINE for "hklm"), or NULL
 */
const char *hc_root_full_name(HcName name, gboolean *is_abbreviated);

/**
 * hc_root_split_key:
 * @text: "HKLM\A\b": a predefined root in full or short, names; one backslash at the end is let go,
 *   but not behind the root
 * @path: (out): its names in @arena, the first the root's full name; else as many as stand before
 *   one that is empty, none where it is the root that is wrong
 */
gboolean hc_root_split_key(HcArena *arena, const char *text, HcPath *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRoot, hc_root_free)

G_END_DECLS
