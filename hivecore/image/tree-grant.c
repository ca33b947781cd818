#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/image/tree-private.h"
#include "hivecore/regf/security.h"

/* "NAME:RIGHTS", as icacls /grant takes it, and in words. Sources: Microsoft, "icacls", "Well-known
 * SIDs"; of the accounts of containers "Secure Windows containers". */

typedef struct {
    const char *word;
    guint32 value;
} Word;

static const struct {
    const char *name;
    const char *sid;
} accounts[] = {
    {"ContainerAdministrator", "S-1-5-93-2-1"},
    {"ContainerUser", "S-1-5-93-2-2"},
    {"Everyone", "S-1-1-0"},
    {"CREATOR OWNER", "S-1-3-0"},
    {"CREATOR GROUP", "S-1-3-1"},
    {"Authenticated Users", "S-1-5-11"},
    {"INTERACTIVE", "S-1-5-4"},
    {"SERVICE", "S-1-5-6"},
    {"SYSTEM", "S-1-5-18"},
    {"LOCAL SERVICE", "S-1-5-19"},
    {"LocalService", "S-1-5-19"},
    {"NETWORK SERVICE", "S-1-5-20"},
    {"NetworkService", "S-1-5-20"},
    {"Administrators", "S-1-5-32-544"},
    {"Users", "S-1-5-32-545"},
    {"Guests", "S-1-5-32-546"},
    {"IIS_IUSRS", "S-1-5-32-568"},
    {"TrustedInstaller", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"},
};

/* Masks of files for whole words; those of icacls in capitals. */
static const Word levels[] = {
    {"read", 0x120089}, {"execute", 0x1200a9}, {"write", 0x12019f}, {"modify", 0x1301bf},
    {"full", 0x1f01ff}, {"R", 0x120089},       {"RX", 0x1200a9},    {"W", 0x100116},
    {"M", 0x1301bf},    {"F", 0x1f01ff},       {"D", 0x110000},     {NULL, 0},
};

static const Word rights[] = {
    {"DE", 0x10000},  {"RC", 0x20000},  {"WDAC", 0x40000}, {"WO", 0x80000},  {"S", 0x100000},
    {"GR", 0x120089}, {"GW", 0x120116}, {"GE", 0x1200a0},  {"GA", 0x1f01ff}, {"RD", 0x1},
    {"WD", 0x2},      {"AD", 0x4},      {"REA", 0x8},      {"WEA", 0x10},    {"X", 0x20},
    {"DC", 0x40},     {"RA", 0x80},     {"WA", 0x100},     {NULL, 0},
};

static const Word inheritances[] = {
    {"OI", HC_ACE_OBJECT_INHERIT},
    {"CI", HC_ACE_CONTAINER_INHERIT},
    {"IO", HC_ACE_INHERIT_ONLY},
    {"NP", HC_ACE_NO_PROPAGATE},
    {NULL, 0},
};

static guint32
find_word(const Word *words, const char *text, gsize n_bytes)
{
    for (; words->word != NULL; words++) {
        if (strlen(words->word) == n_bytes && g_ascii_strncasecmp(words->word, text, n_bytes) == 0)
            return words->value;
    }
    return 0;
}

static gboolean
fail_text(const char *text, const char *what, GError **error)
{
    g_autoptr(GString) shown = g_string_new(NULL);
    hc_append_display(shown, text, strlen(text));
    return hc_fail(error, HC_ERROR_USAGE, "'%s': %s", shown->str, what);
}

/* The name of an account, with or without who it belongs to. */
static GBytes *
find_account(const char *name)
{
    static const char *const authorities[] = {"BUILTIN\\", "NT AUTHORITY\\", "User Manager\\",
                                              "NT SERVICE\\"};
    if (*name == '*')
        return hc_sid_parse(name + 1, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(authorities); i++) {
        const gsize n = strlen(authorities[i]);
        if (g_ascii_strncasecmp(name, authorities[i], n) == 0) {
            name += n;
            break;
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(accounts); i++) {
        if (g_ascii_strcasecmp(name, accounts[i].name) == 0)
            return hc_sid_parse(accounts[i].sid, NULL);
    }
    return g_ascii_strncasecmp(name, "S-1-", 4) == 0 ? hc_sid_parse(name, NULL) : NULL;
}

/* "(OI)(CI)" in front. Returns: what follows */
static const char *
take_inheritance(const char *at, uint8_t *flags)
{
    while (*at == '(') {
        const gsize n = strcspn(at + 1, ")");
        const guint32 flag = find_word(inheritances, at + 1, n);
        if (flag == 0 || at[1 + n] != ')')
            return at;
        *flags |= (uint8_t) flag;
        at += n + 2;
    }
    return at;
}

/* "M", "modify", "(RD,WD)", "RX,W". */
static gboolean
take_rights(const char *at, uint32_t *mask)
{
    g_autofree char *text = NULL;
    const gsize n = strlen(at);
    const gboolean is_list = n > 2 && at[0] == '(' && at[n - 1] == ')';
    text = is_list ? g_strndup(at + 1, n - 2) : g_strdup(at);
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    *mask = 0;
    for (gsize i = 0; words[i] != NULL; i++) {
        const char *word = g_strstrip(words[i]);
        guint32 value = find_word(levels, word, strlen(word));
        if (value == 0)
            value = find_word(rights, word, strlen(word));
        if (value == 0)
            return FALSE;
        *mask |= value;
    }
    return *mask != 0;
}

gboolean
hc_tree_grant_parse(const char *text, HcTreeGrant *grant, GError **error)
{
    const char *colon = strrchr(text, ':');
    *grant = (HcTreeGrant){0};
    if (colon == NULL || colon == text || colon[1] == '\0')
        return fail_text(text, "not of the form NAME:RIGHTS, like ContainerUser:modify", error);
    g_autofree char *quoted = g_strndup(text, (gsize) (colon - text));
    g_autofree char *name = g_strdup(quoted);
    const gsize n = strlen(quoted);
    if (n > 2 && quoted[0] == '"' && quoted[n - 1] == '"') {
        g_free(name);
        name = g_strndup(quoted + 1, n - 2);
    }
    grant->sid = find_account(name);
    if (grant->sid == NULL)
        return fail_text(name, "an account that is not known without Windows; its SID, *S-1-…, is",
                         error);
    const char *rest = take_inheritance(colon + 1, &grant->flags);
    if (take_rights(rest, &grant->mask))
        return TRUE;
    hc_tree_grant_clear(grant);
    return fail_text(colon + 1,
                     "no rights: read, execute, write, modify, full, or those of icacls, like "
                     "(OI)(CI)M",
                     error);
}

void
hc_tree_grant_clear(HcTreeGrant *grant)
{
    g_clear_pointer(&grant->sid, g_bytes_unref);
}
