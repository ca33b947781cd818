#include "config.h"

#include <string.h>

#include "hivecore/base/base64.h"
#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/image/windows-name.h"
#include "hivecore/regf/security.h"
#include "layerpack/rules-private.h"

/* The writer makes folders by their attributes. */
#define SOURCE_ATTRIBUTES "hcsshim wclayer/legacy.go:691"

enum {
    ATTRIBUTE_DIRECTORY = 0x10,
    MAX_EA_NAME_BYTES = 255,
    MAX_EA_VALUE_BYTES = 65535,
};

#define EA_PREFIX "MSWINDOWS.xattr."

static void
refuse(LpRules *rules, const HcEntry *entry, const char *source, const char *what)
{
    lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, source, "%s", what);
}

/* --- headers --- */

/* Whole numbers and "sec[.nsec]", which may be negative. Source: Go archive/tar, strconv.go. */
static gboolean
is_integer(const char *text)
{
    return g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, NULL, NULL);
}

static gboolean
is_time(const HcEntryRecord *record)
{
    if (strlen(record->value) != record->n_bytes)
        return FALSE;
    g_autofree char *seconds = g_strndup(record->value, strcspn(record->value, "."));
    const char *dot = strchr(record->value, '.');
    return is_integer(seconds) && (dot == NULL || strspn(dot + 1, "0123456789") == strlen(dot + 1));
}

static gboolean
is_good_record(const HcEntryRecord *record)
{
    const char *key = record->key;
    /* An empty value takes back what an earlier header said. */
    if (record->n_bytes == 0)
        return TRUE;
    if (strcmp(key, "atime") == 0 || strcmp(key, "ctime") == 0 || strcmp(key, "mtime") == 0)
        return is_time(record);
    if (strcmp(key, "uid") == 0 || strcmp(key, "gid") == 0)
        return strlen(record->value) == record->n_bytes && is_integer(record->value);
    return strlen(record->value) == record->n_bytes;
}

static void
check_posix_records(LpRules *rules, const HcEntry *entry)
{
    static const struct {
        const char *key;
        const char *what;
    } keys[] = {
        {"atime", "is not a time in seconds"},
        {"ctime", "is not a time in seconds"},
        {"mtime", "is not a time in seconds"},
        {"uid", "is not a number"},
        {"gid", "is not a number"},
        {"uname", "holds NUL"},
        {"gname", "holds NUL"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        const HcEntryRecord *record = hc_entry_record(entry, keys[i].key);
        if (record != NULL && !is_good_record(record))
            lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_TAR,
                         "the PAX record %s %s", keys[i].key, keys[i].what);
    }
}

void
lp_rules_check_headers(LpRules *rules, const HcEntry *entry)
{
    if (entry->has_global_header)
        refuse(rules, entry, LP_SOURCE_TAR,
               "a global PAX header stands before it, which the importer takes for a file");
    if (entry->header_fault != NULL)
        refuse(rules, entry, LP_SOURCE_TAR, entry->header_fault);
    check_posix_records(rules, entry);
    if (entry->type == HC_ENTRY_FILE && (entry->tar_type == '7' || entry->tar_type == 'S'))
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_WINIO,
                     "is of the tar type '%c', of which the importer does not read the content",
                     entry->tar_type);
}

/* --- Windows' records --- */

static void
check_attributes(LpRules *rules, const HcEntry *entry)
{
    const HcEntryRecord *record = hc_entry_record(entry, "MSWINDOWS.fileattr");
    guint64 attributes;
    if (record == NULL)
        return;
    if (strlen(record->value) != record->n_bytes ||
        !g_ascii_string_to_unsigned(record->value, 10, 0, G_MAXUINT32, &attributes, NULL)) {
        refuse(rules, entry, LP_SOURCE_WINIO,
               "MSWINDOWS.fileattr is not a decimal number of 32 bits");
        return;
    }
    gboolean is_folder = (attributes & ATTRIBUTE_DIRECTORY) != 0;
    if ((entry->type == HC_ENTRY_FOLDER && !is_folder) ||
        (entry->type == HC_ENTRY_FILE && is_folder))
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, SOURCE_ATTRIBUTES,
                     "MSWINDOWS.fileattr %s says %s", record->value,
                     is_folder ? "folder of a file" : "file of a folder");
}

/* Of no bytes, it is none. A damaged one is stricter than the importer, which hands it on. */
static void
check_descriptor(LpRules *rules, const HcEntry *entry, const HcEntryRecord *record)
{
    g_autoptr(GBytes) bytes = hc_base64_decode(record->value, record->n_bytes);
    if (bytes == NULL) {
        refuse(rules, entry, LP_SOURCE_WINIO, "MSWINDOWS.rawsd is not base64");
        return;
    }
    gsize n_bytes;
    HcSecurity parts;
    const uint8_t *data = g_bytes_get_data(bytes, &n_bytes);
    const char *fault =
        n_bytes > 0 ? hc_security_parse((HcBlob){data, (uint32_t) n_bytes}, &parts) : NULL;
    if (fault != NULL)
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, "MS-DTYP 2.4.6",
                     "MSWINDOWS.rawsd: %s", fault);
}

static void
check_sddl(LpRules *rules, const HcEntry *entry, const HcEntryRecord *record)
{
    g_autoptr(GError) fault = NULL;
    g_autoptr(GBytes) descriptor = NULL;
    if (strlen(record->value) == record->n_bytes)
        descriptor = hc_sddl_parse(record->value, &fault);
    /* What we do not read (conditions, accounts of a domain) Windows may. */
    if (descriptor == NULL && !g_error_matches(fault, HC_ERROR, HC_ERROR_UNSUPPORTED))
        refuse(rules, entry, LP_SOURCE_SDDL, "MSWINDOWS.sd is no descriptor in SDDL");
}

static void
check_attribute_value(LpRules *rules, const HcEntry *entry, const HcEntryRecord *record)
{
    g_autoptr(GBytes) bytes = hc_base64_decode(record->value, record->n_bytes);
    if (bytes == NULL)
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_WINIO,
                     "%s is not base64", record->key);
    else if (g_bytes_get_size(bytes) > MAX_EA_VALUE_BYTES)
        lp_rules_say(rules, LP_AS_ANY, HC_SEVERITY_ERROR, entry->name, LP_SOURCE_EA,
                     "%s has over 65,535 bytes", record->key);
    if (strlen(record->key) - strlen(EA_PREFIX) > MAX_EA_NAME_BYTES)
        refuse(rules, entry, LP_SOURCE_EA, "the name of an extended attribute has over 255 bytes");
}

static void
check_extended_attributes(LpRules *rules, const HcEntry *entry)
{
    for (guint i = 0; i < entry->records->len; i++) {
        const HcEntryRecord *record = entry->records->pdata[i];
        if (g_str_has_prefix(record->key, EA_PREFIX) &&
            record == hc_entry_record(entry, record->key))
            check_attribute_value(rules, entry, record);
    }
}

void
lp_rules_check_records(LpRules *rules, const HcEntry *entry)
{
    const HcEntryRecord *raw = hc_entry_record(entry, "MSWINDOWS.rawsd");
    const HcEntryRecord *sddl = hc_entry_record(entry, "MSWINDOWS.sd");
    const HcEntryRecord *created = hc_entry_record(entry, "LIBARCHIVE.creationtime");
    check_attributes(rules, entry);
    if (raw != NULL)
        check_descriptor(rules, entry, raw);
    else if (sddl != NULL)
        check_sddl(rules, entry, sddl);
    check_extended_attributes(rules, entry);
    if (created != NULL && !is_time(created))
        refuse(rules, entry, LP_SOURCE_WINIO, "LIBARCHIVE.creationtime is not a time in seconds");
    if (entry->type == HC_ENTRY_SYMLINK &&
        hc_windows_name_units(entry->link->str) > HC_MAX_LINK_UNITS)
        refuse(rules, entry, LP_SOURCE_REPARSE,
               "the link's target has over 4,088 UTF-16 units, more than a reparse point holds");
}
