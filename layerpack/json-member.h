#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** lp_json_append_shown: @text for a report, made valid UTF-8, as a JSON string; NULL as null. */
void lp_json_append_shown(GString *out, const char *text);

/** lp_json_append_member: @before, then "name": and @text as lp_json_append_shown(). */
void lp_json_append_member(GString *out, const char *before, const char *name, const char *text);

G_END_DECLS
