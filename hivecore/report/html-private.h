#pragma once

#include "hivecore/report/html.h"

G_BEGIN_DECLS

/* What html*.c share. */

/** hc_html_text: @text of UTF-8 as content or in an attribute's quotes; hidden characters escaped.
 */
void hc_html_text(GString *out, const char *text);

/** hc_html_key_id: @path as it stands in an id and behind "#", of a key of part @i of several:
 * where parts are tabs, one key may be in more than one. */
void hc_html_key_id(GString *out, const HcHtmlPart *part, gsize i, const char *path);

/** hc_html_begin: to the start of the body's content; hc_html_end() is its end. */
void hc_html_begin(GString *out, const HcHtmlHead *head);
void hc_html_end(GString *out);

/** hc_html_json_in_script: @json as it stands in a script element. */
void hc_html_json_in_script(GString *out, const GString *json);

/* Blocks of data that the script reads, of some hundred KB. */
#define HC_HTML_DATA_BEGIN "<script type=\"application/json\" class=\"data\">["
#define HC_HTML_DATA_END   "]</script>\n"

/** HcHtmlMark: what became of a piece of text. */
typedef enum {
    HC_HTML_SAME,
    HC_HTML_REMOVED,
    HC_HTML_ADDED,
    HC_HTML_MOVED,
    HC_HTML_LEFT_OUT, /* a remark of ours in place of text */
} HcHtmlMark;

typedef struct {
    HcHtmlMark mark;
    gsize start; /* in the side's text */
    gsize n_bytes;
} HcHtmlSegment;

/** HcHtmlSide: data as text, lines with line feeds, hidden characters escaped. */
typedef struct {
    GString *text;
    GArray *segments; /* of HcHtmlSegment */
} HcHtmlSide;

/** HcHtmlChange: one change of a key, to be written as HTML or as data. */
typedef struct {
    char sign;     /* + - ~ */
    GString *what; /* the name of the value, or "security descriptor" */
    GString *type; /* "REG_SZ" */
    HcHtmlSide sides[2];
    gboolean has_side[2];
    GString *note; /* beside the data: lengths, bits */
    GString *why;
    GString *origin;
} HcHtmlChange;

void hc_html_change_init(HcHtmlChange *change);
void hc_html_change_clear(HcHtmlChange *change);

/** hc_html_change_value, hc_html_change_meta: fill @change, of which nothing was known; @which: one
 * HcKeyChange bit. */
void hc_html_change_value(HcHtmlChange *change, const HcDelta *delta, const HcDeltaKey *key,
                          const HcDeltaValue *value, gboolean is_removed);
void hc_html_change_meta(HcHtmlChange *change, const HcDeltaKey *key, HcKeyChange which);

void hc_html_change_write(GString *out, const HcHtmlChange *change);
void hc_html_change_write_json(HcJsonWriter *json, const HcHtmlChange *change);

/** HcHtmlCounts: of changes by their sign: + - ~. */
typedef struct {
    guint64 n_added;
    guint64 n_removed;
    guint64 n_changed;
} HcHtmlCounts;

static inline guint64
hc_html_total(HcHtmlCounts counts)
{
    return counts.n_added + counts.n_removed + counts.n_changed;
}

/** hc_html_count_part: of a whole part. */
HcHtmlCounts hc_html_count_part(const HcHtmlPart *part);

/** Returns: whether @key only leads to one other, with which it stands in one line. */
gboolean hc_html_leads_on(const HcDeltaKey *key, gboolean is_removed);

/** hc_html_count_own: of @key alone. */
HcHtmlCounts hc_html_count_own(const HcDeltaKey *key, gboolean is_removed);

/** hc_html_count: of @key and all below it. @is_removed: a tree of old_tree */
HcHtmlCounts hc_html_count(const HcDeltaKey *key, gboolean is_removed);

/** hc_html_summary: counts, and a chart of where they are. */
void hc_html_summary(HcStream *stream, const HcHtmlPart *parts, gsize n_parts);

G_END_DECLS
