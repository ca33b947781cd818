#include "config.h"

#include <string.h>

#include "hivecore/reg/script-private.h"

/* What is shared below HKLM\SOFTWARE, which is not. */
static const char *const shared[] = {
    "Classes",
    "Clients",
    "Policies",
    "RegisteredApplications",
    "Wow6432Node",
    "Microsoft\\COM3",
    "Microsoft\\Cryptography\\Calais\\Current",
    "Microsoft\\Cryptography\\Calais\\Readers",
    "Microsoft\\Cryptography\\Services",
    "Microsoft\\CTF\\SystemShared",
    "Microsoft\\CTF\\TIP",
    "Microsoft\\DFS",
    "Microsoft\\Driver Signing",
    "Microsoft\\EnterpriseCertificates",
    "Microsoft\\EventSystem",
    "Microsoft\\MSMQ",
    "Microsoft\\Non-Driver Signing",
    "Microsoft\\Notepad\\DefaultFonts",
    "Microsoft\\OLE",
    "Microsoft\\RAS",
    "Microsoft\\RPC",
    "Microsoft\\SOFTWARE\\Microsoft\\Shared Tools\\MSInfo",
    "Microsoft\\SystemCertificates",
    "Microsoft\\TermServLicensing",
    "Microsoft\\TransactionServer",
    "Microsoft\\Windows\\CurrentVersion\\App Paths",
    "Microsoft\\Windows\\CurrentVersion\\Control Panel\\Cursors\\Schemes",
    "Microsoft\\Windows\\CurrentVersion\\Explorer\\AutoplayHandlers",
    "Microsoft\\Windows\\CurrentVersion\\Explorer\\DriveIcons",
    "Microsoft\\Windows\\CurrentVersion\\Explorer\\KindMap",
    "Microsoft\\Windows\\CurrentVersion\\Group Policy",
    "Microsoft\\Windows\\CurrentVersion\\Policies",
    "Microsoft\\Windows\\CurrentVersion\\PreviewHandlers",
    "Microsoft\\Windows\\CurrentVersion\\Setup",
    "Microsoft\\Windows\\CurrentVersion\\Telephony\\Locations",
    "Microsoft\\Windows NT\\CurrentVersion\\Console",
    "Microsoft\\Windows NT\\CurrentVersion\\FontDpi",
    "Microsoft\\Windows NT\\CurrentVersion\\FontLink",
    "Microsoft\\Windows NT\\CurrentVersion\\FontMapper",
    "Microsoft\\Windows NT\\CurrentVersion\\Fonts",
    "Microsoft\\Windows NT\\CurrentVersion\\FontSubstitutes",
    "Microsoft\\Windows NT\\CurrentVersion\\Gre_Initialize",
    "Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options",
    "Microsoft\\Windows NT\\CurrentVersion\\Language Pack",
    "Microsoft\\Windows NT\\CurrentVersion\\NetworkCards",
    "Microsoft\\Windows NT\\CurrentVersion\\Perflib",
    "Microsoft\\Windows NT\\CurrentVersion\\Ports",
    "Microsoft\\Windows NT\\CurrentVersion\\Print",
    "Microsoft\\Windows NT\\CurrentVersion\\ProfileList",
    "Microsoft\\Windows NT\\CurrentVersion\\Time Zones",
};

/* What is not below the classes, which are shared, of the machine and of users. */
static const char *const redirected[] = {"CLSID", "DirectShow", "Interface", "Media Type",
                                         "MediaFoundation"};

static gboolean
name_is(HcName name, const char *text, gsize n)
{
    return hc_name_equal(name, (HcName){(const uint8_t *) text, (uint32_t) n, TRUE});
}

/* Whether @path starts with the names of @prefix. */
static gboolean
starts_with(HcPath path, const char *prefix)
{
    for (gsize i = 0;; i++) {
        const gsize n_part = strcspn(prefix, "\\");
        if (i >= path.n || !name_is(path.names[i], prefix, n_part))
            return FALSE;
        if (prefix[n_part] == '\0')
            return TRUE;
        prefix += n_part + 1;
    }
}

static gboolean
starts_with_any(HcPath path, const char *const *prefixes, gsize n_prefixes)
{
    for (gsize i = 0; i < n_prefixes; i++) {
        if (starts_with(path, prefixes[i]))
            return TRUE;
    }
    return FALSE;
}

/* How many names stand before WOW6432Node; 0: there is none. */
static gsize
find_place(HcPath path)
{
    gsize n_classes = 0;
    if (starts_with(path, "HKEY_CLASSES_ROOT"))
        n_classes = 1;
    else if (starts_with(path, "HKEY_LOCAL_MACHINE\\SOFTWARE\\Classes") ||
             starts_with(path, "HKEY_CURRENT_USER\\Software\\Classes"))
        n_classes = 3;
    if (n_classes > 0)
        return starts_with_any(hc_path_from(path, n_classes), redirected, G_N_ELEMENTS(redirected))
                   ? n_classes
                   : 0;
    if (!starts_with(path, "HKEY_LOCAL_MACHINE\\SOFTWARE"))
        return 0;
    return starts_with_any(hc_path_from(path, 2), shared, G_N_ELEMENTS(shared)) ? 0 : 2;
}

HcPath
hc_wow64_path(HcArena *arena, HcPath path)
{
    static const HcName node[] = {HC_NAME_ASCII("WOW6432Node")};
    const gsize place = find_place(path);
    if (place == 0)
        return path;
    const HcPath below = hc_path_join(arena, HC_PATH(node), hc_path_from(path, place));
    return hc_path_join(arena, (HcPath){path.names, place}, below);
}
