#include "config.h"

#include <string.h>

#include "hivecore/base/root.h"
#include "hivecore/regf/types.h"
#include "hivecore/run/run-private.h"

/* Expansions of one variable's value; a value that holds itself would not end. */
#define MAX_EXPANSIONS 100u

/* What Windows sets whatever the registry says. %U is the folder of the user's profile. Source:
 * Microsoft, "Recognized environment variables"; the containers of Microsoft's base images. */
static const char *const fixed[][2] = {
    {"SystemDrive", "C:"},
    {"SystemRoot", "C:\\Windows"},
    {"windir", "C:\\Windows"},
    {"ProgramFiles", "C:\\Program Files"},
    {"ProgramW6432", "C:\\Program Files"},
    {"ProgramFiles(x86)", "C:\\Program Files (x86)"},
    {"CommonProgramFiles", "C:\\Program Files\\Common Files"},
    {"CommonProgramW6432", "C:\\Program Files\\Common Files"},
    {"CommonProgramFiles(x86)", "C:\\Program Files (x86)\\Common Files"},
    {"ProgramData", "C:\\ProgramData"},
    {"ALLUSERSPROFILE", "C:\\ProgramData"},
    {"PUBLIC", "C:\\Users\\Public"},
    {"ComSpec", "C:\\Windows\\system32\\cmd.exe"},
    {"OS", "Windows_NT"},
};

static void
set(GHashTable *env, const char *name, const char *value)
{
    g_hash_table_insert(env, g_utf8_strup(name, -1), g_strdup(value));
}

/* Windows' ExpandEnvironmentStrings(): what is not set stays as it is. */
static char *
expand(GHashTable *env, const char *text)
{
    GString *out = g_string_new(NULL);
    guint n = 0;
    while (*text != '\0') {
        const char *close = *text == '%' ? strchr(text + 1, '%') : NULL;
        g_autofree char *name =
            close != NULL ? g_strndup(text + 1, (gsize) (close - text) - 1) : NULL;
        g_autofree char *upper = name != NULL ? g_utf8_strup(name, -1) : NULL;
        const char *value = upper != NULL ? g_hash_table_lookup(env, upper) : NULL;
        if (value != NULL && n++ < MAX_EXPANSIONS) {
            g_string_append(out, value);
            text = close + 1;
        } else {
            g_string_append_c(out, *text++);
        }
    }
    return g_string_free(out, FALSE);
}

typedef struct {
    GHashTable *env;
    gboolean is_user; /* whose Path comes behind the machine's */
    gboolean expands; /* only REG_EXPAND_SZ, which come after the others */
} Reading;

static char *
text_of(const HcDatum *datum)
{
    HcName name = {datum->data.bytes, datum->data.n_bytes / 2, FALSE};
    uint32_t n = 0;
    while (n < name.n_units && hc_name_unit(name, n) != 0)
        n++;
    GString *text = g_string_new(NULL);
    hc_name_append_utf8(text, hc_name_part(name, 0, n));
    return g_string_free(text, FALSE);
}

static void
take_value(gpointer data, HcName name, const HcDatum *datum)
{
    const Reading *reading = data;
    const gboolean expands = datum->type == HC_REG_EXPAND_SZ;
    if ((!expands && datum->type != HC_REG_SZ) || expands != reading->expands)
        return;
    g_autofree char *text = text_of(datum);
    g_autofree char *value = expands ? expand(reading->env, text) : g_strdup(text);
    g_autoptr(GString) key = g_string_new(NULL);
    hc_name_append_utf8(key, name);
    const char *machine = g_hash_table_lookup(reading->env, "PATH");
    if (reading->is_user && g_ascii_strcasecmp(key->str, "PATH") == 0 && machine != NULL) {
        g_autofree char *both = g_strconcat(
            machine, g_str_has_suffix(machine, ";") || *machine == '\0' ? "" : ";", value, NULL);
        set(reading->env, "PATH", both);
        return;
    }
    set(reading->env, key->str, value);
}

static void
take_key(HcRun *run, GHashTable *env, const char *text, gboolean is_user)
{
    HcPath path;
    (void) hc_root_split_key(run->arena, text, &path);
    for (guint i = 0; i < 2; i++) {
        Reading reading = {env, is_user, i == 1};
        hc_run_values(run, path, take_value, &reading);
    }
}

static void
set_user(HcRun *run, GHashTable *env)
{
    const char *user = run->line->user != NULL && *run->line->user != '\0'
                           ? run->line->user
                           : "ContainerAdministrator";
    const char *slash = strrchr(user, '\\');
    const char *name = slash != NULL ? slash + 1 : user;
    g_autofree char *profile = g_strconcat("C:\\Users\\", name, NULL);
    g_autofree char *roaming = g_strconcat(profile, "\\AppData\\Roaming", NULL);
    g_autofree char *local = g_strconcat(profile, "\\AppData\\Local", NULL);
    set(env, "USERNAME", name);
    set(env, "USERPROFILE", profile);
    set(env, "APPDATA", roaming);
    set(env, "LOCALAPPDATA", local);
}

static GHashTable *
make_env(HcRun *run)
{
    GHashTable *env = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const char *const *pair = run->line->env;
    for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++)
        set(env, fixed[i][0], fixed[i][1]);
    set_user(run, env);
    take_key(run, env, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
             FALSE);
    take_key(run, env, "HKU\\.DEFAULT\\Environment", TRUE);
    for (; pair != NULL && *pair != NULL; pair++) {
        g_autofree char *name = g_strndup(*pair, strcspn(*pair, "="));
        const char *equals = strchr(*pair, '=');
        set(env, name, equals != NULL ? equals + 1 : "");
    }
    return env;
}

GHashTable *
hc_run_copy_env(GHashTable *env)
{
    GHashTable *copy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    gpointer name;
    gpointer value;
    g_hash_table_iter_init(&iter, env);
    while (g_hash_table_iter_next(&iter, &name, &value))
        g_hash_table_insert(copy, g_strdup(name), g_strdup(value));
    return copy;
}

void
hc_run_begin_env(HcRun *run)
{
    if (run->start_env == NULL)
        run->start_env = make_env(run);
}

/* That of the shell at hand; a shell in a shell has a copy. */
static GHashTable *
env_of(HcRun *run)
{
    hc_run_begin_env(run);
    if (run->env == NULL)
        run->env = hc_run_copy_env(run->start_env);
    return run->env;
}

char *
hc_run_expand(HcRun *run, const char *text)
{
    return expand(env_of(run), text);
}

const char *
hc_run_env(HcRun *run, const char *name)
{
    g_autofree char *upper = g_utf8_strup(name, -1);
    return g_hash_table_lookup(env_of(run), upper);
}

void
hc_run_set_env(HcRun *run, const char *name, const char *value)
{
    g_autofree char *upper = g_utf8_strup(name, -1);
    if (value != NULL)
        set(env_of(run), name, value);
    else
        g_hash_table_remove(env_of(run), upper);
}
