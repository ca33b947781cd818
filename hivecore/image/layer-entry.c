#include "config.h"

#include "hivecore/image/tar.h"

#include <string.h>

static void
record_free(gpointer data)
{
    HcEntryRecord *record = data;
    g_free(record->key);
    g_free(record->value);
    g_free(record);
}

HcEntry *
hc_entry_new(void)
{
    HcEntry *entry = g_new0(HcEntry, 1);
    entry->name = g_string_new(NULL);
    entry->link = g_string_new(NULL);
    entry->records = g_ptr_array_new_with_free_func(record_free);
    return entry;
}

void
hc_entry_free(HcEntry *entry)
{
    if (entry == NULL)
        return;
    g_string_free(entry->name, TRUE);
    g_string_free(entry->link, TRUE);
    g_ptr_array_unref(entry->records);
    g_free(entry);
}

const HcEntryRecord *
hc_entry_record(const HcEntry *entry, const char *key)
{
    for (guint i = entry->records->len; i > 0; i--) {
        const HcEntryRecord *record = entry->records->pdata[i - 1];
        if (strcmp(record->key, key) == 0)
            return record;
    }
    return NULL;
}

void
hc_entry_add_record(HcEntry *entry, const char *key, gsize n_key, const char *value, gsize n_value)
{
    HcEntryRecord *record = g_new0(HcEntryRecord, 1);
    record->key = g_strndup(key, n_key);
    record->value = g_malloc(n_value + 1);
    memcpy(record->value, value, n_value);
    record->value[n_value] = '\0';
    record->n_bytes = n_value;
    g_ptr_array_add(entry->records, record);
}
