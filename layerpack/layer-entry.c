#include "config.h"

#include "layerpack/layer-entry.h"

#include <string.h>

static void
record_free(gpointer data)
{
    LpEntryRecord *record = data;
    g_free(record->key);
    g_free(record->value);
    g_free(record);
}

LpEntry *
lp_entry_new(void)
{
    LpEntry *entry = g_new0(LpEntry, 1);
    entry->name = g_string_new(NULL);
    entry->link = g_string_new(NULL);
    entry->records = g_ptr_array_new_with_free_func(record_free);
    return entry;
}

void
lp_entry_free(LpEntry *entry)
{
    if (entry == NULL)
        return;
    g_string_free(entry->name, TRUE);
    g_string_free(entry->link, TRUE);
    g_ptr_array_unref(entry->records);
    g_free(entry);
}

const LpEntryRecord *
lp_entry_record(const LpEntry *entry, const char *key)
{
    for (guint i = entry->records->len; i > 0; i--) {
        const LpEntryRecord *record = entry->records->pdata[i - 1];
        if (strcmp(record->key, key) == 0)
            return record;
    }
    return NULL;
}

void
lp_entry_add_record(LpEntry *entry, const char *key, gsize n_key, const char *value, gsize n_value)
{
    LpEntryRecord *record = g_new0(LpEntryRecord, 1);
    record->key = g_strndup(key, n_key);
    record->value = g_malloc(n_value + 1);
    memcpy(record->value, value, n_value);
    record->value[n_value] = '\0';
    record->n_bytes = n_value;
    g_ptr_array_add(entry->records, record);
}
