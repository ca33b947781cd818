#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/run/script-private.h"

/*
 * Commands on files and folders, and the table of all. Sources: Microsoft's pages on each command,
 * about_FileSystem_Provider.
 */

/* Paths of -Path or -LiteralPath. */
static gboolean
paths_of(const HcPsBound *bound, GPtrArray *paths, gboolean *is_literal)
{
    const HcPsValue *value = hc_ps_get(bound, "path");
    *is_literal = value == NULL;
    if (value == NULL)
        value = hc_ps_get(bound, "literalpath");
    if (value == NULL)
        return hc_run_refuse(bound->ps->error, bound->name, "without -Path");
    const guint n = value->kind == HC_PS_LIST ? value->n_items : 1;
    for (guint i = 0; i < n; i++) {
        const char *text =
            hc_ps_text(bound->ps, value->kind == HC_PS_LIST ? value->items[i] : value);
        if (*text == '\0')
            return hc_run_refuse(bound->ps->error, bound->name, "has an empty path");
        if (strchr(text, '[') != NULL && !*is_literal)
            return hc_run_refuse(bound->ps->error, text, "a wildcard that is not done here");
        g_ptr_array_add(paths, hc_run_keep(bound->ps->run, text));
    }
    return TRUE;
}

static gboolean
one_path(const HcPsBound *bound, const char **path)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    gboolean is_literal;
    if (!paths_of(bound, paths, &is_literal))
        return FALSE;
    *path = (const char *) paths->pdata[0];
    return paths->len == 1 || hc_run_refuse(bound->ps->error, bound->name, "of several paths");
}

static guint
force_of(const HcPsBound *bound)
{
    return hc_ps_is_set(bound, "force") ? HC_RUN_FORCE | HC_RUN_HIDDEN : 0;
}

/* A folder that has something in it is asked about without -Recurse. */
static gboolean
check_recurse(const HcPsBound *bound, const char *path)
{
    HcRun *run = bound->ps->run;
    if (hc_ps_is_set(bound, "recurse") || run->world->tree == NULL)
        return TRUE;
    g_autoptr(GPtrArray) found = hc_run_match(run, path, HC_RUN_HIDDEN, bound->ps->error);
    for (guint i = 0; found != NULL && i < found->len; i++) {
        const HcTreeNode *node = (const HcTreeNode *) found->pdata[i];
        g_autoptr(GPtrArray) children = hc_tree_children(run->world->tree, node);
        if (children->len > 0 && hc_tree_node_kind(node) == HC_TREE_FOLDER)
            return hc_run_refuse(bound->ps->error, path,
                                 "a folder that is not empty, of which it asks without -Recurse");
    }
    return found != NULL;
}

static gboolean
remove_item(const HcPsBound *bound)
{
    HcPs *ps = bound->ps;
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    gboolean is_literal;
    const guint flags = HC_RUN_FILES | HC_RUN_FOLDERS | HC_RUN_RECURSIVE | force_of(bound);
    if (!paths_of(bound, paths, &is_literal))
        return FALSE;
    for (guint i = 0; i < paths->len; i++) {
        const char *path = (const char *) paths->pdata[i];
        const gboolean ok =
            hc_ps_is_registry(path)
                ? hc_ps_remove_key(bound, path)
                : check_recurse(bound, path) && hc_run_delete(ps->run, path, flags, ps->error);
        if (!ok)
            return FALSE;
    }
    return TRUE;
}

static gboolean
copy_item(const HcPsBound *bound)
{
    HcPs *ps = bound->ps;
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    const char *to = hc_ps_get_text(bound, "destination");
    gboolean is_literal;
    const guint flags =
        HC_RUN_FORCE | (hc_ps_is_set(bound, "recurse") ? HC_RUN_RECURSIVE : 0) | force_of(bound);
    if (hc_ps_get(bound, "container") != NULL && !hc_ps_is_set(bound, "container"))
        return hc_run_refuse(ps->error, "-Container:$false", "of Copy-Item, is not done here");
    if (!paths_of(bound, paths, &is_literal))
        return FALSE;
    for (guint i = 0; i < paths->len; i++) {
        const char *path = (const char *) paths->pdata[i];
        if (hc_ps_is_registry(path) || (to != NULL && hc_ps_is_registry(to)))
            return hc_run_refuse(ps->error, path, "copies of keys are not done here");
        if (!hc_run_copy(ps->run, path, to != NULL ? to : ".", flags, ps->error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
move_item(const HcPsBound *bound)
{
    HcPs *ps = bound->ps;
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    const char *to = hc_ps_get_text(bound, "destination");
    gboolean is_literal;
    if (!paths_of(bound, paths, &is_literal))
        return FALSE;
    for (guint i = 0; i < paths->len; i++) {
        const char *path = (const char *) paths->pdata[i];
        if (hc_ps_is_registry(path))
            return hc_run_refuse(ps->error, path, "moves of keys are not done here");
        if (!hc_run_move(ps->run, path, to != NULL ? to : ".", force_of(bound), ps->error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
rename_item(const HcPsBound *bound)
{
    const char *path;
    const char *name = hc_ps_get_text(bound, "newname");
    if (!one_path(bound, &path))
        return FALSE;
    if (name == NULL || hc_ps_is_registry(path))
        return hc_run_refuse(bound->ps->error, bound->name, "of a key, or without a new name");
    return hc_run_rename(bound->ps->run, path, name, force_of(bound), bound->ps->error);
}

/* --- contents --- */

/* @text in the encoding that is asked for; ASCII is the same in most. */
static gboolean
check_encoding(const HcPsBound *bound, const char *text, gboolean *has_bom)
{
    const char *encoding = hc_ps_get_text(bound, "encoding");
    gboolean is_ascii = TRUE;
    *has_bom = FALSE;
    for (const char *byte = text; *byte != '\0'; byte++)
        is_ascii &= (guchar) *byte < 0x80;
    if (encoding == NULL || g_ascii_strcasecmp(encoding, "default") == 0 ||
        g_ascii_strcasecmp(encoding, "oem") == 0 || g_ascii_strcasecmp(encoding, "ansi") == 0 ||
        g_ascii_strcasecmp(encoding, "ascii") == 0) {
        const gboolean is_core_utf8 =
            bound->ps->is_core &&
            (encoding == NULL || g_ascii_strcasecmp(encoding, "default") == 0);
        return is_ascii || is_core_utf8 ||
               hc_run_refuse(bound->ps->error, text,
                             "which bytes these letters become depends on the machine's code page; "
                             "-Encoding utf8 says it");
    }
    const gboolean is_utf8 = g_ascii_strcasecmp(encoding, "utf8") == 0;
    *has_bom = (is_utf8 && !bound->ps->is_core) || g_ascii_strcasecmp(encoding, "utf8BOM") == 0;
    return is_utf8 || *has_bom || g_ascii_strcasecmp(encoding, "utf8NoBOM") == 0 ||
           hc_run_refuse(bound->ps->error, encoding, "an encoding that is not done here");
}

static gboolean
write_content(const HcPsBound *bound, guint flags, const char *path_param)
{
    HcPs *ps = bound->ps;
    const char *path = hc_ps_get_text(bound, path_param);
    const HcPsValue *value = hc_ps_get(bound, "value");
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean has_bom;
    if (path == NULL)
        path = hc_ps_get_text(bound, "literalpath");
    if (path == NULL || value == NULL)
        return hc_run_refuse(ps->error, bound->name, "without a path and a value");
    if (hc_run_has_wildcards(path) || hc_ps_is_registry(path))
        return hc_run_refuse(ps->error, path, "is not one file");
    if (!hc_ps_check_plain(ps, value))
        return FALSE;
    const guint n = value->kind == HC_PS_LIST ? value->n_items : 1;
    for (guint i = 0; i < n; i++) {
        g_string_append(text, hc_ps_text(ps, value->kind == HC_PS_LIST ? value->items[i] : value));
        g_string_append(text, hc_ps_is_set(bound, "nonewline") ? "" : "\r\n");
    }
    if (!check_encoding(bound, text->str, &has_bom))
        return FALSE;
    if (has_bom && (flags & HC_RUN_APPEND) != 0)
        return hc_run_refuse(ps->error, bound->name, "with a byte order mark behind a text");
    if (has_bom)
        g_string_prepend(text, "\xef\xbb\xbf");
    return hc_run_write(ps->run, path, text->str, text->len, flags, ps->error);
}

static gboolean
set_content(const HcPsBound *bound)
{
    return write_content(bound, HC_RUN_FORCE, "path");
}

static gboolean
add_content(const HcPsBound *bound)
{
    return write_content(bound, HC_RUN_APPEND, "path");
}

/* Without -Encoding it writes UTF-16 in Windows PowerShell. */
static gboolean
out_file(const HcPsBound *bound)
{
    if (hc_ps_get(bound, "encoding") == NULL && !bound->ps->is_core)
        return hc_run_refuse(bound->ps->error, bound->name,
                             "without -Encoding, which is UTF-16; -Encoding ascii says it");
    return write_content(bound, hc_ps_is_set(bound, "append") ? HC_RUN_APPEND : HC_RUN_FORCE,
                         "filepath");
}

/* --- new items --- */

static gboolean
is_type(const char *type, const char *name)
{
    return type != NULL && *type != '\0' && g_ascii_strncasecmp(type, name, strlen(type)) == 0;
}

static gboolean
new_one(const HcPsBound *bound, const char *path, const char *type)
{
    HcPs *ps = bound->ps;
    const guint existing = hc_ps_is_set(bound, "force") ? HC_RUN_EXISTING_OK : 0;
    const char *value = hc_ps_get_text(bound, "value");
    if (hc_ps_is_registry(path))
        return hc_ps_new_key(bound, path);
    if (hc_run_has_wildcards(path))
        return hc_run_refuse(ps->error, path, "a path with wildcards");
    if (is_type(type, "Directory") || is_type(type, "Container"))
        return hc_run_make_folder(ps->run, path, existing, ps->error);
    if (type == NULL || is_type(type, "File"))
        return hc_run_write(ps->run, path, value != NULL ? value : "",
                            value != NULL ? strlen(value) : 0,
                            force_of(bound) | (existing != 0 ? HC_RUN_PARENTS : 0), ps->error);
    if (value == NULL)
        return hc_run_refuse(ps->error, type, "without -Target");
    if (g_ascii_strcasecmp(type, "Junction") == 0)
        return hc_run_link(ps->run, path, value, 'j', ps->error);
    if (g_ascii_strcasecmp(type, "HardLink") == 0)
        return hc_run_link(ps->run, path, value, 'h', ps->error);
    if (g_ascii_strcasecmp(type, "SymbolicLink") == 0) {
        const HcTreeNode *node =
            ps->run->world->tree != NULL ? hc_run_find(ps->run, value, NULL) : NULL;
        return hc_run_link(ps->run, path, value,
                           node != NULL && hc_tree_node_is_folder_like(node) ? 'd' : 'f',
                           ps->error);
    }
    return hc_run_refuse(ps->error, type, "a kind of item that is not done here");
}

static gboolean
new_items(const HcPsBound *bound, const char *type)
{
    const HcPsValue *paths = hc_ps_get(bound, "path");
    const char *name = hc_ps_get_text(bound, "name");
    if (paths == NULL && name == NULL)
        return hc_run_refuse(bound->ps->error, bound->name, "without -Path");
    const guint n = paths != NULL && paths->kind == HC_PS_LIST ? paths->n_items : 1;
    for (guint i = 0; i < n; i++) {
        const char *path =
            paths == NULL
                ? "."
                : hc_ps_text(bound->ps, paths->kind == HC_PS_LIST ? paths->items[i] : paths);
        g_autofree char *whole =
            name == NULL ? g_strdup(path) : g_strconcat(path, "\\", name, NULL);
        if (!new_one(bound, whole, type))
            return FALSE;
    }
    return TRUE;
}

static gboolean
new_item(const HcPsBound *bound)
{
    return new_items(bound, hc_ps_get_text(bound, "itemtype"));
}

static gboolean
make_folder(const HcPsBound *bound)
{
    return new_items(bound, "Directory");
}

static gboolean
set_location(const HcPsBound *bound)
{
    const char *path;
    if (!one_path(bound, &path))
        return FALSE;
    if (hc_ps_is_registry(path))
        return hc_run_refuse(bound->ps->error, path, "a place in the registry to work in");
    return hc_run_change_folder(bound->ps->run, path, bound->ps->error);
}

static gboolean
expand_archive(const HcPsBound *bound)
{
    const char *path;
    const char *to = hc_ps_get_text(bound, "destinationpath");
    if (!one_path(bound, &path))
        return FALSE;
    if (to == NULL)
        return hc_run_refuse(bound->ps->error, bound->name, "without -DestinationPath");
    const gsize n = strlen(path);
    if (n < 4 || g_ascii_strcasecmp(path + n - 4, ".zip") != 0)
        return hc_run_fail(bound->ps->run, bound->ps->error,
                           "%s: Expand-Archive takes no file that is not called .zip", path);
    return hc_run_extract(bound->ps->run, path, to, 0,
                          HC_RUN_FOLDERS | HC_RUN_ZIP | force_of(bound), bound->ps->error);
}

/* --- the table --- */

#define SELECTION                                                                                  \
    {"filter", '-', -1}, {"include", '-', -1}, {"exclude", '-', -1}, {"credential", '-', -1},      \
    {                                                                                              \
        "usetransaction,usetx", '-', -1                                                            \
    }

static const HcPsParam remove_params[] = {{"path", 'v', 0},     {"literalpath,pspath,lp", 'v', -1},
                                          {"recurse", 's', -1}, {"force", 's', -1},
                                          {"stream", '-', -1},  SELECTION,
                                          {NULL, 0, -1}};
static const HcPsParam copy_params[] = {{"path", 'v', 0},
                                        {"destination", 't', 1},
                                        {"literalpath,pspath,lp", 'v', -1},
                                        {"recurse", 's', -1},
                                        {"force", 's', -1},
                                        {"container", ',', -1},
                                        {"passthru", ',', -1},
                                        {"fromsession", '-', -1},
                                        {"tosession", '-', -1},
                                        SELECTION,
                                        {NULL, 0, -1}};
static const HcPsParam move_params[] = {
    {"path", 'v', 0},   {"destination", 't', 1}, {"literalpath,pspath,lp", 'v', -1},
    {"force", 's', -1}, {"passthru", ',', -1},   SELECTION,
    {NULL, 0, -1}};
static const HcPsParam rename_params[] = {
    {"path", 'v', 0},   {"newname", 't', 1},   {"literalpath,pspath,lp", 'v', -1},
    {"force", 's', -1}, {"passthru", ',', -1}, {"credential", '-', -1},
    {NULL, 0, -1}};
static const HcPsParam content_params[] = {{"path", 't', 0},
                                           {"value", 'v', 1},
                                           {"literalpath,pspath,lp", 't', -1},
                                           {"encoding", 't', -1},
                                           {"nonewline", 's', -1},
                                           {"force", ',', -1},
                                           {"passthru", ',', -1},
                                           {"stream", '-', -1},
                                           {"asbytestream", '-', -1},
                                           SELECTION,
                                           {NULL, 0, -1}};
static const HcPsParam out_file_params[] = {{"filepath,path", 't', 0},
                                            {"encoding", 't', 1},
                                            {"value,inputobject", 'v', -1},
                                            {"literalpath,pspath,lp", 'v', -1},
                                            {"append", 's', -1},
                                            {"nonewline", 's', -1},
                                            {"force", ',', -1},
                                            {"noclobber,nooverwrite", '-', -1},
                                            {"width", '-', -1},
                                            {NULL, 0, -1}};
static const HcPsParam new_params[] = {{"path", 'v', 0},
                                       {"name", 't', -1},
                                       {"itemtype,type", 't', -1},
                                       {"value,target", 'v', -1},
                                       {"force", 's', -1},
                                       {"credential", '-', -1},
                                       {NULL, 0, -1}};
static const HcPsParam property_params[] = {{"path", 't', 0},
                                            {"name", 't', 1},
                                            {"value", 'v', 2},
                                            {"literalpath,pspath,lp", 't', -1},
                                            {"type,propertytype", 't', -1},
                                            {"force", 's', -1},
                                            {"passthru", ',', -1},
                                            {"inputobject", '-', -1},
                                            SELECTION,
                                            {NULL, 0, -1}};
static const HcPsParam new_property_params[] = {{"path", 't', 0},
                                                {"name,psproperty", 't', 1},
                                                {"literalpath,pspath,lp", 't', -1},
                                                {"type,propertytype", 't', -1},
                                                {"value", 'v', -1},
                                                {"force", 's', -1},
                                                SELECTION,
                                                {NULL, 0, -1}};
static const HcPsParam remove_property_params[] = {{"path", 't', 0},
                                                   {"name,psproperty", 't', 1},
                                                   {"literalpath,pspath,lp", 't', -1},
                                                   {"force", ',', -1},
                                                   SELECTION,
                                                   {NULL, 0, -1}};
static const HcPsParam location_params[] = {{"path", 'v', 0},
                                            {"literalpath,pspath,lp", 'v', -1},
                                            {"passthru", ',', -1},
                                            {"stackname", '-', -1},
                                            {NULL, 0, -1}};
static const HcPsParam expand_params[] = {
    {"path", 'v', 0},   {"destinationpath", 't', 1}, {"literalpath,pspath,lp", 'v', -1},
    {"force", 's', -1}, {"passthru", ',', -1},       {NULL, 0, -1}};

const HcPsCmdlet hc_ps_item_cmdlets[] = {
    {"remove-item,ri,rm,rmdir,rd,del,erase", remove_params, remove_item},
    {"copy-item,copy,cp,cpi", copy_params, copy_item},
    {"move-item,move,mv,mi", move_params, move_item},
    {"rename-item,ren,rni", rename_params, rename_item},
    {"set-content,sc", content_params, set_content},
    {"add-content,ac", content_params, add_content},
    {"out-file", out_file_params, out_file},
    {"new-item,ni", new_params, new_item},
    {"mkdir,md", new_params, make_folder},
    {"set-itemproperty,sp", property_params, hc_ps_set_property},
    {"new-itemproperty", new_property_params, hc_ps_new_property},
    {"remove-itemproperty,rp", remove_property_params, hc_ps_remove_property},
    {"set-location,sl,cd,chdir", location_params, set_location},
    {"expand-archive", expand_params, expand_archive},
    {NULL, NULL, NULL},
};
