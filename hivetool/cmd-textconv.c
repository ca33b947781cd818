#include "config.h"

#include "hivetool/common.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/sha256.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/salvage.h"
#include "hivecore/report/lines.h"

static char *output_option;
static char *root_option;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where the hive hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

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
write_lines(HcStream *stream, const HcHive *hive, GError **error)
{
    g_autoptr(HcRoot) root = NULL;
    return ht_find_root(hive, root_option, &root, error) &&
           hc_report_lines(stream, hive, root != NULL ? root->text : "", error);
}

/* The file alone is read, without logs beside it, so that the same bytes give the same text; and
 * there is a text whatever they are, since git shows nothing at all of a commit where one fails. */
static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    g_autoptr(HcMap) map = hc_map_open(args[0], HC_MAX_HIVE_BYTES, error);
    g_autoptr(HcStream) stream =
        map != NULL ? hc_cli_open_stream(context, output_option, args, error) : NULL;
    if (stream == NULL)
        return FALSE;
    GString *out = hc_stream_text(stream);
    GError *failure = NULL;
    g_autofree char *digest = hc_sha256_of(hc_map_data(map), (gsize) hc_map_size(map));
    g_string_append_printf(out, "; %" G_GUINT64_FORMAT " bytes, sha256:%s\n", hc_map_size(map),
                           digest);
    const gboolean is_hive = hc_map_size(map) >= 4 && memcmp(hc_map_data(map), "regf", 4) == 0;
    g_autoptr(HcHive) hive = is_hive ? open_hive(map, out) : NULL;
    if (!is_hive) {
        g_string_append(out, "; not a hive\n");
        append_foreign(out, map);
    }
    if (hive != NULL && !write_lines(stream, hive, &failure) && failure != NULL)
        return hc_fail_with(error, failure);
    *status = HC_EXIT_OK;
    return hc_cli_publish(context, stream, error);
}

const HcCommand ht_cmd_textconv = {
    .name = "textconv",
    .also = "text lines git",
    .group = "look into hives",
    .args = "FILE",
    .summary = "print a hive as lines that git and other programs can compare",
    .details =
        "A block for each key, a line for each value, string of a list, piece of a PATH and 16\n"
        "bytes of binary data, in the order of the registry; without times. FILE is read as it\n"
        "stands, without the logs beside it. There is a text whatever FILE is, so that git can go\n"
        "on: of a damaged hive what can be read and what cannot, of what is no hive its digest.\n"
        "docs/git.md says how git uses it.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .statuses = "0 printed",
    .examples = "hivetool textconv SOFTWARE\n"
                "hivetool textconv --root 'HKLM\\SOFTWARE' SOFTWARE -o SOFTWARE.txt",
    .run = run,
};
