#include "config.h"

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivetool/key-records.h"
#include "hivetool/reading.h"

#include "hivecore/cli/cli-hive.h"
#include "hivecore/delta/differencing.h"

static char *root_option;
static char *user_option;
static gboolean is_salvage;
static char **key_options;
static char *encoding_option;
static char *compat_option;
static char *output_option;
static char *format_option;

#define FORMATS                                                                                    \
    (HC_FORMAT_BIT(HC_FORMAT_REG) | HC_FORMAT_BIT(HC_FORMAT_JSON) |                                \
     HC_FORMAT_BIT(HC_FORMAT_NDJSON) | HC_FORMAT_BIT(HC_FORMAT_CSV) |                              \
     HC_FORMAT_BIT(HC_FORMAT_REG_ADD) | HC_FORMAT_BIT(HC_FORMAT_POL))

static const GOptionEntry entries[] = {
    {"key", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &key_options,
     "only this key and what is below it, as KEY", "PATH"},
    {"format", 0, 0, G_OPTION_ARG_FILENAME, &format_option,
     "reg, reg-add, pol, or as records json, ndjson or csv", "FORMAT"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output_option,
     "write to OUT instead of standard output", "OUT"},
    {"salvage", 0, 0, G_OPTION_ARG_NONE, &is_salvage, "show what can be read of a damaged hive",
     NULL},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &root_option, "where HIVE hangs, like HKLM\\SOFTWARE",
     "ROOT"},
    {"encoding", 0, 0, G_OPTION_ARG_FILENAME, &encoding_option,
     "utf-16le (as regedit), or utf-8 for grep and others", "ENCODING"},
    {"compat", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_FILENAME, &compat_option,
     "alone or with regedit: byte for byte as regedit\nexports, which cuts strings at a NUL",
     "regedit"},
    HT_KEY_USER_OPTION_ENTRY(user_option),
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
    g_autoptr(HcDelta) patch = hc_differencing_read_key(layer, *path, error);
    return patch != NULL && hc_reg_writer_delta(writer, patch, root, n_left_out, error);
}

/* What is in the hive and not in the text. */
static void
note_losses(const HcCliContext *context, const char *file, uint64_t n_lossy, uint64_t n_left_out)
{
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

/* What is exported, and how. */
typedef struct {
    HcCliContext *context;
    HcOperand operand;
    HcRegEncoding encoding;
    HcArena *arena;
    HcRoot *root;   /* of the one hive */
    HcExit *status; /* HC_EXIT_NO when something could not be read */
} Export;

static void
export_clear(Export *export)
{
    hc_operand_clear(&export->operand);
    g_clear_pointer(&export->arena, hc_arena_free);
    g_clear_pointer(&export->root, hc_root_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Export, export_clear)

/* @root: (nullable): names that stand before those of the branch, where the writer has no root of
 * its own */
static gboolean
write_branch(HcRegWriter *writer, const HcHive *hive, const HtBranch *branch, const HcRoot *root,
             uint64_t *n_left_out, GError **error)
{
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcPath path = hc_path_join(arena, hc_root_path(root), branch->path);
    uint64_t n_here = 0;
    const gboolean is_done = hc_reg_writer_hive(writer, hive, &branch->key, path, &n_here, error);
    *n_left_out += n_here;
    return is_done;
}

static gboolean
write_branches(const Export *export, const HtReading *reading, const GArray *branches,
               HcRegWriter *writer, const HcRoot *root, GError **error)
{
    const HcHive *hive = reading->hive;
    uint64_t n_left_out = 0;
    /* The writer counts on from hive to hive. */
    const uint64_t n_before = hc_reg_writer_n_lossy(writer);
    for (guint i = 0; i < branches->len; i++) {
        const HtBranch *branch = &g_array_index(branches, HtBranch, i);
        const gboolean is_done =
            hc_hive_info(hive)->is_differencing
                ? write_layer(writer, hive, &branch->path,
                              ht_root_name(export->arena, export->root), &n_left_out, error)
                : write_branch(writer, hive, branch, root, &n_left_out, error);
        if (!is_done)
            return FALSE;
    }
    note_losses(export->context, hc_hive_file(hive), hc_reg_writer_n_lossy(writer) - n_before,
                n_left_out);
    if (key_options == NULL)
        hc_cli_note_unsound(export->context, hive);
    if (ht_reading_branches_status(reading, export->context, branches) != HC_EXIT_OK)
        *export->status = HC_EXIT_NO;
    return TRUE;
}

/* One of several hives, from its HKEY_ name on. */
static gboolean
write_hive(const Export *export, guint index, HcRegWriter *writer, GError **error)
{
    const HcRegistryHive *named = hc_registry_hive(export->operand.state, index);
    g_autofree char **keys = NULL;
    gboolean is_asked;
    if (!ht_pick_keys(&export->operand, key_options, index, &keys, &is_asked, error))
        return FALSE;
    if (!is_asked)
        return TRUE;
    if (named->root == NULL) {
        hc_cli_note(export->context, "%s: left out, where it hangs in the registry is not known",
                    named->name);
        return TRUE;
    }
    g_auto(HtReading) reading;
    if (!ht_reading_open_of(&reading, export->context, export->operand.state, index,
                            key_options == NULL, is_salvage, error))
        return FALSE;
    if (hc_hive_info(reading.hive)->is_differencing)
        return hc_fail(error, HC_ERROR_UNSUPPORTED,
                       "%s: is a differencing hive; its patch is exported alone", named->name);
    g_autoptr(GArray) branches = ht_reading_find_branches(&reading, export->context, export->arena,
                                                          keys, named->root, error);
    return branches != NULL &&
           write_branches(export, &reading, branches, writer, named->root, error);
}

static gboolean
write_state(const Export *export, HcRegWriter *writer, GError **error)
{
    for (guint i = 0; i < hc_registry_n_hives(export->operand.state); i++) {
        if (!write_hive(export, i, writer, error))
            return FALSE;
    }
    return TRUE;
}

/* All that is exported; of one hive, what is open in @reading. */
static gboolean
write_all(const Export *export, const HtReading *reading, const GArray *branches,
          HcRegWriter *writer, GError **error)
{
    return branches != NULL ? write_branches(export, reading, branches, writer, NULL, error)
                            : write_state(export, writer, error);
}

/* For a terminal, the text as a whole; else it goes where it goes as it is written. */
static gboolean
emit(const Export *export, const HtReading *reading, const GArray *branches, char **inputs,
     GError **error)
{
    HcCliContext *context = export->context;
    const HcName root = ht_root_name(export->arena, export->root);
    const HcRegEncoding encoding = export->encoding;
    const gboolean is_asked = encoding_option != NULL;
    if (output_option == NULL && hc_cli_wants_utf8(context, is_asked && encoding != HC_REG_UTF8)) {
        g_autoptr(HcRegWriter) whole = hc_reg_writer_new(encoding, root);
        g_autoptr(GBytes) text = write_all(export, reading, branches, whole, error)
                                     ? hc_reg_writer_finish(whole, error)
                                     : NULL;
        return text != NULL && ht_emit_reg(context, NULL, inputs, text, is_asked, error);
    }
    g_autoptr(HcStream) out = hc_cli_open_stream(context, output_option, inputs, error);
    if (out == NULL)
        return FALSE;
    ht_note_wide(context, output_option, encoding, is_asked || compat_option != NULL);
    g_autoptr(HcRegWriter) writer = hc_reg_writer_new_to(out, encoding, root);
    if (!write_all(export, reading, branches, writer, error))
        return FALSE;
    hc_reg_writer_end(writer);
    return hc_cli_publish(context, out, error);
}

static gboolean
export_one(Export *export, char **args, GError **error)
{
    g_auto(HtReading) reading = {NULL, NULL};
    if (!ht_reading_open_of(&reading, export->context, export->operand.state, 0,
                            key_options == NULL, is_salvage, error) ||
        !ht_find_root_of(&export->operand, 0, reading.hive, root_option, &export->root, error))
        return FALSE;
    if (export->root == NULL)
        export->root = ht_need_root(reading.hive, NULL, error);
    g_autoptr(GArray) branches =
        export->root != NULL ? ht_reading_find_branches(&reading, export->context, export->arena,
                                                        key_options, export->root, error)
                             : NULL;
    return branches != NULL && emit(export, &reading, branches, args, error);
}

static gboolean
check_compat(HcRegEncoding encoding, GError **error)
{
    static const HcChoice compats[] = {{"regedit", 0}};
    if (compat_option == NULL)
        return TRUE;
    if (*compat_option != '\0' && HC_CHOICE_PARSE("--compat is", compat_option, compats, error) < 0)
        return FALSE;
    return encoding == HC_REG_UTF16 ||
           hc_fail(error, HC_ERROR_USAGE,
                   "--encoding=%s contradicts --compat=regedit, which is utf-16le",
                   encoding_option);
}

/* .reg is the text of this command. */
static gboolean
check_format(HcFormat format, GError **error)
{
    if (format == HC_FORMAT_TEXT || format == HC_FORMAT_REG ||
        (encoding_option == NULL && compat_option == NULL))
        return TRUE;
    return hc_fail(error, HC_ERROR_USAGE, "--%s is only for --format=reg",
                   encoding_option != NULL ? "encoding" : "compat");
}

static gboolean
run_inputs(HcCliContext *context, char **args, HcExit *status, GError **error)
{
    g_auto(Export) export = {.context = context, .arena = hc_arena_new(), .status = status};
    HcFormat format;
    if (!hc_format_parse(format_option, FORMATS, &format, error) || !check_format(format, error) ||
        !ht_parse_encoding(encoding_option, &export.encoding, error) ||
        !check_compat(export.encoding, error) ||
        !hc_cli_refuse_overwrite(output_option, args, error) ||
        !hc_cli_operand_open(&export.operand, args[0], error) ||
        !ht_operand_take_user(&export.operand, user_option, (const char *const *) key_options,
                              error))
        return FALSE;
    if (compat_option != NULL)
        export.encoding = HC_REG_REGEDIT;
    *status = HC_EXIT_OK;
    if (format != HC_FORMAT_TEXT && format != HC_FORMAT_REG) {
        const HtExport wanted = {&export.operand, key_options, root_option, is_salvage};
        if (format == HC_FORMAT_REG_ADD || format == HC_FORMAT_POL)
            return ht_export_patch(context, &wanted, format, output_option, args, status, error);
        return ht_export_records(context, &wanted, format, output_option, args, status, error);
    }
    if (export.operand.is_one)
        return export_one(&export, args, error);
    if (root_option != NULL)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--root is for one hive, those of %s are at places of their own", args[0]);
    return emit(&export, NULL, NULL, args, error);
}

/* Keys are operands, too. */
static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    char **given = key_options;
    const guint n_given = given != NULL ? g_strv_length(given) : 0;
    char *inputs[] = {args[0], NULL};
    g_autofree char **keys = g_new0(char *, n_given + (guint) n_args);
    for (guint i = 0; i < n_given; i++)
        keys[i] = given[i];
    for (int i = 1; i < n_args; i++)
        keys[n_given + (guint) i - 1] = args[i];
    key_options = keys[0] != NULL ? keys : NULL;
    const gboolean is_done = run_inputs(context, inputs, status, error);
    key_options = given;
    return is_done;
}

const HcCommand ht_cmd_export = {
    .name = "export",
    .also = "dump save reg print",
    .group = "look into hives",
    .args = "HIVE [KEY...]",
    .summary = "print a hive, or keys of it, as a .reg file",
    .details =
        "Of a differencing hive it is a patch: what is deleted in it is a delete. A key or value\n"
        "whose name cannot stand in a .reg file is left out: a comment names it. Several keys\n"
        "stand in the hive's order, one that is below another of them once. Several hives, a\n"
        "folder, a Windows disk, an image or a layer, are one file.",
    .options = entries,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 all of it, 1 a part is lost",
    .examples = "hivetool export SOFTWARE -o software.reg\n"
                "hivetool export SYSTEM Select",
    .run = run,
};
