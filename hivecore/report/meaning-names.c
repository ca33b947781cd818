#include "config.h"

#include <string.h>

#include "hivecore/report/report-private.h"

/*
 * Names that people know for what Windows stores as a number or a SID. Sources: "Services" is the
 * documentation of CreateServiceW (dwStartType, dwServiceType, dwErrorControl) and
 * ChangeServiceConfig2W; the others are the policy settings' own pages; SIDs are "Well-known SIDs"
 * of the documentation of Windows security.
 */

typedef struct {
    uint32_t number;
    const char *text;
} Name;

/* A value with names: of keys called @key, or below one called @parent. */
typedef struct {
    const char *parent; /* (nullable) */
    const char *key;    /* (nullable) */
    const char *value;
    gboolean is_flags; /* names of bits, which may stand beside each other */
    const Name *names; /* ends with a NULL text */
} NamedValue;

static const Name service_starts[] = {
    {0, "boot"}, {1, "system"}, {2, "automatic"}, {3, "manual"}, {4, "disabled"}, {0, NULL},
};

static const Name service_types[] = {
    {0x1, "kernel driver"}, {0x2, "file system driver"},
    {0x4, "adapter"},       {0x8, "recognizer driver"},
    {0x10, "own process"},  {0x20, "shared process"},
    {0x40, "user service"}, {0x80, "user service instance"},
    {0x100, "interactive"}, {0, NULL},
};

static const Name service_errors[] = {
    {0, "ignore"}, {1, "normal"}, {2, "severe"}, {3, "critical"}, {0, NULL},
};

static const Name switches[] = {{0, "off"}, {1, "on"}, {0, NULL}};

static const Name consent_admin[] = {
    {0, "elevate without asking"},
    {1, "ask for credentials on the secure desktop"},
    {2, "ask for consent on the secure desktop"},
    {3, "ask for credentials"},
    {4, "ask for consent"},
    {5, "ask for consent for programs that are not Windows'"},
    {0, NULL},
};

static const Name lm_levels[] = {
    {0, "send LM and NTLM"},
    {1, "send LM and NTLM, NTLMv2 session security if negotiated"},
    {2, "send NTLM"},
    {3, "send NTLMv2"},
    {4, "send NTLMv2, refuse LM"},
    {5, "send NTLMv2, refuse LM and NTLM"},
    {0, NULL},
};

static const Name drive_types[] = {
    {0x1, "unknown"}, {0x4, "removable"}, {0x8, "fixed"}, {0x10, "network"},
    {0x20, "CD-ROM"}, {0x40, "RAM disk"}, {0, NULL},
};

static const NamedValue named_values[] = {
    {"Services", NULL, "Start", FALSE, service_starts},
    {"Services", NULL, "Type", TRUE, service_types},
    {"Services", NULL, "ErrorControl", FALSE, service_errors},
    {"Services", NULL, "DelayedAutostart", FALSE, switches},
    {NULL, "System", "EnableLUA", FALSE, switches},
    {NULL, "System", "ConsentPromptBehaviorAdmin", FALSE, consent_admin},
    {NULL, "Lsa", "LmCompatibilityLevel", FALSE, lm_levels},
    {NULL, "Lsa", "LimitBlankPasswordUse", FALSE, switches},
    {NULL, "Explorer", "NoDriveTypeAutoRun", TRUE, drive_types},
    {NULL, NULL, "EnableFirewall", FALSE, switches},
};

static gboolean
is_called(HcName name, const char *ascii)
{
    const HcName other = {(const uint8_t *) ascii, (uint32_t) strlen(ascii), TRUE};
    return hc_name_equal(name, other);
}

static gboolean
is_of(const NamedValue *row, const HcDeltaKey *key, HcName name)
{
    if (!is_called(name, row->value))
        return FALSE;
    if (row->key != NULL && !is_called(key->name, row->key))
        return FALSE;
    return row->parent == NULL ||
           (key->parent != NULL && is_called(key->parent->name, row->parent));
}

static gboolean
append_flags(GString *out, const Name *names, uint64_t number)
{
    const char *separator = "";
    for (; names->text != NULL; names++) {
        if ((number & names->number) == 0)
            continue;
        g_string_append_printf(out, "%s%s", separator, names->text);
        separator = ", ";
        number &= ~(uint64_t) names->number;
    }
    if (number != 0 && *separator != '\0')
        g_string_append_printf(out, "%s0x%" G_GINT64_MODIFIER "x", separator, number);
    return *separator != '\0';
}

gboolean
hc_append_number_name(GString *out, const HcDeltaKey *key, HcName name, uint64_t number)
{
    for (gsize i = 0; key != NULL && i < G_N_ELEMENTS(named_values); i++) {
        const NamedValue *row = &named_values[i];
        if (!is_of(row, key, name))
            continue;
        if (row->is_flags)
            return append_flags(out, row->names, number);
        for (const Name *one = row->names; one->text != NULL; one++) {
            if (one->number != number)
                continue;
            g_string_append(out, one->text);
            return TRUE;
        }
        return FALSE;
    }
    return FALSE;
}

static const struct {
    const char *sid;
    const char *name;
} sid_names[] = {
    {"SY", "Local System"},
    {"LS", "Local Service"},
    {"NS", "Network Service"},
    {"BA", "Administrators"},
    {"BU", "Users"},
    {"BG", "Guests"},
    {"PU", "Power Users"},
    {"BO", "Backup Operators"},
    {"SO", "Server Operators"},
    {"RE", "Replicator"},
    {"RD", "Remote Desktop Users"},
    {"NO", "Network Configuration Operators"},
    {"MU", "Performance Monitor Users"},
    {"LU", "Performance Log Users"},
    {"AU", "Authenticated Users"},
    {"AN", "Anonymous"},
    {"IU", "Interactive"},
    {"NU", "Network"},
    {"SU", "Service"},
    {"WD", "Everyone"},
    {"CO", "Creator Owner"},
    {"CG", "Creator Group"},
    {"OW", "Owner Rights"},
    {"PS", "Self"},
    {"RC", "Restricted"},
    {"WR", "Write Restricted"},
    {"AC", "All Application Packages"},
    {"LW", "Low integrity"},
    {"ME", "Medium integrity"},
    {"HI", "High integrity"},
    {"SI", "System integrity"},
    {"S-1-0-0", "Nobody"},
    {"S-1-2-0", "Local"},
    {"S-1-5-80-0", "All Services"},
    {"S-1-15-2-2", "All Restricted Application Packages"},
    {"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", "Trusted Installer"},
};

const char *
hc_sid_name(const char *sid)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sid_names); i++) {
        if (g_str_equal(sid_names[i].sid, sid))
            return sid_names[i].name;
    }
    return NULL;
}
