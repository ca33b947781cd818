#include "config.h"

#include "hivecore/image/windows-name.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/image/layer-reader.h"

/* Source: hcsshim, internal/wclayer/legacy.go: beside each folder stands a file of this name. */
#define IMPORTER_SUFFIX ".$wcidirs$"

enum {
    MAX_PART_UNITS = 255, /* of NTFS */
};

/* Whether @name is a device, whatever extension follows: "con", "COM1.txt", "nul ". */
static gboolean
is_device(const char *name)
{
    static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
    static const char *const digits[] = {"1", "2", "3", "4",        "5",        "6",
                                         "7", "8", "9", "\xc2\xb9", "\xc2\xb2", "\xc2\xb3"};
    const char *dot = strchr(name, '.');
    g_autofree char *stem = dot != NULL ? g_strndup(name, (gsize) (dot - name)) : g_strdup(name);
    g_strchomp(stem);
    for (gsize i = 0; i < G_N_ELEMENTS(devices); i++) {
        if (g_ascii_strcasecmp(stem, devices[i]) == 0)
            return TRUE;
    }
    if (g_ascii_strncasecmp(stem, "COM", 3) != 0 && g_ascii_strncasecmp(stem, "LPT", 3) != 0)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(digits); i++) {
        if (g_str_equal(stem + 3, digits[i]))
            return TRUE;
    }
    return FALSE;
}

gsize
hc_windows_name_units(const char *utf8)
{
    gsize n = 0;
    for (const char *at = utf8; *at != '\0'; at += g_utf8_skip[(guchar) *at])
        n += g_utf8_get_char(at) > 0xffff ? 2 : 1;
    return n;
}

const char *
hc_windows_name_error(const char *name)
{
    for (const char *at = name; *at != '\0'; at++) {
        if ((guchar) *at < 0x20)
            return "Windows takes no control characters in names";
    }
    if (strpbrk(name, "<>:\"/\\|?*") != NULL)
        return "Windows takes none of < > : \" / \\ | ? * in names";
    if (hc_windows_name_units(name) > MAX_PART_UNITS)
        return "Windows takes no name of over 255 UTF-16 units";
    return NULL;
}

const char *
hc_windows_name_oddity(const char *name)
{
    if (g_str_has_suffix(name, ".") || g_str_has_suffix(name, " "))
        return "Windows takes no dot or space at the end of names";
    return is_device(name) ? "Windows takes the name for a device" : NULL;
}

const char *
hc_windows_name_reserved(const char *name, gboolean is_folder)
{
    if (g_str_has_suffix(name, IMPORTER_SUFFIX))
        return "names that end in " IMPORTER_SUFFIX " belong to the importer of layers";
    if (is_folder && hc_windows_name_units(name) + strlen(IMPORTER_SUFFIX) > MAX_PART_UNITS)
        return "a folder's name has over 245 UTF-16 units, and the importer of layers adds 10";
    return NULL;
}

const char *
hc_windows_name_fault(const char *name)
{
    if (!g_utf8_validate(name, -1, NULL))
        return "a name is not UTF-8";
    const char *fault = hc_windows_name_error(name);
    if (fault == NULL)
        fault = hc_windows_name_oddity(name);
    if (fault == NULL && g_str_has_prefix(name, ".wh."))
        fault = "names that begin with .wh. delete files in a layer";
    return fault != NULL ? fault : hc_windows_name_reserved(name, FALSE);
}

gboolean
hc_windows_path_is(const char *text)
{
    return *text == '/' || *text == '\\' || (g_ascii_isalpha(text[0]) && text[1] == ':');
}

/* Whether @text begins with a drive; *fault is set when it is not C:. */
static gboolean
has_drive(const char *text, const char **fault)
{
    if (!g_ascii_isalpha(text[0]) || text[1] != ':')
        return FALSE;
    if (g_ascii_toupper(text[0]) != 'C')
        *fault = "an image has no other drive than C:";
    return TRUE;
}

/* Appends the parts of @path to @name, which begins with "Files". Returns: what is wrong, or NULL
 */
static const char *
append_parts(GString *name, const char *path, gboolean takes_up)
{
    g_auto(GStrv) parts = g_strsplit_set(path, "/\\", -1);
    for (gsize i = 0; parts[i] != NULL; i++) {
        const gboolean is_up = g_str_equal(parts[i], "..");
        if (*parts[i] == '\0' || g_str_equal(parts[i], "."))
            continue;
        if (is_up && !takes_up)
            return ".. is not possible";
        if (is_up) {
            const char *slash = strrchr(name->str, '/');
            if (slash != NULL)
                g_string_truncate(name, (gsize) (slash - name->str));
            continue;
        }
        const char *fault = hc_windows_name_fault(parts[i]);
        if (fault != NULL)
            return fault;
        g_string_append_printf(name, "/%s", parts[i]);
    }
    return name->len > HC_MAX_NAME_BYTES ? "the path is too long" : NULL;
}

static char *
fail_path(const char *text, const char *fault, GError **error)
{
    g_autofree char *shown = g_utf8_make_valid(text, -1);
    return hc_fail_null(error, HC_ERROR_USAGE, "%s: %s", shown, fault);
}

char *
hc_windows_path_parse(const char *text, GError **error)
{
    const char *fault = NULL;
    const char *path = has_drive(text, &fault) ? text + 2 : text;
    if (fault == NULL && *path != '/' && *path != '\\')
        fault = "a path begins with C:\\ or a slash";
    g_autoptr(GString) name = g_string_new("Files");
    if (fault == NULL)
        fault = append_parts(name, path, FALSE);
    return fault == NULL ? g_string_free(g_steal_pointer(&name), FALSE)
                         : fail_path(text, fault, error);
}

char *
hc_windows_path_resolve(const char *folder, const char *text, GError **error)
{
    const char *fault = NULL;
    const char *path = has_drive(text, &fault) ? text + 2 : text;
    g_autoptr(GString) name = g_string_new(*path == '/' || *path == '\\' ? "Files" : folder);
    if (fault == NULL && *text == '\0')
        fault = "the path is empty";
    if (fault == NULL && (g_str_has_prefix(text, "\\\\") || g_str_has_prefix(text, "//")))
        fault = "an image has no network and no devices";
    if (fault == NULL)
        fault = append_parts(name, path, TRUE);
    return fault == NULL ? g_string_free(g_steal_pointer(&name), FALSE)
                         : fail_path(text, fault, error);
}

char *
hc_windows_path_text(const char *name)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const gboolean is_drive =
        g_str_has_prefix(name, "Files") && (name[5] == '/' || name[5] == '\0');
    g_string_append(text, is_drive ? "C:\\" : "");
    const char *rest = is_drive ? name + (name[5] == '/' ? 6 : 5) : name;
    for (; *rest != '\0'; rest++)
        g_string_append_c(text, *rest == '/' ? '\\' : *rest);
    return g_string_free(g_steal_pointer(&text), FALSE);
}
