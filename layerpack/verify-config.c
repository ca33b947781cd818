#include "config.h"

#include <string.h>
#include <time.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/clock.h"
#include "hivecore/base/display.h"
#include "hivecore/image/tree.h"
#include "hivecore/regf/types.h"
#include "layerpack/verify.h"

/* What a configuration says, held against what is in the layers. */

#define SOURCE_CONFIG  "OCI image-spec config.md"
#define SOURCE_VERSION "containerd platforms/platform_windows_compat.go"

enum {
    MAX_TEXT_UNITS = 32 * 1024,
    DAY_SECONDS = 24 * 60 * 60, /* clocks differ */
};

void
lp_config_finding(HcFindings *findings, HcSeverity severity, const char *id, const char *source,
                  char *text)
{
    HcFinding *finding = hc_finding_new(severity, text);
    finding->id = id;
    finding->source = source;
    hc_findings_add(findings, finding);
}

const char *
lp_config_variable(char *const *env, const char *name)
{
    const gsize n = strlen(name);
    for (gsize i = 0; env != NULL && env[i] != NULL; i++) {
        if (g_ascii_strncasecmp(env[i], name, n) == 0 && env[i][n] == '=')
            return env[i] + n + 1;
    }
    return NULL;
}

/* --- what needs no layer --- */

static void
check_path(const LpConfigView *view, HcFindings *findings)
{
    const char *path = lp_config_variable(view->env, "PATH");
    g_autofree char *variable = path != NULL ? lp_text_variable(path) : NULL;
    if (variable != NULL) {
        lp_config_finding(
            findings, HC_SEVERITY_WARNING, "config-path", SOURCE_CONFIG,
            g_strdup_printf("the config's PATH has %s in it, which nothing replaces: the "
                            "folders that it stands for are not searched",
                            variable));
    }
    if (path == NULL || *path != '/' || strchr(path, ';') != NULL || strchr(path, '\\') != NULL)
        return;
    g_autofree char *text = hc_display(path);
    lp_config_finding(
        findings, HC_SEVERITY_ERROR, "config-path", SOURCE_CONFIG,
        g_strdup_printf("the config's PATH is one of Linux, \"%s\": nothing of Windows is found by "
                        "its name",
                        text));
}

gboolean
lp_path_is_absolute(const char *path)
{
    return *path == '/' || *path == '\\' ||
           (g_ascii_isalpha(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/'));
}

char *
lp_text_variable(const char *text)
{
    const char *start = strchr(text, '%');
    const gsize n = start != NULL ? strcspn(start + 1, "%;\\/:\"") : 0;
    if (n == 0 || start[n + 1] != '%')
        return NULL;
    g_autofree char *name = g_strndup(start, n + 2);
    return hc_display(name);
}

static gboolean
has_control(const char *text)
{
    while (*text != '\0' && (guchar) *text >= 0x20 && *text != 0x7f)
        text++;
    return *text != '\0';
}

static void
check_workdir(const LpConfigView *view, HcFindings *findings)
{
    const char *folder = view->working_dir;
    if (folder != NULL && has_control(folder)) {
        lp_config_finding(findings, HC_SEVERITY_ERROR, "config-workdir", SOURCE_CONFIG,
                          g_strdup("the config's WorkingDir has a control character: in JSON a "
                                   "backslash is \\\\"));
        return;
    }
    if (folder == NULL || *folder == '\0' || lp_path_is_absolute(folder))
        return;
    g_autofree char *text = hc_display(folder);
    lp_config_finding(
        findings, HC_SEVERITY_ERROR, "config-workdir", SOURCE_CONFIG,
        g_strdup_printf("the config's WorkingDir is \"%s\", which is no absolute path", text));
}

/* The only finding that depends on the clock. */
static void
check_created(const LpConfigView *view, HcFindings *findings)
{
    g_autoptr(GDateTime) created =
        view->created != NULL ? g_date_time_new_from_iso8601(view->created, NULL) : NULL;
    if (created == NULL && view->created != NULL) {
        g_autofree char *said = hc_display(view->created);
        lp_config_finding(
            findings, HC_SEVERITY_WARNING, "config-created", SOURCE_CONFIG,
            g_strdup_printf("the config's created is \"%s\", which is no time", said));
    }
    if (created == NULL || g_date_time_to_unix(created) <= (gint64) time(NULL) + DAY_SECONDS)
        return;
    g_autofree char *text = hc_display(view->created);
    lp_config_finding(findings, HC_SEVERITY_WARNING, "config-created", SOURCE_CONFIG,
                      g_strdup_printf("the config's created is %s, which is not yet", text));
}

/* --- what is in the registry --- */

/* The key @parts (NULL-terminated) below the root of @hive. */
static gboolean
find_key(const HcHive *hive, const char *const *parts, HcKey *key)
{
    HcName path[8];
    gsize n = 0;
    g_autoptr(HcArena) arena = hc_arena_new();
    for (; n < G_N_ELEMENTS(path) && parts[n] != NULL; n++)
        path[n] = hc_name_from_utf8(arena, parts[n], strlen(parts[n]));
    return hc_hive_lookup(hive, path, n, key, NULL);
}

/* A value as it would be written: the text of a string, the digits of a number; NULL: not there. */
static char *
read_value(const HcHive *hive, const HcKey *key, const char *name)
{
    HcValue value;
    HcBlob data;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GByteArray) scratch = g_byte_array_new();
    if (!hc_hive_find_value(hive, key, hc_name_from_utf8(arena, name, strlen(name)), &value,
                            NULL) ||
        !hc_hive_value_data(hive, &value, scratch, &data, NULL))
        return NULL;
    if (value.type == HC_REG_DWORD && data.n_bytes == 4)
        return g_strdup_printf("%u", hc_get32(data.bytes));
    if (value.type != HC_REG_SZ && value.type != HC_REG_EXPAND_SZ)
        return NULL;
    const HcName units = {data.bytes, MIN(data.n_bytes / 2, MAX_TEXT_UNITS), FALSE};
    uint32_t n = 0;
    while (n < units.n_units && hc_name_unit(units, n) != 0)
        n++;
    GString *text = g_string_new(NULL);
    hc_name_append_utf8(text, hc_name_part(units, 0, n));
    return g_string_free(text, FALSE);
}

static HcHive *
open_hive(HcLayerStack *stack, const char *name)
{
    const int slot = hc_hive_slot_find(name, strlen(name));
    return stack != NULL ? hc_layer_stack_hive(stack, slot, hc_layer_stack_n_layers(stack), NULL)
                         : NULL;
}

static void
check_version(const HcImageInfo *info, HcLayerStack *stack, HcFindings *findings)
{
    static const char *const path[] = {"Microsoft", "Windows NT", "CurrentVersion", NULL};
    HcKey key;
    g_autoptr(HcHive) hive = open_hive(stack, "SOFTWARE");
    if (hive == NULL || !find_key(hive, path, &key))
        return;
    g_autofree char *build = read_value(hive, &key, "CurrentBuild");
    g_autofree char *revision = read_value(hive, &key, "UBR");
    g_auto(GStrv) parts = g_strsplit(info->os_version, ".", -1);
    if (build == NULL || g_strv_length(parts) != 4)
        return;
    const gboolean is_build = strcmp(parts[2], build) == 0;
    if (is_build && (revision == NULL || strcmp(parts[3], revision) == 0))
        return;
    g_autofree char *text = hc_display(build);
    lp_config_finding(
        findings, HC_SEVERITY_WARNING, "config-os-version", SOURCE_VERSION,
        g_strdup_printf("the config's os.version is %s, the registry's CurrentBuild and UBR say "
                        "%s.%s",
                        info->os_version, text, revision != NULL ? revision : "?"));
}

char *
lp_registry_path(const HcTree *tree)
{
    static const char *const select[] = {"Select", NULL};
    HcKey key;
    g_autoptr(HcHive) hive = open_hive(hc_tree_stack(tree), "SYSTEM");
    if (hive == NULL || !find_key(hive, select, &key))
        return NULL;
    g_autofree char *current = read_value(hive, &key, "Current");
    const guint64 number = current != NULL ? g_ascii_strtoull(current, NULL, 10) : 0;
    g_autofree char *set = g_strdup_printf("ControlSet%03" G_GUINT64_FORMAT, MIN(number, 999));
    const char *const path[] = {set, "Control", "Session Manager", "Environment", NULL};
    return find_key(hive, path, &key) ? read_value(hive, &key, "Path") : NULL;
}

/* Containers of the host's processes run what the host has; their images have no version. */
static gboolean
is_host_process(const HcImageInfo *info)
{
    return info->os_version == NULL;
}

void
lp_verify_config(const HcImageInfo *info, const LpConfigView *view, HcFindings *findings)
{
    check_path(view, findings);
    check_workdir(view, findings);
    check_created(view, findings);
    if (is_host_process(info))
        return;
    const gboolean has_entry = (view->entrypoint != NULL && view->entrypoint[0] != NULL) ||
                               (view->cmd != NULL && view->cmd[0] != NULL);
    const guint hives = (1u << hc_hive_slot_find("SOFTWARE", strlen("SOFTWARE"))) |
                        (1u << hc_hive_slot_find("SYSTEM", strlen("SYSTEM")));
    /* What is wrong with the layers is told by who checks them. */
    if (!has_entry) {
        g_autoptr(HcLayerStack) stack =
            hc_layer_stack_open(info->operand, info->manifest_digest,
                                1u << hc_hive_slot_find("SOFTWARE", strlen("SOFTWARE")), NULL);
        if (stack != NULL)
            check_version(info, stack, findings);
        return;
    }
    g_autoptr(HcTree) tree = hc_tree_open(info->operand, info->manifest_digest, hives, TRUE, NULL);
    if (tree == NULL || hc_tree_missing(tree) != NULL)
        return;
    if (hc_tree_stack(tree) != NULL)
        check_version(info, hc_tree_stack(tree), findings);
    lp_verify_entry(info, view, tree, findings);
}
