#include "config.h"

#include <string.h>
#include <time.h>

#include "hivecore/base/clock.h"
#include "hivecore/base/display.h"
#include "hivecore/image/tree.h"
#include "hivecore/regf/layout.h"
#include "layerpack/verify-config.h"

/* What a configuration says, held against what is in the layers. */

#define SOURCE_CONFIG  "OCI image-spec config.md"
#define SOURCE_PROCESS "CreateProcess, search order"
#define SOURCE_VERSION "containerd platforms/platform_windows_compat.go"
#define SOURCE_PE      "PE format, COFF file header"

enum {
    START_BYTES = 4096, /* of a program, which its header lies in */
    MAX_TEXT_UNITS = 32 * 1024,
    DAY_SECONDS = 24 * 60 * 60, /* clocks differ */
};

static void
add(HcFindings *findings, HcSeverity severity, const char *id, const char *source, char *text)
{
    HcFinding *finding = hc_finding_new(severity, text);
    finding->id = id;
    finding->source = source;
    hc_findings_add(findings, finding);
}

static char *
shown(const char *text)
{
    GString *out = g_string_new(NULL);
    hc_append_display(out, text, strlen(text));
    return g_string_free(out, FALSE);
}

/* The value of the variable @name, in any case; NULL: not set. */
static const char *
variable(char *const *env, const char *name)
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
    const char *path = variable(view->env, "PATH");
    if (path == NULL || *path != '/' || strchr(path, ';') != NULL || strchr(path, '\\') != NULL)
        return;
    g_autofree char *text = shown(path);
    add(findings, HC_SEVERITY_ERROR, "config-path", SOURCE_CONFIG,
        g_strdup_printf("the config's PATH is one of Linux, \"%s\": nothing of Windows is found by "
                        "its name",
                        text));
}

static gboolean
is_absolute(const char *path)
{
    return *path == '/' || *path == '\\' ||
           (g_ascii_isalpha(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/'));
}

static void
check_workdir(const LpConfigView *view, HcFindings *findings)
{
    const char *folder = view->working_dir;
    if (folder == NULL || *folder == '\0' || is_absolute(folder))
        return;
    g_autofree char *text = shown(folder);
    add(findings, HC_SEVERITY_ERROR, "config-workdir", SOURCE_CONFIG,
        g_strdup_printf("the config's WorkingDir is \"%s\", which is no absolute path", text));
}

/* The only finding that depends on the clock. */
static void
check_created(const LpConfigView *view, HcFindings *findings)
{
    g_autoptr(GDateTime) created =
        view->created != NULL ? g_date_time_new_from_iso8601(view->created, NULL) : NULL;
    if (created == NULL || g_date_time_to_unix(created) <= (gint64) time(NULL) + DAY_SECONDS)
        return;
    g_autofree char *text = shown(view->created);
    add(findings, HC_SEVERITY_WARNING, "config-created", SOURCE_CONFIG,
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
    for (; parts[n] != NULL && n < G_N_ELEMENTS(path); n++)
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
    g_autofree char *text = shown(build);
    add(findings, HC_SEVERITY_WARNING, "config-os-version", SOURCE_VERSION,
        g_strdup_printf("the config's os.version is %s, the registry's CurrentBuild and UBR say "
                        "%s.%s",
                        info->os_version, text, revision != NULL ? revision : "?"));
}

/* The machine's Path of the registry; NULL: it has none. */
static char *
registry_path(const HcTree *tree)
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

/* --- the entry point --- */

/* @folder\@name, with @name or one of @extensions behind it, when @name has none. */
static HcTreeNode *
find_program(const HcTree *tree, const char *folder, const char *name, char *const *extensions)
{
    const char *slash = strrchr(name, '\\');
    const gboolean has_dot = strchr(slash != NULL ? slash : name, '.') != NULL;
    for (gsize i = 0; i == 0 || (!has_dot && extensions[i - 1] != NULL); i++) {
        g_autofree char *path = g_strconcat(folder, *folder != '\0' ? "\\" : "", name,
                                            i > 0 ? extensions[i - 1] : NULL, NULL);
        HcTreeNode *node = hc_tree_look_up(tree, path, NULL);
        if (node != NULL && hc_tree_node_kind(node) == HC_TREE_FILE)
            return node;
    }
    return NULL;
}

/* The folders that a program is looked for in, of this machine's drive. */
static GPtrArray *
search_folders(const LpConfigView *view, const HcTree *tree)
{
    static const char *const always[] = {"C:\\Windows\\System32", "C:\\Windows\\System",
                                         "C:\\Windows"};
    GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
    if (view->working_dir != NULL && *view->working_dir != '\0')
        g_ptr_array_add(folders, g_strdup(view->working_dir));
    else
        g_ptr_array_add(folders, g_strdup("C:"));
    for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
        g_ptr_array_add(folders, g_strdup(always[i]));
    const char *path = variable(view->env, "PATH");
    g_autofree char *machine = path == NULL ? registry_path(tree) : NULL;
    const char *list = path != NULL ? path : machine;
    g_auto(GStrv) parts = g_strsplit(list != NULL ? list : "", ";", -1);
    for (gsize i = 0; parts[i] != NULL; i++) {
        static const char root[] = "%systemroot%";
        if (g_ascii_strncasecmp(parts[i], root, strlen(root)) == 0)
            g_ptr_array_add(folders, g_strconcat("C:\\Windows", parts[i] + strlen(root), NULL));
        else if (*parts[i] != '\0')
            g_ptr_array_add(folders, g_strdup(parts[i]));
    }
    return folders;
}

static HcTreeNode *
find_entry(const LpConfigView *view, const HcTree *tree, const char *word)
{
    const char *list = variable(view->env, "PATHEXT");
    g_auto(GStrv) extensions = g_strsplit(list != NULL ? list : ".COM;.EXE;.BAT;.CMD", ";", -1);
    g_autofree char *name = g_strdelimit(g_strdup(word), "/", '\\');
    if (is_absolute(name)) {
        g_autofree char *path = name[1] != ':' ? g_strconcat("C:", name, NULL) : g_strdup(name);
        return find_program(tree, "", path, extensions);
    }
    g_autoptr(GPtrArray) folders = search_folders(view, tree);
    for (guint i = 0; i < folders->len; i++) {
        g_autofree char *folder = g_strdelimit(g_strdup(folders->pdata[i]), "/", '\\');
        if (*folder == '\\') {
            char *drive = g_strconcat("C:", folder, NULL);
            g_free(folder);
            folder = drive;
        }
        while (g_str_has_suffix(folder, "\\"))
            folder[strlen(folder) - 1] = '\0';
        HcTreeNode *node = find_program(tree, folder, name, extensions);
        if (node != NULL)
            return node;
    }
    return NULL;
}

static gboolean
take_start(void *data, const void *bytes, gsize n_bytes, GError **error)
{
    (void) error;
    GByteArray *start = data;
    if (start->len < START_BYTES)
        g_byte_array_append(start, bytes, (guint) MIN(n_bytes, START_BYTES - start->len));
    return TRUE;
}

/* The machine of a program's header; 0: it is no PE file. */
static guint
pe_machine(HcTree *tree, HcTreeNode *node)
{
    enum {
        HEADER_PLACE = 0x3c
    };
    g_autoptr(GByteArray) start = g_byte_array_new();
    if (!hc_tree_stream(tree, node, take_start, start, NULL) || start->len < HEADER_PLACE + 4 ||
        memcmp(start->data, "MZ", 2) != 0)
        return 0;
    const uint32_t at = hc_get32(start->data + HEADER_PLACE);
    if (at > start->len - 6 || memcmp(start->data + at, "PE\0\0", 4) != 0)
        return 0;
    return hc_get16(start->data + at + 4);
}

static void
check_machine(const HcImageInfo *info, guint machine, HcFindings *findings)
{
    static const struct {
        guint machine;
        const char *name;
    } known[] = {{0x8664, "amd64"}, {0xaa64, "arm64"}};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (known[i].machine != machine || g_strcmp0(info->architecture, known[i].name) == 0)
            continue;
        /* arm64 runs programs for amd64, which nobody builds an image for. */
        const gboolean is_run = machine == 0x8664 && g_strcmp0(info->architecture, "arm64") == 0;
        add(findings, is_run ? HC_SEVERITY_WARNING : HC_SEVERITY_ERROR, "config-architecture",
            SOURCE_PE,
            g_strdup_printf("the config's architecture is %s, the entry point is a program for %s",
                            info->architecture, known[i].name));
    }
}

static void
check_entry(const HcImageInfo *info, const LpConfigView *view, HcTree *tree, HcFindings *findings)
{
    const char *word = view->entrypoint[0];
    g_autofree char *first = g_strndup(word, strcspn(word, " "));
    /* What is expanded when it runs is not known. */
    if (*word == '\0' || strpbrk(word, "%\"\t\r\n") != NULL)
        return;
    HcTreeNode *node = find_entry(view, tree, word);
    if (node == NULL && strcmp(first, word) != 0)
        node = find_entry(view, tree, first);
    if (node != NULL) {
        check_machine(info, pe_machine(tree, node), findings);
        return;
    }
    g_autofree char *text = shown(word);
    const gboolean is_place = is_absolute(word);
    add(findings, is_place ? HC_SEVERITY_ERROR : HC_SEVERITY_WARNING, "config-entrypoint",
        SOURCE_PROCESS,
        g_strdup_printf(is_place ? "the config's entry point \"%s\" is in no layer"
                                 : "the config's entry point \"%s\" is in no layer, in none of the "
                                   "folders that programs are looked for in",
                        text));
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
    const gboolean has_entry = view->entrypoint != NULL && view->entrypoint[0] != NULL;
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
    check_entry(info, view, tree, findings);
}
