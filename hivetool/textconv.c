#include "config.h"

#include "hivetool/golden.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/sha256.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/salvage.h"
#include "hivecore/report/diff-output.h"

/* Text of somebody else, such as a pointer of Git LFS, as it is; else nothing. */
static void
append_foreign(GString *out, const HcMap *map)
{
    const char *text = (const char *) hc_map_data(map);
    const gsize n_bytes = (gsize) hc_map_size(map);
    if (n_bytes == 0 || n_bytes > HC_MAX_TEXTCONV_FOREIGN_BYTES ||
        !g_utf8_validate(text, (gssize) n_bytes, NULL))
        return;
    g_auto(GStrv) lines = NULL;
    g_autofree char *copy = g_strndup(text, n_bytes);
    lines = g_strsplit(copy, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++) {
        if (lines[i][0] == '\0' && lines[i + 1] == NULL)
            break;
        g_string_append(out, "; ");
        hc_append_display(out, lines[i], strlen(lines[i]));
        g_string_append_c(out, '\n');
    }
}

static void
append_head(GString *out, const HcHive *hive)
{
    const HcHiveInfo *info = hc_hive_info(hive);
    g_string_append_printf(out, "; %s hive, version %u.%u, named ",
                           info->is_differencing ? "differencing" : "registry", (guint) info->major,
                           (guint) info->minor);
    hc_name_append_display(out, info->name);
    g_string_append_c(out, '\n');
    if (info->is_dirty)
        g_string_append(out, "; as it stands: changes are still in its transaction logs\n");
}

static void
append_losses(GString *out, const HcFindings *losses)
{
    for (guint i = 0; i < losses->list->len; i++) {
        const HcFinding *loss = (const HcFinding *) losses->list->pdata[i];
        g_string_append_printf(out, "; damaged at 0x%" G_GINT64_MODIFIER "x%s%s: %s\n",
                               loss->offset, loss->place != NULL ? ", " : "",
                               loss->place != NULL ? loss->place : "", loss->text);
    }
    if (losses->n_unlisted > 0)
        g_string_append_printf(out, "; and %" G_GUINT64_FORMAT " more\n", losses->n_unlisted);
}

/* Returns: (transfer full) (nullable): a sound hive of what can be read of a damaged one; what
 * cannot is told in @out. */
static HcHive *
salvage(HcMap *map, GString *out)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(HcFindings) losses = hc_findings_new(hc_map_name(map), HC_MAX_FINDINGS);
    g_autoptr(HcHive) damaged = hc_hive_open_map(map, HC_HIVE_ALLOW_DAMAGED, &failure);
    g_autoptr(GBytes) bytes = damaged != NULL ? hc_salvage(damaged, losses, &failure) : NULL;
    if (bytes == NULL) {
        g_string_append_printf(out, "; nothing of it can be read: %s\n", failure->message);
        return NULL;
    }
    append_losses(out, losses);
    g_autoptr(HcMap) sound = hc_map_from_bytes(hc_map_name(map), g_steal_pointer(&bytes));
    return hc_hive_open_map(sound, HC_HIVE_ALLOW_DIRTY, NULL);
}

/* Returns: (transfer full) (nullable): the hive, sound; what is odd is told in @out. */
static HcHive *
open_hive(HcMap *map, GString *out)
{
    g_autoptr(HcHive) hive = hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY, NULL);
    if (hive != NULL && hc_hive_check(hive, NULL, NULL)) {
        append_head(out, hive);
        return g_steal_pointer(&hive);
    }
    return salvage(map, out);
}

static gboolean
write_lines(HcStream *stream, const HcHive *hive, const char *root_option, GError **error)
{
    g_autoptr(HcRoot) root = NULL;
    return ht_find_root(hive, root_option, &root, error) &&
           hc_report_lines(stream, hive, root != NULL ? root->text : "", error);
}

/* "-" is standard input. */
static HcMap *
open_map(const char *file, GError **error)
{
    if (!g_str_equal(file, "-"))
        return hc_map_open(file, HC_MAX_HIVE_BYTES, error);
    GBytes *bytes = hc_read_stream(file, HC_MAX_HIVE_BYTES, error);
    return bytes != NULL ? hc_map_from_bytes("standard input", bytes) : NULL;
}

gboolean
ht_textconv(HcStream *stream, const char *file, const char *root_option, GError **error)
{
    g_autoptr(HcMap) map = open_map(file, error);
    return map != NULL && ht_textconv_map(stream, map, root_option, error);
}

gboolean
ht_textconv_map(HcStream *stream, HcMap *map, const char *root_option, GError **error)
{
    GString *out = hc_stream_text(stream);
    GError *failure = NULL;
    g_autofree char *digest = hc_sha256_of(hc_map_data(map), (gsize) hc_map_size(map));
    g_string_append_printf(out, "; %" G_GUINT64_FORMAT " bytes, sha256:%s\n", hc_map_size(map),
                           digest);
    const gboolean is_hive = hc_hive_has_signature(hc_map_data(map), hc_map_size(map));
    g_autoptr(HcHive) hive = is_hive ? open_hive(map, out) : NULL;
    if (!is_hive) {
        g_string_append(out, "; not a hive\n");
        append_foreign(out, map);
    }
    /* Without an error the stream has failed, which its end tells. */
    return hive == NULL || write_lines(stream, hive, root_option, &failure) || failure == NULL ||
           hc_fail_with(error, failure);
}
