#include "config.h"

#include "hivecore/image/layer-stack.h"

#include <string.h>

#define DELTAS "Hives/"
#define CONFIG "Files/Windows/System32/config/"

const HcHiveSlot hc_hive_slots[HC_N_HIVE_SLOTS] = {
    {"DEFAULT", "DefaultUser_Delta", DELTAS "DefaultUser_Delta", CONFIG "DEFAULT"},
    {"SAM", "Sam_Delta", DELTAS "Sam_Delta", CONFIG "SAM"},
    {"SECURITY", "Security_Delta", DELTAS "Security_Delta", CONFIG "SECURITY"},
    {"SOFTWARE", "Software_Delta", DELTAS "Software_Delta", CONFIG "SOFTWARE"},
    {"SYSTEM", "System_Delta", DELTAS "System_Delta", CONFIG "SYSTEM"},
};

int
hc_hive_slot_find(const char *name, gsize n_bytes)
{
    for (int i = 0; i < HC_N_HIVE_SLOTS; i++) {
        const char *slot = hc_hive_slots[i].name;
        if (strlen(slot) == n_bytes && g_ascii_strncasecmp(slot, name, n_bytes) == 0)
            return i;
    }
    return -1;
}
