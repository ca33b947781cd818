#include "config.h"

#include "hivecore/image/image-writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hivecore/base/crash.h"
#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/json-text.h"
#include "hivecore/base/json.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"

#define OCI_LAYOUT "oci-layout"

enum {
    LAYOUT_DEPTH = 3, /* folders of a layout in each other: its own, blobs, blobs/sha256 */
};

/* Source: distribution/reference, the grammar in its package comment. */
#define HOST_PART "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
#define HOST      HOST_PART "(?:\\." HOST_PART ")*(?::[0-9]+)?"
#define NAME_PART "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
#define TAG       "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
#define REFERENCE "^(?:" HOST "/)?" NAME_PART "(?:/" NAME_PART ")*(?::" TAG ")?\\z"

/* Source: OCI image-spec, annotations.md, the grammar of org.opencontainers.image.ref.name. */
#define REF_PART "[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*"
#define REF_NAME "^" REF_PART "(?:/" REF_PART ")*\\z"

static gboolean
fail_usage(GError **error, const char *operand, const char *what)
{
    return hc_fail(error, HC_ERROR_USAGE, "%s: %s", operand, what);
}

gboolean
hc_matches(const char *pattern, const char *text)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
    if (regex == NULL)
        hc_crash_end("not enough memory");
    return g_regex_match(regex, text, 0, NULL);
}

gboolean
hc_reference_is(const char *text)
{
    return g_utf8_validate(text, -1, NULL) && hc_matches(REFERENCE, text);
}

/* Names that tools for images refuse would make an image that nobody can name. */
static gboolean
check_name(const HcImageRef *ref, const char *operand, GError **error)
{
    if (ref->tag == NULL)
        return TRUE;
    if (*ref->tag == '@')
        return fail_usage(error, operand, "a name that begins with @ would be read as a number");
    if (!g_utf8_validate(ref->tag, -1, NULL))
        return fail_usage(error, operand, "the name is not UTF-8");
    if (ref->transport == HC_IMAGE_DOCKER_ARCHIVE) {
        return hc_reference_is(ref->tag) ||
               fail_usage(error, operand,
                          "the name is not of the form NAME[:TAG] as docker takes it, like "
                          "example/pause:3.9 with a NAME in lower case");
    }
    return hc_matches(REF_NAME, ref->tag) ||
           fail_usage(error, operand,
                      "the name is none for an OCI layout: letters and digits with one of "
                      "- . _ : @ + / between them");
}

static gboolean
check_mark(const char *file, const char *operand, GError **error)
{
    g_autofree char *where = g_strdup_printf("%s: " OCI_LAYOUT, operand);
    g_autoptr(GBytes) bytes = hc_read_stream(file, HC_MAX_IMAGE_JSON_BYTES, error);
    if (bytes == NULL)
        return FALSE;
    HcJson mark;
    g_autofree char *version = NULL;
    if (!hc_json_parse_bytes(where, bytes, &mark, error) ||
        !hc_json_need_object(where, mark, error) ||
        !hc_json_get_string(where, mark, "imageLayoutVersion", &version, error))
        return FALSE;
    if (g_strcmp0(version, "1.0.0") == 0)
        return TRUE;
    if (version != NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: its version is '%s', not 1.0.0", where,
                       version);
    return hc_fail(error, HC_ERROR_MALFORMED, "%s: says no version", where);
}

/* What a run leaves that is ended before the layout's mark has its name. */
static gboolean
is_left_over(const char *name)
{
    return g_str_equal(name, "blobs") || g_str_has_prefix(name, "." OCI_LAYOUT ".") ||
           g_str_has_prefix(name, ".index.json.");
}

/* @is_marked: (out): whether the folder is a layout; then that its mark is one */
static gboolean
look_at_mark(const HcImageRef *ref, const char *operand, gboolean *is_marked, GError **error)
{
    struct stat status;
    gboolean is_there;
    g_autofree char *mark = g_build_filename(ref->path, OCI_LAYOUT, NULL);
    if (!hc_file_look(mark, TRUE, &status, &is_there, error))
        return FALSE;
    *is_marked = S_ISREG(status.st_mode);
    return !*is_marked || check_mark(mark, operand, error);
}

/* The names in a folder without a mark; NULL without @error when there is no such folder. */
static GPtrArray *
names_in(const HcImageRef *ref, const char *operand, GError **error)
{
    struct stat status;
    gboolean is_there;
    if (!hc_file_look(ref->path, TRUE, &status, &is_there, error) || !is_there)
        return NULL;
    if (!S_ISDIR(status.st_mode))
        return hc_fail_null(error, HC_ERROR_IO, "%s: is not a folder", operand);
    GError *failure = NULL;
    GPtrArray *names = hc_folder_names(ref->path, &failure);
    /* A run that failed may have taken back the folder that it had made. */
    if (failure != NULL && hc_file_look(ref->path, TRUE, &status, &is_there, NULL) && !is_there)
        g_clear_error(&failure);
    if (failure != NULL)
        return hc_fail_with_null(error, failure);
    return names;
}

/* A folder that holds something else would get files that nobody expects there. */
static gboolean
check_folder(const HcImageRef *ref, const char *operand, GError **error)
{
    gboolean is_marked;
    GError *failure = NULL;
    if (!look_at_mark(ref, operand, &is_marked, error))
        return FALSE;
    if (is_marked)
        return TRUE;
    g_autoptr(GPtrArray) names = names_in(ref, operand, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        if (is_left_over(names->pdata[i]))
            continue;
        /* Another run may have finished since. */
        if (!look_at_mark(ref, operand, &is_marked, error))
            return FALSE;
        return is_marked ||
               fail_usage(error, operand, "the folder is neither empty nor an OCI layout");
    }
    return TRUE;
}

/* A folder of dir: is one image, which nothing can join. */
static gboolean
check_new_folder(const HcImageRef *ref, const char *operand, GError **error)
{
    GError *failure = NULL;
    g_autoptr(GPtrArray) names = names_in(ref, operand, &failure);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return names == NULL || names->len == 0 ||
           fail_usage(error, operand, "the folder is not empty");
}

/* The folder that @file is really in, also where it, or a folder on the way, is a link. Of one that
 * is not there, what was given. NULL with @error set. */
static char *
real_folder(const char *file, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(file);
    char *real = realpath(file, NULL);
    const gboolean is_there = real != NULL;
    if (!is_there && errno == ENOENT)
        real = realpath(parent, NULL);
    if (real == NULL && errno != ENOENT)
        return hc_fail_io_null(error, file, "cannot find out what is there", errno);
    g_autofree char *own = g_strdup(real != NULL ? real : parent);
    free(real);
    return is_there ? g_path_get_dirname(own) : g_steal_pointer(&own);
}

static gboolean
refuse_in_layout(const HcImageRef *ref, const char *operand, GError **error)
{
    g_autofree char *folder = real_folder(ref->path, error);
    for (int i = 0; folder != NULL && i < LAYOUT_DEPTH; i++) {
        struct stat status;
        gboolean is_there;
        g_autofree char *mark = g_build_filename(folder, OCI_LAYOUT, NULL);
        if (!hc_file_look(mark, TRUE, &status, &is_there, error))
            return FALSE;
        if (is_there)
            return fail_usage(
                error, operand,
                "lies in an OCI layout, whose files no archive can take the place of");
        char *above = g_path_get_dirname(folder);
        g_free(folder);
        folder = above;
    }
    return folder != NULL;
}

gboolean
hc_image_target_check_compression(const char *operand, HcCompression compression, GError **error)
{
    return compression != HC_COMPRESSION_ZSTD || !g_str_has_prefix(operand, "docker-archive:") ||
           hc_fail(error, HC_ERROR_UNSUPPORTED, "%s: zstd is not for a docker-archive", operand);
}

/* Who gives an archive such a name expects a file of that kind. */
static gboolean
refuse_packed_name(const HcImageRef *ref, const char *operand, GError **error)
{
    static const char *const ends[] = {".gz", ".tgz", ".zst", ".tzst", ".bz2", ".xz"};
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (g_str_has_suffix(ref->path, ends[i]))
            return fail_usage(error, operand,
                              "an archive is written as a plain tar, in which the layers are "
                              "compressed: give it a name that ends with .tar");
    }
    return TRUE;
}

gboolean
hc_image_target_check(const HcImageRef *ref, const char *operand, GError **error)
{
    if (!check_name(ref, operand, error))
        return FALSE;
    if (ref->transport == HC_IMAGE_REMOTE)
        return strchr(operand, '@') == NULL ||
               fail_usage(error, operand, "a digest is what comes out; give a TAG");
    if (ref->transport == HC_IMAGE_DIR)
        return check_new_folder(ref, operand, error);
    if (ref->transport == HC_IMAGE_OCI)
        return check_folder(ref, operand, error);
    return refuse_packed_name(ref, operand, error) && refuse_in_layout(ref, operand, error);
}
