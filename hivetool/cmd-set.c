#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/regf/security.h"
#include "hivetool/verb.h"

static HtPatching how = {.lock_timeout = HC_LOCK_TIMEOUT};
static char *type_option;
static char *security_option;

static const GOptionEntry entries[] = {
    {"type", 't', 0, G_OPTION_ARG_FILENAME, &type_option,
     "sz, expand_sz, multi_sz, dword, qword, binary, … or\na number; else that of the value, or sz",
     "TYPE"},
    {"security", 0, 0, G_OPTION_ARG_FILENAME, &security_option,
     "the security descriptor of KEY, in SDDL", "SDDL"},
    HT_PATCHING_OPTION_ENTRIES(how),
    HT_KEY_USER_OPTION_ENTRY(how.key_user),
    HC_NEW_KEYS_OPTION_ENTRY(how.patch),
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

/* What is set. */
typedef struct {
    HcArena *arena;
    HtVerbKey key;
    gboolean has_value;
    HcName name;
    uint32_t type;
    GByteArray *data;
    GBytes *security;
} Setting;

static void
setting_clear(Setting *setting)
{
    ht_verb_key_clear(&setting->key);
    g_clear_pointer(&setting->arena, hc_arena_free);
    g_clear_pointer(&setting->data, g_byte_array_unref);
    g_clear_pointer(&setting->security, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Setting, setting_clear)

static gboolean
fill(HcDelta *patch, gconstpointer data, GError **error)
{
    const Setting *setting = data;
    const HcOrigin origin = {0, 0};
    HcDeltaKey *key = hc_delta_ensure_key(patch, setting->key.path, origin, error);
    if (key == NULL)
        return FALSE;
    if (setting->security != NULL) {
        gsize n_bytes;
        const uint8_t *bytes = g_bytes_get_data(setting->security, &n_bytes);
        key->after.security = hc_delta_dup_blob(patch, (HcBlob){bytes, (uint32_t) n_bytes}, TRUE);
        key->changed |= HC_CHANGED_SECURITY;
    }
    return !setting->has_value ||
           hc_delta_set_value(patch, key, setting->name, setting->type,
                              (HcBlob){setting->data->data, setting->data->len}, origin, error);
}

/* "dword:10" and "hex:00,ff" may be meant as in a .reg file, where 10 is 16, or as text: neither is
 * done unasked. */
static gboolean
refuse_reg_spelling(const char *word, GError **error)
{
    const char *data = strchr(word, ':');
    const gboolean is_dword = g_ascii_strncasecmp(word, "dword:", 6) == 0;
    const gboolean is_hex = g_ascii_strncasecmp(word, "hex:", 4) == 0;
    const gboolean is_typed_hex = g_ascii_strncasecmp(word, "hex(", 4) == 0;
    if (data == NULL || !(is_dword || is_hex || is_typed_hex))
        return TRUE;
    data++;
    const gsize n = strspn(data, is_dword ? "0123456789abcdefABCDEF" : "0123456789abcdefABCDEF, ");
    if (n == 0 || data[n] != '\0')
        return TRUE;
    if (is_typed_hex)
        return hc_fail(error, HC_ERROR_USAGE,
                       "DATA is '%s': 'hivetool apply' takes what is so written in a .reg file, "
                       "--type=sz this text",
                       word);
    return hc_fail(error, HC_ERROR_USAGE,
                   "DATA is '%s': as in a .reg file it is --type=%s %s%s, and --type=sz for this "
                   "text",
                   word, is_dword ? "dword" : "binary", is_dword ? "0x" : "", data);
}

/* The type that is not said: that of the value; of several words a list; else text. */
static gboolean
choose_type(const HcValue *value, char **words, uint32_t *type, GError **error)
{
    const gboolean is_list = words[0] != NULL && words[1] != NULL;
    if (type_option != NULL)
        return ht_type_parse(type_option, type, error);
    *type = value != NULL ? value->type : is_list ? HC_REG_MULTI_SZ : HC_REG_SZ;
    const gboolean is_text =
        *type == HC_REG_SZ || *type == HC_REG_EXPAND_SZ || *type == HC_REG_MULTI_SZ;
    return !is_text || words[0] == NULL || is_list || refuse_reg_spelling(words[0], error);
}

/* NAME DATA..., where ::VALUE of the key may have been NAME. */
static gboolean
take_value(Setting *setting, const HtTarget *target, char **words, GError **error)
{
    HcValue value;
    const char *name = setting->key.value != NULL ? setting->key.value : *words++;
    setting->has_value = TRUE;
    if (!g_utf8_validate(name, -1, NULL))
        return hc_fail(error, HC_ERROR_USAGE, "NAME is not UTF-8");
    const gboolean is_there =
        ht_verb_value_name(setting->arena, target, &setting->key, name, &setting->name, &value);
    if (!choose_type(is_there ? &value : NULL, words, &setting->type, error))
        return FALSE;
    setting->data = ht_data_parse(setting->type, words, error);
    return setting->data != NULL;
}

/* Before a hive is looked for: of "--security HIVE KEY SDDL" the hive is what is read as SDDL. */
static gboolean
read_security(Setting *setting, GError **error)
{
    if (security_option == NULL)
        return TRUE;
    setting->security = hc_sddl_parse(security_option, error);
    if (setting->security == NULL)
        g_prefix_error(error, "--security: ");
    return setting->security != NULL;
}

static gboolean
read_words(Setting *setting, const HtTarget *target, char **words, GError **error)
{
    if (!ht_verb_key(&setting->key, setting->arena, target, words[0], TRUE, error))
        return FALSE;
    if (words[1] != NULL || setting->key.value != NULL)
        return take_value(setting, target, words + 1, error);
    return setting->security != NULL ||
           hc_fail(error, HC_ERROR_USAGE, "set: no NAME is given, '@' is the default value");
}

/* Also of KEY NAME /t TYPE /d DATA, which would be a list. */
static gboolean
check_switches(char **words, GError **error)
{
    static const char form[] = "HIVE KEY NAME DATA... with --type=TYPE";
    if (!ht_verb_refuse_switches("set", form, words, error))
        return FALSE;
    const gboolean is_list = words[1] != NULL && words[2] != NULL && words[3] != NULL;
    return !is_list || type_option != NULL ||
           ht_verb_refuse_switches("set", form, (char *const[]){words[2], NULL}, error);
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    const char *const texts[] = {args[0]};
    const char *const keys[] = {args[1], NULL};
    g_auto(Setting) setting = {.arena = hc_arena_new()};
    if (!ht_patching_check(&how, "set", error) || !ht_check_key_user(how.key_user, keys, error) ||
        !check_switches(args + 1, error) || !read_security(&setting, error))
        return FALSE;
    const HtTargeting targeting = ht_patching_targeting(&how);
    g_autoptr(HtTargets) targets = ht_targets_open_keys(context, texts, keys, 1, &targeting, error);
    const char *last = args[n_args - 1];
    if (targets != NULL && n_args > 2 && last[0] == '@' && last[1] != '\0' &&
        g_file_test(last + 1, G_FILE_TEST_EXISTS))
        targets->data_file = last + 1;
    return targets != NULL && ht_patching_choose(&how, targets, error) &&
           read_words(&setting, &targets->items[0], args + 1, error) &&
           ht_verb_resolve(context, &how, targets, 0, fill, &setting, error) &&
           ht_patching_write(context, &how, targets, status, error);
}

const HcCommand ht_cmd_set = {
    .name = "set",
    .also = "put write add edit change setval",
    .group = "change hives",
    .args = "HIVE KEY NAME DATA...",
    .summary = "set a value, or with --security the descriptor of a key",
    .details =
        "NAME '@' is the default value; KEY::NAME names both in one. A key that is not there is\n"
        "made. DATA of a number is 16 or 0x10, of bytes hex digits or @FILE; several are a list.\n"
        "'--' stands before DATA with a dash. HIVE can be several: KEY says which.",
    .options = entries,
    .min_args = 2,
    .max_args = -1,
    .statuses = "0 done, 1 with --exit-code: something to do",
    .examples = "hivetool set -n SYSTEM 'ControlSet001\\Services\\App' Start -t dword 4\n"
                "hivetool set --in-place SOFTWARE App Name 'new name'",
    .run = run,
};
