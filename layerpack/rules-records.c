#include "config.h"

#include "layerpack/rules-records.h"

#include <string.h>

#include "layerpack/base64.h"
#include "layerpack/descriptor.h"

/* The importer's reader of the records, and the writer that makes folders by their attributes. */
#define SOURCE_RECORDS    "go-winio backuptar/tar.go"
#define SOURCE_ATTRIBUTES "hcsshim wclayer/legacy.go:691"

enum {
    ATTRIBUTE_DIRECTORY = 0x10,
};

static void
check_attributes(HcFindings *findings, const HcEntry *entry, const HcEntryRecord *record)
{
    guint64 attributes;
    if (strlen(record->value) != record->n_bytes ||
        !g_ascii_string_to_unsigned(record->value, 10, 0, G_MAXUINT32, &attributes, NULL)) {
        lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_RECORDS,
                        "MSWINDOWS.fileattr is not a decimal number of 32 bits");
        return;
    }
    gboolean is_folder = (attributes & ATTRIBUTE_DIRECTORY) != 0;
    if ((entry->type == HC_ENTRY_FOLDER && !is_folder) ||
        (entry->type == HC_ENTRY_FILE && is_folder))
        lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_ATTRIBUTES,
                        "MSWINDOWS.fileattr %s says %s", record->value,
                        is_folder ? "folder of a file" : "file of a folder");
}

static void
check_descriptor(HcFindings *findings, const HcEntry *entry, const HcEntryRecord *record)
{
    g_autoptr(GBytes) bytes = lp_base64_decode(record->value, record->n_bytes);
    if (bytes == NULL) {
        lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_RECORDS,
                        "MSWINDOWS.rawsd is not base64");
        return;
    }
    gsize n_bytes;
    const uint8_t *data = g_bytes_get_data(bytes, &n_bytes);
    const char *fault = lp_descriptor_fault(data, n_bytes);
    if (fault != NULL)
        lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, "MS-DTYP 2.4.6",
                        "MSWINDOWS.rawsd: %s", fault);
}

/* "sec[.nsec]", where sec may be negative. */
static gboolean
is_time(const HcEntryRecord *record)
{
    g_auto(GStrv) parts = g_strsplit(record->value, ".", 3);
    if (strlen(record->value) != record->n_bytes || parts[0] == NULL ||
        !g_ascii_string_to_signed(parts[0], 10, G_MININT64, G_MAXINT64, NULL, NULL))
        return FALSE;
    return parts[1] == NULL ||
           (parts[2] == NULL && strspn(parts[1], "0123456789") == strlen(parts[1]));
}

void
lp_rules_check_records(HcFindings *findings, const HcEntry *entry)
{
    for (guint i = 0; i < entry->records->len; i++) {
        const HcEntryRecord *record = entry->records->pdata[i];
        if (strcmp(record->key, "MSWINDOWS.fileattr") == 0) {
            check_attributes(findings, entry, record);
        } else if (strcmp(record->key, "MSWINDOWS.rawsd") == 0) {
            check_descriptor(findings, entry, record);
        } else if (g_str_has_prefix(record->key, "MSWINDOWS.xattr.")) {
            g_autoptr(GBytes) bytes = lp_base64_decode(record->value, record->n_bytes);
            if (bytes == NULL)
                lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_RECORDS,
                                "%s is not base64", record->key);
        } else if (strcmp(record->key, "LIBARCHIVE.creationtime") == 0 && !is_time(record)) {
            lp_findings_add(findings, HC_SEVERITY_ERROR, entry->name, SOURCE_RECORDS,
                            "LIBARCHIVE.creationtime is not a time in seconds");
        }
    }
}
