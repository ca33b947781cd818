#include "config.h"

#include "hivecore/registry/operand.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/file.h"
#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/reg/reg-script.h"
#include "hivecore/reg/wine.h"
#include "hivecore/registry/registry-private.h"

/* --- by the spelling --- */

static gboolean
is_there(const char *file)
{
    struct stat status;
    return stat(file, &status) == 0;
}

/* The kind of @source that a prefix tells, or, without @has_prefix, what is there. */
static const HcSourceKind *
find_kind(const char *source, gboolean has_prefix, gboolean is_named,
          const HcSourceKind *const *kinds)
{
    for (; *kinds != NULL; kinds++) {
        if ((*kinds)->has_prefix == has_prefix && (*kinds)->is_mine(source, is_named))
            return *kinds;
    }
    return NULL;
}

static const HcSourceKind *
find_prefix(const char *text, const HcSourceKind *const *kinds)
{
    return find_kind(text, TRUE, FALSE, kinds);
}

gboolean
hc_operand_is_pair(const char *text, const HcSourceKind *const *kinds)
{
    const char *equals = strchr(text, '=');
    return equals != NULL && memchr(text, '/', (gsize) (equals - text)) == NULL &&
           find_prefix(text, kinds) == NULL;
}

/* Takes NAME= off. */
static gboolean
split_pair(HcOperandParts *parts, const char **text, GError **error)
{
    const char *equals = strchr(*text, '=');
    g_autofree char *name = g_strndup(*text, (gsize) (equals - *text));
    parts->root = hc_root_parse_name(name, NULL);
    if (parts->root == NULL)
        return is_there(*text) ||
               hc_fail(error, HC_ERROR_USAGE,
                       "%s: NAME is not SOFTWARE, SYSTEM, SAM, SECURITY, DEFAULT or a place such "
                       "as HKLM\\FOO (a file of this name is ./%s)",
                       *text, *text);
    if (equals[1] == '\0')
        return hc_fail(error, HC_ERROR_USAGE, "%s: not of the form NAME=HIVE", *text);
    *text = equals + 1;
    return TRUE;
}

/* Whether the //NAME at @slashes is one, and not the end of a file's path: hives in folders are
 * called anything, those in other sources are at places that everybody knows. */
static gboolean
is_hive_name(const char *text, const char *slashes, const HcSourceKind *const *kinds)
{
    g_autofree char *head = g_strndup(text, (gsize) (slashes - text));
    g_autoptr(HcRoot) root = hc_root_parse_name(slashes + 2, NULL);
    const HcSourceKind *kind = find_prefix(text, kinds);
    struct stat status;
    if (root != NULL || kind == NULL)
        return root != NULL || (stat(head, &status) == 0 && S_ISDIR(status.st_mode));
    g_autofree char *file = kind->file(text);
    return !is_there(file);
}

static void
split_source(HcOperandParts *parts, const char *text, const HcSourceKind *const *kinds)
{
    const char *slash = strrchr(text, '/');
    parts->source = g_strdup(text);
    /* A file of this very name is what its user means. */
    if (!is_there(text)) {
        if (slash != NULL && slash >= text + 2 && slash[-1] == '/' && slash[1] != '\0' &&
            slash[-2] != ':' && /* of docker:// */
            is_hive_name(text, slash - 1, kinds)) {
            parts->hive = g_strdup(slash + 1);
            parts->source[slash - 1 - text] = '\0';
        }
        parts->kind = find_prefix(parts->source, kinds);
    }
    if (parts->kind == NULL) {
        parts->kind = find_kind(parts->source, FALSE, parts->hive != NULL, kinds);
        return;
    }
    const gsize n = strlen(parts->source);
    char *bracket = strrchr(parts->source, '[');
    if (bracket == NULL || parts->source[n - 1] != ']')
        return;
    parts->platform = g_strndup(bracket + 1, n - 2 - (gsize) (bracket - parts->source));
    *bracket = '\0';
}

gboolean
hc_operand_split(HcOperandParts *parts, const char *text, const HcSourceKind *const *kinds,
                 GError **error)
{
    *parts = (HcOperandParts){0};
    parts->is_state = g_str_has_prefix(text, "state:");
    parts->is_change = g_str_has_prefix(text, "change:");
    if (parts->is_state || parts->is_change)
        text = strchr(text, ':') + 1;
    if (!parts->is_change && hc_operand_is_pair(text, kinds) && !split_pair(parts, &text, error))
        return FALSE;
    split_source(parts, text, kinds);
    return TRUE;
}

void
hc_operand_parts_clear(HcOperandParts *parts)
{
    hc_root_free(parts->root);
    g_free(parts->source);
    g_free(parts->platform);
    g_free(parts->hive);
}

/* --- by the content --- */

gsize
hc_read_start(const char *file, uint8_t *bytes, gsize n_bytes)
{
    struct stat status;
    /* Who writes to a pipe would be told that nobody reads it any more. */
    const int fd = stat(file, &status) == 0 && S_ISREG(status.st_mode)
                       ? open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
                       : -1;
    const gssize n = fd >= 0 ? hc_pread(fd, bytes, n_bytes, 0) : -1;
    if (fd >= 0)
        (void) close(fd); /* only read from */
    return n > 0 ? (gsize) n : 0;
}

/* Whether this is how a patch starts: of 8-bit or UTF-16 text the first word, with a BOM or none.
 */
static gboolean
starts_patch(const char *bytes, gsize n_bytes, gboolean is_reg)
{
    static const char *const starts[] = {"windows registry editor", "regedit", "{", "preg"};
    const gsize n_starts = is_reg ? 2 : G_N_ELEMENTS(starts);
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < n_bytes; i++) {
        const guchar byte = (guchar) bytes[i];
        const gboolean is_blank = byte == 0 || byte >= 0x80 || g_ascii_isspace(bytes[i]);
        if (byte != 0 && byte < 0x80 && !(is_blank && text->len == 0))
            g_string_append_c(text, g_ascii_tolower(bytes[i]));
    }
    for (gsize i = 0; i < n_starts; i++) {
        if (g_str_has_prefix(text->str, starts[i]))
            return !g_str_has_prefix(text->str, "{\\rtf");
    }
    return FALSE;
}

static gboolean
is_reg_file(const char *file)
{
    char start[128];
    const gsize n = hc_read_start(file, (uint8_t *) start, sizeof(start));
    return starts_patch(start, n, TRUE);
}

/* The first bytes that are enough to tell a patch. */
#define START_BYTES 4096u

/* @is_change: said by the user; a hive that is no change is none all the same. @hive: (nullable):
 * opened, where it starts as one */
static HcOperandKind
kind_of_start(const char *start, gsize n_bytes, const HcHive *hive, gboolean is_change)
{
    if (hc_hive_has_signature(start, n_bytes))
        return hive != NULL && hc_hive_info(hive)->is_differencing ? HC_OPERAND_LAYER
                                                                   : HC_OPERAND_STATE;
    return is_change || starts_patch(start, n_bytes, FALSE) ||
                   hc_reg_script_is((const uint8_t *) start, n_bytes)
               ? HC_OPERAND_CHANGE
               : HC_OPERAND_STATE;
}

#define LOOKING (HC_HIVE_LAZY | HC_HIVE_ALLOW_DIRTY | HC_HIVE_ALLOW_DAMAGED)

static HcOperandKind
kind_of_file(const char *file, gboolean is_change)
{
    char start[START_BYTES];
    struct stat status;
    if (stat(file, &status) != 0)
        return HC_OPERAND_STATE;
    if (!S_ISREG(status.st_mode))
        return HC_OPERAND_CHANGE;
    const gsize n = hc_read_start(file, (uint8_t *) start, sizeof(start));
    g_autoptr(HcHive) hive =
        hc_hive_has_signature(start, n) ? hc_hive_open(file, LOOKING, NULL) : NULL;
    return kind_of_start(start, n, hive, is_change);
}

/* --- states --- */

/* The hive called @name of @all alone. */
static HcRegistry *
pick_hive(const HcRegistry *all, const char *name, GError **error)
{
    const int index = hc_registry_find_name(all, name);
    if (index >= 0) {
        HcRegistry *one = hc_registry_new(hc_registry_name(all), NULL, NULL);
        hc_registry_add_same(one, all, (guint) index);
        return one;
    }
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < hc_registry_n_hives(all); i++)
        g_string_append_printf(names, " %s", hc_registry_hive(all, i)->label);
    return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s//%s: no such hive: there is%s",
                        hc_registry_name(all), name, names->str);
}

/* Standard input, read: its state, and what it is. */
static HcRegistry *
open_stdin(HcOperand *operand, const HcOperandParts *parts, GError **error)
{
    gsize n;
    operand->content = hc_read_stream("-", HC_MAX_PATCH_BYTES, error);
    if (operand->content == NULL)
        return NULL;
    const char *bytes = g_bytes_get_data(operand->content, &n);
    g_autoptr(HcMap) map = hc_map_from_bytes("-", g_bytes_ref(operand->content));
    g_autoptr(HcHive) hive =
        hc_hive_has_signature(bytes, n) ? hc_hive_open_map(map, LOOKING, NULL) : NULL;
    const gboolean is_wine = hc_wine_is((const uint8_t *) bytes, n);
    const gboolean is_export = parts->is_state && starts_patch(bytes, MIN(n, START_BYTES), TRUE);
    HcRoot *root = hive != NULL ? hc_root_guess("", hc_hive_info(hive)->name) : NULL;
    if (is_wine)
        root = hc_wine_root((const uint8_t *) bytes, n);
    else if (is_export) {
        g_autoptr(HcDelta) all = hc_reg_state_read("-", operand->content, &root, error);
        if (all == NULL)
            return NULL;
    }
    HcRegistry *registry = hc_registry_new("-", NULL, NULL);
    hc_registry_add_content(registry, operand->content, is_wine || is_export, root);
    operand->kind = kind_of_start(bytes, MIN(n, START_BYTES), hive, parts->is_change);
    return registry;
}

static HcRegistry *
open_source(const HcOperandParts *parts, gboolean *is_one, GError **error)
{
    struct stat status;
    *is_one = parts->hive != NULL;
    if (parts->kind != NULL)
        return parts->kind->open(parts->source, parts->platform, parts->hive, error);
    if (stat(parts->source, &status) == 0 && S_ISDIR(status.st_mode)) {
        g_autoptr(HcRegistry) all = hc_registry_open_folder(parts->source, error);
        return all == NULL || parts->hive == NULL ? g_steal_pointer(&all)
                                                  : pick_hive(all, parts->hive, error);
    }
    *is_one = TRUE;
    g_autoptr(HcRegistry) registry = hc_registry_new(parts->source, NULL, NULL);
    if (!parts->is_state || !is_reg_file(parts->source)) {
        hc_registry_add_file(registry, parts->source);
        return g_steal_pointer(&registry);
    }
    HcRoot *root = hc_reg_state_root(parts->source, error);
    if (root == NULL)
        return NULL;
    hc_registry_add_text(registry, parts->source, root);
    return g_steal_pointer(&registry);
}

static gboolean
check_said(const HcOperand *operand, const HcOperandParts *parts, GError **error)
{
    if (parts->root != NULL && !operand->is_one)
        return hc_fail(error, HC_ERROR_USAGE, "%s: is not one hive, which NAME= is for",
                       operand->text);
    if (parts->is_change && operand->kind == HC_OPERAND_STATE)
        return hc_fail(error, HC_ERROR_USAGE, "%s: is no patch or differencing hive",
                       operand->text);
    return TRUE;
}

/* For who wants a state. */
static void
remark_change(const HcOperand *operand)
{
    const char *text = operand->text + (g_str_has_prefix(operand->text, "change:") ? 7 : 0);
    gsize n = 0;
    const char *bytes = operand->content != NULL ? g_bytes_get_data(operand->content, &n) : NULL;
    const gboolean is_reg =
        bytes != NULL ? starts_patch(bytes, MIN(n, START_BYTES), TRUE) : is_reg_file(operand->file);
    g_autofree char *remark =
        is_reg ? g_strconcat("state:", text, " takes what it says for all that is there", NULL)
               : g_strdup("it is a patch, which 'hivetool apply' applies to a hive");
    hc_registry_set_remark(operand->state, 0, remark);
}

gboolean
hc_operand_open(HcOperand *operand, const char *text, const HcSourceKind *const *kinds,
                GError **error)
{
    g_auto(HcOperandParts) parts;
    *operand = (HcOperand){.text = g_strdup(text)};
    if (!hc_operand_split(&parts, text, kinds, error))
        return FALSE;
    const gboolean is_stdin = parts.kind == NULL && strcmp(parts.source, "-") == 0;
    operand->file = g_strdup(parts.source);
    operand->is_one = is_stdin;
    operand->state = is_stdin ? open_stdin(operand, &parts, error)
                              : open_source(&parts, &operand->is_one, error);
    if (operand->state == NULL)
        return FALSE;
    operand->is_pair = parts.root != NULL;
    if (operand->is_pair && operand->is_one)
        hc_registry_set_root(operand->state, 0, hc_root_copy(parts.root));
    if (parts.kind == NULL && parts.hive == NULL && operand->is_one && !is_stdin)
        operand->kind = kind_of_file(parts.source, parts.is_change);
    if (operand->kind == HC_OPERAND_CHANGE && !parts.is_state)
        remark_change(operand);
    /* What has a place, or was said to be a state, is a hive, whose reader says what it is not. */
    if (operand->kind == HC_OPERAND_CHANGE && (parts.root != NULL || parts.is_state))
        operand->kind = HC_OPERAND_STATE;
    return check_said(operand, &parts, error);
}

void
hc_operand_clear(HcOperand *operand)
{
    g_free(operand->text);
    g_free(operand->file);
    g_clear_pointer(&operand->content, g_bytes_unref);
    g_clear_pointer(&operand->state, hc_registry_free);
}
