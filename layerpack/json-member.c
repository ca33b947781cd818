#include "config.h"

#include "layerpack/json-member.h"

#include <string.h>

#include "hivecore/base/arena.h"
#include "hivecore/report/report.h"

void
lp_json_append_shown(GString *out, const char *text)
{
    if (text == NULL) {
        g_string_append(out, "null");
        return;
    }
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    hc_report_append_json_name(out, hc_name_from_utf8(arena, valid, strlen(valid)));
}

void
lp_json_append_member(GString *out, const char *before, const char *name, const char *text)
{
    g_string_append_printf(out, "%s\"%s\": ", before, name);
    lp_json_append_shown(out, text);
}
