#include "config.h"

#include <string.h>

#include "hivecore/base/bytes.h"
#include "hivecore/base/display.h"
#include "layerpack/verify.h"

/* What an image starts, held against what is in its layers. */

#define SOURCE_PROCESS "CreateProcess, search order"
#define SOURCE_PE      "PE format, COFF file header"
#define ID_ENTRY       "config-entrypoint"

enum {
    START_BYTES = 4096, /* of a program, which its header lies in */
    MACHINE_NONE = 0,   /* no PE file */
    MACHINE_ELF = G_MAXUINT16 + 1,
};

typedef struct {
    const HcImageInfo *info;
    const LpConfigView *view;
    HcTree *tree;
    HcFindings *findings;
    char **extensions; /* of PATHEXT */
    const char *what;  /* "entry point" or "command" */
} Entry;

/* --- where programs are --- */

/* @folder\@name, with @name or one of the extensions behind it, when @name has none. */
static HcTreeNode *
find_program(const Entry *entry, const char *folder, const char *name)
{
    const char *slash = strrchr(name, '\\');
    const gboolean has_dot = strchr(slash != NULL ? slash : name, '.') != NULL;
    for (gsize i = 0; i == 0 || (!has_dot && entry->extensions[i - 1] != NULL); i++) {
        g_autofree char *path = g_strconcat(folder, *folder != '\0' ? "\\" : "", name,
                                            i > 0 ? entry->extensions[i - 1] : NULL, NULL);
        HcTreeNode *node = hc_tree_look_up(entry->tree, path, NULL);
        /* Links of the store (WindowsApps) are of a kind of their own. */
        if (node != NULL &&
            (hc_tree_node_kind(node) == HC_TREE_FILE || hc_tree_node_kind(node) == HC_TREE_OTHER))
            return node;
    }
    return NULL;
}

/* The variables that Windows has everywhere, at the start of a folder of the registry's Path. */
static char *
expand_folder(const char *folder)
{
    static const struct {
        const char *name;
        const char *value;
    } known[] = {{"%systemroot%", "C:\\Windows"},
                 {"%windir%", "C:\\Windows"},
                 {"%systemdrive%", "C:"},
                 {"%programfiles%", "C:\\Program Files"},
                 {"%programw6432%", "C:\\Program Files"},
                 {"%programfiles(x86)%", "C:\\Program Files (x86)"},
                 {"%programdata%", "C:\\ProgramData"},
                 {"%allusersprofile%", "C:\\ProgramData"}};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        const gsize n = strlen(known[i].name);
        if (g_ascii_strncasecmp(folder, known[i].name, n) == 0)
            return g_strconcat(known[i].value, folder + n, NULL);
    }
    return g_strdup(folder);
}

static void
add_folder(GPtrArray *folders, char *folder)
{
    g_strdelimit(folder, "/", '\\');
    if (*folder == '\\') {
        char *drive = g_strconcat("C:", folder, NULL);
        g_free(folder);
        folder = drive;
    }
    for (gsize n = strlen(folder); n > 0 && folder[n - 1] == '\\'; n--)
        folder[n - 1] = '\0';
    g_ptr_array_add(folders, folder);
}

/* The folders that a program is looked for in. */
static GPtrArray *
search_folders(const Entry *entry)
{
    static const char *const always[] = {"C:\\Windows\\System32", "C:\\Windows\\System",
                                         "C:\\Windows"};
    GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
    const char *working = entry->view->working_dir;
    add_folder(folders, g_strdup(working != NULL && *working != '\0' ? working : "C:"));
    for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
        add_folder(folders, g_strdup(always[i]));
    const char *path = lp_config_variable(entry->view->env, "PATH");
    g_autofree char *machine = path == NULL ? lp_registry_path(entry->tree) : NULL;
    const char *list = path != NULL ? path : machine;
    g_auto(GStrv) parts = g_strsplit(list != NULL ? list : "", ";", -1);
    for (gsize i = 0; parts[i] != NULL; i++) {
        /* What Env has is not replaced by anybody. */
        if (*parts[i] != '\0')
            add_folder(folders, path != NULL ? g_strdup(parts[i]) : expand_folder(parts[i]));
    }
    return folders;
}

/* "\\?\C:\x" is C:\x. */
static const char *
skip_prefix(const char *name)
{
    static const char *const prefixes[] = {"\\\\?\\", "\\??\\", "\\\\.\\"};
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        const char *rest = name + strlen(prefixes[i]);
        if (g_str_has_prefix(name, prefixes[i]) && g_ascii_isalpha(rest[0]) && rest[1] == ':')
            return rest;
    }
    return name;
}

/* Whether @word names something that is in no image: a share, a device, another drive. */
static gboolean
is_elsewhere(const char *word)
{
    g_autofree char *name = g_strdelimit(g_strdup(word), "/", '\\');
    const char *path = skip_prefix(name);
    return g_str_has_prefix(path, "\\\\") ||
           (g_ascii_isalpha(path[0]) && path[1] == ':' && g_ascii_toupper(path[0]) != 'C');
}

static HcTreeNode *
find_word(const Entry *entry, const char *word)
{
    g_autofree char *name = g_strdelimit(g_strdup(word), "/", '\\');
    const char *path = skip_prefix(name);
    if (lp_path_is_absolute(path)) {
        g_autofree char *full = path[1] != ':' ? g_strconcat("C:", path, NULL) : g_strdup(path);
        return find_program(entry, "", full);
    }
    g_autoptr(GPtrArray) folders = search_folders(entry);
    for (guint i = 0; i < folders->len; i++) {
        HcTreeNode *node = find_program(entry, folders->pdata[i], path);
        if (node != NULL)
            return node;
    }
    return NULL;
}

/* The program of a command line: in quotes; else all of it, or what is before a blank, the first
 * that there is. @name: (out): of that, or of what it must be; @rest: (out): behind it, in @line */
static HcTreeNode *
find_in_line(const Entry *entry, const char *line, char **name, const char **rest)
{
    if (*line == '"') {
        const gsize n = strcspn(line + 1, "\"");
        *name = g_strndup(line + 1, n);
        *rest = line + 1 + n + (line[n + 1] == '"' ? 1 : 0);
        return find_word(entry, *name);
    }
    const gsize n_all = strlen(line);
    for (gsize n = strcspn(line, " \t"); n < n_all; n += 1 + strcspn(line + n + 1, " \t")) {
        g_autofree char *start = g_strndup(line, n);
        HcTreeNode *node = n > 0 ? find_word(entry, start) : NULL;
        if (node == NULL)
            continue;
        *name = g_steal_pointer(&start);
        *rest = line + n;
        return node;
    }
    *name = g_strdup(line);
    *rest = line + n_all;
    return find_word(entry, line);
}

/* --- what is there --- */

static gboolean
take_start(void *data, const void *bytes, gsize n_bytes, GError **error)
{
    (void) error;
    GByteArray *start = data;
    if (start->len < START_BYTES)
        g_byte_array_append(start, bytes, (guint) MIN(n_bytes, START_BYTES - start->len));
    return TRUE;
}

/* The machine of a program's header, or MACHINE_. */
static guint
machine_of(HcTree *tree, HcTreeNode *node)
{
    enum {
        HEADER_PLACE = 0x3c
    };
    g_autoptr(GByteArray) start = g_byte_array_new();
    if (!hc_tree_stream(tree, node, take_start, start, NULL) || start->len < 4)
        return MACHINE_NONE;
    if (memcmp(start->data, "\177ELF", 4) == 0)
        return MACHINE_ELF;
    if (start->len < HEADER_PLACE + 4 || memcmp(start->data, "MZ", 2) != 0)
        return MACHINE_NONE;
    const uint32_t at = hc_get32(start->data + HEADER_PLACE);
    if (at > start->len - 6 || memcmp(start->data + at, "PE\0\0", 4) != 0)
        return MACHINE_NONE;
    return hc_get16(start->data + at + 4);
}

static void
check_machine(const Entry *entry, guint machine)
{
    static const struct {
        guint machine;
        const char *name;
    } known[] = {{0x8664, "amd64"}, {0xaa64, "arm64"}, {0x01c4, "arm"}};
    const char *said = entry->info->architecture;
    if (machine == MACHINE_ELF)
        lp_config_finding(
            entry->findings, HC_SEVERITY_ERROR, "config-architecture", SOURCE_PE,
            g_strdup_printf("the config's %s is a program for Linux (ELF)", entry->what));
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (known[i].machine != machine || g_strcmp0(said, known[i].name) == 0)
            continue;
        /* arm64 runs programs for amd64, which nobody builds an image for. */
        const gboolean is_run = machine == 0x8664 && g_strcmp0(said, "arm64") == 0;
        lp_config_finding(
            entry->findings, is_run ? HC_SEVERITY_WARNING : HC_SEVERITY_ERROR,
            "config-architecture", SOURCE_PE,
            g_strdup_printf("the config's architecture is %s, the %s is a program for %s", said,
                            entry->what, known[i].name));
    }
}

/* What is read by a program of its own is not started. */
static void
check_script(const Entry *entry, const HcTreeNode *node)
{
    static const char *const endings[] = {".ps1", ".psm1", ".vbs", ".js",  ".wsf", ".sh",
                                          ".py",  ".pl",   ".rb",  ".msi", ".jar", ".dll"};
    g_autofree char *name = g_ascii_strdown(hc_tree_node_name(node), -1);
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        if (!g_str_has_suffix(name, endings[i]))
            continue;
        g_autofree char *shown = hc_display(hc_tree_node_name(node));
        lp_config_finding(entry->findings, HC_SEVERITY_WARNING, ID_ENTRY, SOURCE_PROCESS,
                          g_strdup_printf("the config's %s is %s, which Windows does not start by "
                                          "itself: name the program that reads it",
                                          entry->what, shown));
    }
}

static void
tell_missing(const Entry *entry, const char *word)
{
    g_autofree char *text = hc_display(word);
    const gboolean is_place = lp_path_is_absolute(word);
    lp_config_finding(entry->findings, is_place ? HC_SEVERITY_ERROR : HC_SEVERITY_WARNING, ID_ENTRY,
                      SOURCE_PROCESS,
                      g_strdup_printf(is_place
                                          ? "the config's %s \"%s\" is in no layer"
                                          : "the config's %s \"%s\" is in no layer, in none of "
                                            "the folders that programs are looked for in",
                                      entry->what, text));
}

/* --- what a shell starts --- */

/* The option @word of cmd or PowerShell behind which a command stands, up to the end, or a file. */
static gboolean
is_start_option(const char *shell, const char *word)
{
    if (g_ascii_strncasecmp(shell, "cmd", 3) == 0)
        return g_ascii_strcasecmp(word, "/c") == 0 || g_ascii_strcasecmp(word, "/k") == 0;
    return g_ascii_strcasecmp(word, "-file") == 0 || g_ascii_strcasecmp(word, "-f") == 0;
}

/* A file that a shell is to run, named by its whole path. What has signs of the shell in it is none
 * of our business, nor is what it finds by a name. */
static void
check_shell_file(const Entry *entry, const char *line)
{
    g_autofree char *name = NULL;
    const char *rest;
    const char *start = line + strspn(line, " \t");
    if (*start == '"' && start[1] == '"')
        start++; /* cmd takes the outer ones away */
    const char *plain = *start == '"' ? start + 1 : start;
    if (!lp_path_is_absolute(plain) || plain[0] == '/' || strpbrk(plain, "%^&|<>()*?!$") != NULL ||
        is_elsewhere(plain) || find_in_line(entry, start, &name, &rest) != NULL)
        return;
    if (*start != '"') {
        char *blank = name + strcspn(name, " \t");
        *blank = '\0';
    }
    g_autofree char *text = hc_display(name);
    lp_config_finding(
        entry->findings, HC_SEVERITY_WARNING, ID_ENTRY, SOURCE_PROCESS,
        g_strdup_printf("the config's %s runs \"%s\", which is in no layer", entry->what, text));
}

/* @rest: what stands behind the shell in its own word; @words: the others, NULL-terminated */
static void
check_shell(const Entry *entry, const HcTreeNode *node, const char *rest, char *const *words)
{
    static const char *const shells[] = {"cmd.exe", "powershell.exe", "pwsh.exe"};
    const char *shell = hc_tree_node_name(node);
    gboolean is_shell = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(shells); i++)
        is_shell |= g_ascii_strcasecmp(shell, shells[i]) == 0;
    /* In one word: "cmd /S /C C:\run.bat". */
    for (const char *at = rest; is_shell && *at != '\0';) {
        at += strspn(at, " \t");
        const gsize n = strcspn(at, " \t");
        g_autofree char *word = g_strndup(at, n);
        at += n;
        if (!is_start_option(shell, word))
            continue;
        check_shell_file(entry, at);
        return;
    }
    for (gsize i = 0; is_shell && words[i] != NULL; i++) {
        if (!is_start_option(shell, words[i]) || words[i + 1] == NULL)
            continue;
        check_shell_file(entry, words[i + 1]);
        return;
    }
}

/* What images from scratch have as their command too, where nobody looks for it. */
static gboolean
is_default_command(const Entry *entry, const char *word)
{
    g_autofree char *name = g_strdelimit(g_strdup(word), "/", '\\');
    return entry->view->cmd != NULL && word == entry->view->cmd[0] &&
           g_ascii_strcasecmp(name, "C:\\Windows\\System32\\cmd.exe") == 0;
}

static void
check_command(const Entry *entry, const char *word, char *const *words)
{
    g_autofree char *name = NULL;
    g_autofree char *variable = lp_text_variable(word);
    const char *rest;
    if (*word == '\0' || strpbrk(word, "\r\n") != NULL)
        return; /* told with the words */
    HcTreeNode *node = find_in_line(entry, word, &name, &rest);
    if (node == NULL && variable != NULL) {
        g_autofree char *text = hc_display(name);
        lp_config_finding(
            entry->findings, HC_SEVERITY_WARNING, ID_ENTRY, SOURCE_PROCESS,
            g_strdup_printf("the config's %s \"%s\" has %s in it, which nothing replaces "
                            "without a shell",
                            entry->what, text, variable));
    } else if (node == NULL && is_elsewhere(name)) {
        g_autofree char *text = hc_display(name);
        lp_config_finding(
            entry->findings, HC_SEVERITY_WARNING, ID_ENTRY, SOURCE_PROCESS,
            g_strdup_printf("the config's %s \"%s\" is not on the drive C:, where all "
                            "is that an image has",
                            entry->what, text));
    } else if (node == NULL) {
        if (!is_default_command(entry, word))
            tell_missing(entry, name);
    } else {
        check_machine(entry, machine_of(entry->tree, node));
        check_script(entry, node);
        check_shell(entry, node, rest, words);
    }
}

void
lp_verify_entry(const HcImageInfo *info, const LpConfigView *view, HcTree *tree,
                HcFindings *findings)
{
    const gboolean is_entry = view->entrypoint != NULL && view->entrypoint[0] != NULL;
    char *const *first = is_entry ? view->entrypoint : view->cmd;
    const char *list = lp_config_variable(view->env, "PATHEXT");
    g_auto(GStrv) extensions = g_strsplit(list != NULL ? list : ".COM;.EXE;.BAT;.CMD", ";", -1);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (gsize i = 1; first[i] != NULL; i++)
        g_ptr_array_add(words, first[i]);
    for (gsize i = 0; is_entry && view->cmd != NULL && view->cmd[i] != NULL; i++)
        g_ptr_array_add(words, view->cmd[i]);
    g_ptr_array_add(words, NULL);
    const Entry entry = {info,     view,       tree,
                         findings, extensions, is_entry ? "entry point" : "command"};
    check_command(&entry, first[0], (char *const *) words->pdata);
}
