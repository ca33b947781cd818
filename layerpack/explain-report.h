#pragma once

#include "hivecore/cli/cli-report.h"
#include "hivecore/reg/reg-writer.h"
#include "hivecore/report/change-filter.h"
#include "hivecore/report/diff-output.h"
#include "hivecore/report/records.h"
#include "layerpack/explain.h"

G_BEGIN_DECLS

/** LpExplainOptions: what of a source is to be shown, and how. */
typedef struct {
    gboolean slots[HC_N_HIVE_SLOTS]; /* which hives */
    guint layer;                     /* number of the only layer; 0: all */
    HcRegEncoding encoding;          /* of .reg */
    const HcShowing *showing;        /* text: how much */
    HcReportView view;               /* text: what of it */
    const HcChangeFilter *filter;    /* (nullable) */
    const HcCliContext *context;
} LpExplainOptions;

/* What each layer of @registry changed in each hive, lowest first. FALSE as lp_says_read(), after
 * all that can be read was said. */

/** lp_explain_text: in the form of hc_report_text(), under a heading for each layer. */
gboolean lp_explain_text(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                         GError **error);

/** lp_explain_json: one document (docs/FORMATS-explain.md). */
gboolean lp_explain_json(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                         GError **error);

/** lp_explain_records: a record for each change, of the layer that column "of" has
 * (docs/FORMATS.md, "Changes"). @is_csv: else NDJSON */
gboolean lp_explain_records(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                            gboolean is_csv, GError **error);

/** lp_explain_markdown: for a ticket, with a heading for each layer. */
gboolean lp_explain_markdown(HcStream *stream, HcLayerStack *stack, const LpExplainOptions *options,
                             GError **error);

/** lp_explain_html: a page, with a tab for each layer (docs/FORMATS-html.md). */
gboolean lp_explain_html(HcStream *stream, HcLayerStack *stack, const char *source,
                         const LpExplainOptions *options, GError **error);

/** lp_explain_is_wanted: whether @layer (from 0) is to be shown. */
gboolean lp_explain_is_wanted(const LpExplainOptions *options, guint layer);

/** lp_explain_read: lp_says_read() of a layer that is here, without what is filtered. FALSE: cannot
 * be read, which is added to @failures. */
gboolean lp_explain_read(HcLayerStack *stack, guint layer, int slot,
                         const LpExplainOptions *options, LpSays *says, GError **failures);

/**
 * lp_explain_reg:
 * Into @writer, one .reg file that makes the changes of the layers above the base, with comments on
 * which layer made which.
 *
 * @n_inexpressible: (out): changes that the text does not carry
 *
 * HC_ERROR_UNSUPPORTED: a name that cannot stand in a .reg file.
 */
gboolean lp_explain_reg(HcRegWriter *writer, HcLayerStack *stack, const LpExplainOptions *options,
                        uint64_t *n_inexpressible, GError **error);

G_END_DECLS
