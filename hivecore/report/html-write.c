#include "config.h"

#include "hivecore/report/html-private.h"

/* One change as HTML, and the same as data for the script. */

static const char *const mark_tags[] = {
    [HC_HTML_SAME] = NULL,    [HC_HTML_REMOVED] = "del", [HC_HTML_ADDED] = "ins",
    [HC_HTML_MOVED] = "mark", [HC_HTML_LEFT_OUT] = "i",
};

static void
append_segments(GString *out, const HcHtmlSide *side)
{
    for (guint i = 0; i < side->segments->len; i++) {
        const HcHtmlSegment *segment = &g_array_index(side->segments, HcHtmlSegment, i);
        g_autofree char *text = g_strndup(side->text->str + segment->start, segment->n_bytes);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        const char *tag = mark_tags[segment->mark];
        if (tag != NULL)
            g_string_append_printf(out, "<%s>", tag);
        for (gsize k = 0; lines[k] != NULL; k++) {
            g_string_append(out, k > 0 ? "\n" : "");
            hc_html_text(out, lines[k]);
        }
        if (tag != NULL)
            g_string_append_printf(out, "</%s>", tag);
    }
}

static const char *
sign_word(char sign)
{
    return sign == '+' ? "added" : sign == '-' ? "removed" : "changed";
}

static void
append_side(GString *out, const HcHtmlChange *change, guint i)
{
    if (!change->has_side[i])
        return;
    g_string_append_printf(out,
                           "<pre class=\"%s\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">",
                           i == 0 ? "old" : "new", i == 0 ? "before" : "after");
    append_segments(out, &change->sides[i]);
    g_string_append(out, "</pre>");
}

static void
append_remark(GString *out, const char *class_name, const char *text)
{
    if (text[0] == '\0')
        return;
    g_string_append_printf(out, "<p class=\"%s\">", class_name);
    hc_html_text(out, text);
    g_string_append(out, "</p>");
}

void
hc_html_change_write(GString *out, const HcHtmlChange *change)
{
    g_string_append_printf(out,
                           "<div class=\"change %s\"><p class=\"what\"><b>%c</b> <span "
                           "class=\"sr\">%s</span> <code class=\"name\">",
                           sign_word(change->sign), change->sign, sign_word(change->sign));
    hc_html_text(out, change->what->str);
    g_string_append(out, "</code>");
    if (change->type->len > 0) {
        g_string_append(out, " <span class=\"type\">");
        hc_html_text(out, change->type->str);
        g_string_append(out, "</span>");
    }
    g_string_append(out, "</p>");
    if (change->has_side[0] || change->has_side[1]) {
        g_string_append(out, change->has_side[0] && change->has_side[1]
                                 ? "<div class=\"sides two\">"
                                 : "<div class=\"sides\">");
        append_side(out, change, 0);
        append_side(out, change, 1);
        g_string_append(out, "</div>");
    }
    append_remark(out, "note", change->note->str);
    append_remark(out, "why", change->why->str);
    append_remark(out, "origin", change->origin->str);
    g_string_append(out, "</div>\n");
}

static void
write_side(HcJsonWriter *json, const char *name, const HcHtmlSide *side)
{
    hc_json_member(json, name);
    hc_json_begin_array(json, HC_JSON_DENSE);
    for (guint i = 0; i < side->segments->len; i++) {
        const HcHtmlSegment *segment = &g_array_index(side->segments, HcHtmlSegment, i);
        g_autofree char *text = g_strndup(side->text->str + segment->start, segment->n_bytes);
        hc_json_number(json, segment->mark);
        hc_json_string(json, text);
    }
    hc_json_end(json);
}

static void
write_text(HcJsonWriter *json, const char *name, const GString *text)
{
    if (text->len > 0)
        hc_json_member_string(json, name, text->str);
}

/* {"s":"~","n":NAME,"t":TYPE,"o":[MARK,TEXT,…],"a":[…],"x":NOTE,"w":WHY,"f":ORIGIN} */
void
hc_html_change_write_json(HcJsonWriter *json, const HcHtmlChange *change)
{
    const char sign[] = {change->sign, '\0'};
    hc_json_begin_object(json, HC_JSON_DENSE);
    hc_json_member_string(json, "s", sign);
    hc_json_member_string(json, "n", change->what->str);
    write_text(json, "t", change->type);
    if (change->has_side[0])
        write_side(json, "o", &change->sides[0]);
    if (change->has_side[1])
        write_side(json, "a", &change->sides[1]);
    write_text(json, "x", change->note);
    write_text(json, "w", change->why);
    write_text(json, "f", change->origin);
    hc_json_end(json);
}
