#include "config.h"

#include "hivecore/base/error.h"
#include "hivetool/reading.h"

#include "hivecore/cli/cli-hive.h"
#include "hivecore/delta/differencing-read.h"

static char *root_option;
static gboolean is_salvage;
static char **key_options;
static char *encoding_option;
static char *compat_option;
static char *output_option;

static const GOptionEntry entries[] = {
    {"key", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &key_options,
     "only this key and what is below it; can be repeated", "PATH"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage,
     "of a damaged hive, show what can be read and\ntell what cannot", NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option,
     "where HIVE hangs in the registry,\nlike HKLM\\SOFTWARE", "ROOT"},
    {"encoding", 0, 0, G_OPTION_ARG_FILENAME, &encoding_option, "utf-16le (as regedit) or utf-8",
     "ENCODING"},
    {"compat", 0, 0, G_OPTION_ARG_FILENAME, &compat_option,
     "with regedit: byte for byte as regedit exports,\nwhich cuts strings at a NUL", "regedit"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* What a differencing hive does to the hive below it. */
static gboolean
write_layer(HcRegWriter *writer, const HcHive *layer, const HcPath *path, HcName root,
            uint64_t *n_left_out, GError **error)
{
    if (compat_option != NULL)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: is a differencing hive, which regedit has no text for",
                       hc_hive_file(layer));
    g_autoptr(HcDelta) patch = hc_differencing_read_key(layer, path->names, path->n, error);
    return patch != NULL && hc_reg_writer_delta(writer, patch, root, n_left_out, error);
}

/* What is in the hive and not in the text. */
static void
note_losses(const HcCliContext *context, const char *file, const HcRegWriter *writer,
            uint64_t n_left_out)
{
    const uint64_t n_lossy = hc_reg_writer_n_lossy(writer);
    if (n_left_out > 0)
        hc_cli_note(context, "%s: %" G_GUINT64_FORMAT " thing%s cannot be said in a .reg file%s",
                    file, n_left_out, n_left_out == 1 ? "" : "s",
                    compat_option == NULL ? ", comments in it name them"
                                          : "; without --compat comments name them");
    if (n_lossy > 0)
        hc_cli_note(context,
                    "%s: %" G_GUINT64_FORMAT " string%s not whole in the text, as regedit's export "
                    "has %s; without --compat nothing is lost",
                    file, n_lossy, n_lossy == 1 ? " is" : "s are", n_lossy == 1 ? "it" : "them");
}

static gboolean
write_branch(HcRegWriter *writer, const HcHive *hive, const HtBranch *branch, HcName root,
             uint64_t *n_left_out, GError **error)
{
    const HcPath *path = &branch->path;
    if (hc_hive_info(hive)->is_differencing)
        return write_layer(writer, hive, path, root, n_left_out, error);
    uint64_t n_here = 0;
    const gboolean is_done =
        hc_reg_writer_hive(writer, hive, &branch->key, path->names, path->n, &n_here, error);
    *n_left_out += n_here;
    return is_done;
}

static gboolean
write_branches(const HcCliContext *context, const HcHive *hive, const GArray *branches,
               HcRegWriter *writer, HcName root, GError **error)
{
    uint64_t n_left_out = 0;
    for (guint i = 0; i < branches->len; i++) {
        if (!write_branch(writer, hive, &g_array_index(branches, HtBranch, i), root, &n_left_out,
                          error))
            return FALSE;
    }
    note_losses(context, hc_hive_file(hive), writer, n_left_out);
    return TRUE;
}

/* For a terminal, the text as a whole; else it goes where it goes as it is written. */
static gboolean
emit_branches(HcCliContext *context, const HcHive *hive, const GArray *branches,
              HcRegEncoding encoding, HcName root, char **inputs, GError **error)
{
    const gboolean is_asked = encoding_option != NULL;
    if (output_option == NULL && hc_cli_wants_utf8(context, is_asked && encoding != HC_REG_UTF8)) {
        g_autoptr(HcRegWriter) whole = hc_reg_writer_new(encoding, root);
        g_autoptr(GBytes) text = write_branches(context, hive, branches, whole, root, error)
                                     ? hc_reg_writer_finish(whole, error)
                                     : NULL;
        return text != NULL && ht_emit_reg(context, NULL, inputs, text, is_asked, error);
    }
    g_autoptr(HcStream) out = hc_cli_open_stream(context, output_option, inputs, error);
    if (out == NULL)
        return FALSE;
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new_to(out, encoding, root);
    if (!write_branches(context, hive, branches, writer, root, error))
        return FALSE;
    hc_reg_writer_end(writer);
    return hc_cli_publish(context, out, error);
}

static gboolean
check_compat(GError **error)
{
    if (compat_option == NULL)
        return TRUE;
    if (!g_str_equal(compat_option, "regedit"))
        hc_set_error(error, HC_ERROR_USAGE, "--compat is '%s', not regedit", compat_option);
    else if (encoding_option != NULL && !g_str_equal(encoding_option, "utf-16le"))
        hc_set_error(error, HC_ERROR_USAGE,
                     "--encoding=%s contradicts --compat=regedit, which is utf-16le",
                     encoding_option);
    else
        return TRUE;
    return FALSE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    HcRegEncoding encoding;
    if (!ht_parse_encoding(encoding_option, &encoding, error) || !check_compat(error) ||
        !ht_refuse_overwrite(output_option, args, error))
        return FALSE;
    g_auto(HtReading) reading;
    if (!ht_reading_open(&reading, context, args[0], key_options == NULL, is_salvage, error))
        return FALSE;
    const HcHive *hive = reading.hive;
    g_autoptr(HcRoot) root = ht_need_root(hive, root_option, error);
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GArray) branches =
        root != NULL ? ht_reading_find_branches(&reading, context, arena, key_options, root, error)
                     : NULL;
    if (branches == NULL)
        return FALSE;
    if (compat_option != NULL)
        encoding = HC_REG_REGEDIT;
    if (!emit_branches(context, hive, branches, encoding, ht_root_name(arena, root), args, error))
        return FALSE;
    if (key_options == NULL)
        hc_cli_note_unsound(context, hive);
    *status = ht_reading_branches_status(&reading, context, branches);
    return TRUE;
}

const HcCommand ht_cmd_export = {
    .name = "export",
    .args = "HIVE",
    .summary = "print a hive as a .reg file",
    .details =
        "Of a differencing hive it is a patch: what is deleted in it is a delete. A key or value\n"
        "whose name cannot stand in a .reg file is left out: a comment names it. Several keys\n"
        "stand in the hive's order, one that is below another of them once.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
