#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Patterns as a set of states that goes along a text: no pattern makes it slower than its length
 * times that of the text. Sources: Go's path.Match (COPY), moby/patternmatcher (.dockerignore), the
 * patterns of ${X#pattern} in moby/buildkit, frontend/dockerfile/shell.
 */
typedef struct HcGlob HcGlob;

typedef enum {
    HC_GLOB_PATH,   /* *, ? and [a-z] stop at "/"; "\" takes the next character as it is */
    HC_GLOB_IGNORE, /* the same, and ** is any number of folders */
    HC_GLOB_SHELL,  /* * and ? are of any character; "\" stands before one of * ? \ } / */
} HcGlobKind;

/** hc_glob_new: @pattern: UTF-8. Returns: NULL with HC_ERROR_MALFORMED "PATTERN: what", or
 * HC_ERROR_LIMIT for one of over HC_MAX_GLOB_UNITS */
HcGlob *hc_glob_new(HcGlobKind kind, const char *pattern, GError **error);
void hc_glob_free(HcGlob *glob);

/** hc_glob_has_wildcards: whether @pattern of kind HC_GLOB_PATH is more than a name. */
gboolean hc_glob_has_wildcards(const char *pattern);

/** hc_glob_matches: whether all of @text does. */
gboolean hc_glob_matches(HcGlob *glob, const char *text, gsize n_bytes);

/** Returns: how many bytes at the start of @text match, the fewest or the most; -1 when none do. */
gssize hc_glob_prefix(HcGlob *glob, const char *text, gsize n_bytes, gboolean is_longest);

/** Returns: how many bytes at the end of @text match, likewise. Only of HC_GLOB_SHELL. */
gssize hc_glob_suffix(HcGlob *glob, const char *text, gsize n_bytes, gboolean is_longest);

/** hc_glob_may_start: FALSE: no match begins with @c. */
gboolean hc_glob_may_start(const HcGlob *glob, gunichar c);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcGlob, hc_glob_free)

G_END_DECLS
