#include "config.h"

#include "hivetool/common.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/regf/types.h"
#include "hivecore/report/report.h"

gboolean
ht_parse_encoding(const char *text, HcRegEncoding *encoding, GError **error)
{
    const int choice = hc_cli_encoding_parse(text, error);
    *encoding = (HcRegEncoding) MAX(choice, 0);
    return choice >= 0;
}

HcHive *
ht_open_ordinary_of(const HcCliContext *context, HcRegistry *state, guint index, GError **error)
{
    const HcHiveReading how = {.flags = 0};
    g_autoptr(HcHive) hive = hc_cli_open_hive_of(context, state, index, &how, error);
    if (hive == NULL)
        return NULL;
    if (hc_hive_info(hive)->is_differencing)
        return hc_fail_null(error, HC_ERROR_UNSUPPORTED,
                            "%s: is a differencing hive, which means something only above its base",
                            hc_hive_file(hive));
    return g_steal_pointer(&hive);
}

HcRoot *
ht_guess_root(const HcHive *hive)
{
    return hc_root_guess(hc_hive_file(hive), hc_hive_info(hive)->name);
}

gboolean
ht_find_root(const HcHive *hive, const char *option, HcRoot **root, GError **error)
{
    if (option == NULL) {
        *root = ht_guess_root(hive);
        return TRUE;
    }
    *root = hc_root_parse_word(option, error);
    return *root != NULL;
}

HcRoot *
ht_need_root(const HcHive *hive, const char *option, GError **error)
{
    HcRoot *root;
    if (!ht_find_root(hive, option, &root, error))
        return NULL;
    if (root == NULL)
        hc_set_error(
            error, HC_ERROR_USAGE,
            "%s: neither the file's name nor the hive says where in the registry it hangs, "
            "use --root",
            hc_hive_file(hive));
    return root;
}

HcName
ht_root_name(HcArena *arena, const HcRoot *root)
{
    return root != NULL ? hc_name_from_utf8(arena, root->text, strlen(root->text)) : HC_NAME_EMPTY;
}

gboolean
ht_refuse_tombstone(const HcHive *hive, const char *text, const HcKey *key, GError **error)
{
    if ((key->layer_bits & HC_LAYER_SEMANTICS) != HC_LAYER_TOMBSTONE)
        return TRUE;
    return hc_fail(error, HC_ERROR_NOT_FOUND, "%s: %s: this layer deletes the key",
                   hc_hive_file(hive), text);
}

gboolean
ht_name_json(GError **error, const char *how)
{
    if (error == NULL || !g_error_matches(*error, HC_ERROR, HC_ERROR_UNSUPPORTED))
        return FALSE;
    g_autofree char *message = (*error)->message;
    (*error)->message = g_strdup_printf("%s; use %s", message, how);
    return FALSE;
}

gboolean
ht_emit_like(HcCliContext *context, const char *output, char *const *inputs, const void *bytes,
             gsize n_bytes, GError **error)
{
    g_autoptr(HcStream) stream = hc_cli_open_stream(context, output, inputs, error);
    if (stream == NULL)
        return FALSE;
    hc_stream_put(stream, bytes, n_bytes);
    return hc_cli_publish(context, stream, error);
}

gboolean
ht_emit(HcCliContext *context, const char *output, const void *bytes, gsize n_bytes, GError **error)
{
    char *const no_inputs[] = {NULL};
    return ht_emit_like(context, output, no_inputs, bytes, n_bytes, error);
}

void
ht_note_wide(const HcCliContext *context, const char *output, HcRegEncoding encoding,
             gboolean is_encoding_asked)
{
    struct stat status;
    if (output != NULL || is_encoding_asked || encoding == HC_REG_UTF8 ||
        fstat(STDOUT_FILENO, &status) != 0 || !S_ISFIFO(status.st_mode))
        return;
    hc_cli_note(context,
                "the text is UTF-16, as regedit writes it; --encoding=utf-8 is for grep and "
                "other programs, --encoding=utf-16le for no such line");
}

gboolean
ht_emit_reg(HcCliContext *context, const char *output, char *const *inputs, GBytes *text,
            gboolean is_encoding_asked, GError **error)
{
    gsize n_bytes;
    const void *bytes = g_bytes_get_data(text, &n_bytes);
    if (output != NULL)
        return ht_emit_like(context, output, inputs, bytes, n_bytes, error);
    hc_cli_append_reg(context, bytes, n_bytes, is_encoding_asked);
    return TRUE;
}

void
ht_strip_reg_words(char **files)
{
    for (; *files != NULL; files++)
        if (g_str_has_prefix(*files, "change:") || g_str_has_prefix(*files, "state:")) {
            const char *file = strchr(*files, ':') + 1;
            memmove(*files, file, strlen(file) + 1);
        }
}
