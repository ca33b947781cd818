#pragma once

#include <glib.h>

#include "hivecore/report/findings.h"
#include "hivecore/report/report.h"

G_BEGIN_DECLS

/** hc_append_xml: @text as content or between double quotes of XML 1.0, so that a reader gets it
 * back: hidden characters as references, those that no document can hold as \u{hex}. What is no
 * UTF-8 is replaced. */
void hc_append_xml(GString *out, const char *text);

/** hc_append_xml_attribute: ` name="text"`. */
void hc_append_xml_attribute(GString *out, const char *name, const char *text);

/*
 * Reports as one HTML file each, which needs nothing else: docs/FORMATS-html.md. What is from
 * outside is text in it, never markup; its policy (CSP) lets no other script or style run than its
 * own.
 */

/** HcHtmlHead: what stands at the top of a page. Texts are shown as hc_append_display() has them.
 */
typedef struct {
    const char *program;
    const char *command;
    const char *old_name; /* (nullable): of a comparison: before what and after; of others the
                             inputs */
    const char *new_name; /* (nullable) */
} HcHtmlHead;

/** HcHtmlPart: the change of one hive, or of one layer. */
typedef struct {
    const char *place;  /* what it is called */
    const char *tab;    /* (nullable): parts of one tab stand together, and one tab is shown */
    const char *note;   /* (nullable): a sentence under the heading */
    const char *writer; /* (nullable): who wrote what is in it; those before it are searched for who
                           wrote it before */
    const char *root;   /* before every key, may be "" */
    const HcDelta *exact;           /* (nullable) lowered or not */
    gboolean bytes_differ;          /* the files differ where there is no change */
    const HcIgnoredCounts *ignored; /* (nullable) */
    uint64_t n_filtered;            /* changes that were left out because they were not asked for */
    const char *text;               /* (nullable): lines of what is no registry */
} HcHtmlPart;

/**
 * hc_html_changes:
 * Up to HC_MAX_HTML_STATIC changes stand in it as they are read; of more, those, and all as data
 * that a script draws as it is opened. The report is written by parts and pieces; nothing is held
 * but one value.
 */
void hc_html_changes(HcStream *stream, const HcHtmlHead *head, const HcHtmlPart *parts,
                     gsize n_parts);

/** hc_html_findings: a table of findings. */
void hc_html_findings(HcStream *stream, const HcFindingsReport *report);

/** HcHtmlTable: rows as they come; above HC_MAX_HTML_STATIC they are data for the script. */
typedef struct {
    HcStream *stream;
    GString *out;
    const char *const *columns; /* NULL-terminated */
    guint64 n_rows;
    guint n_in_chunk;
    guint column;
    gboolean is_data; /* rows go to a block of data */
} HcHtmlTable;

/** @columns: of a table, NULL-terminated; kept */
void hc_html_table_begin(HcHtmlTable *table, HcStream *stream, const HcHtmlHead *head,
                         const char *const *columns);
void hc_html_row_begin(HcHtmlTable *table);

/** hc_html_cell: @text: of UTF-8 where nothing is hidden; the cell of the next column */
void hc_html_cell(HcHtmlTable *table, const char *text);
void hc_html_row_end(HcHtmlTable *table);
void hc_html_table_end(HcHtmlTable *table);

G_END_DECLS
