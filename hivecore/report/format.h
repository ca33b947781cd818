#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * HcFormat: the arguments that --format has, in any command of both programs. Each command takes
 * some of them; the same word means the same everywhere (docs/FORMATS.md, "Output formats").
 */
typedef enum {
    HC_FORMAT_TEXT,
    HC_FORMAT_REG,
    HC_FORMAT_REG_ADD, /* lines of reg.exe */
    HC_FORMAT_POL,     /* Registry.pol */
    HC_FORMAT_JSON,    /* one document */
    HC_FORMAT_NDJSON,  /* one record on a line, as each is found */
    HC_FORMAT_CSV,     /* one record on a line, below a line of their names */
    HC_FORMAT_JUNIT,
    HC_FORMAT_SARIF,
    HC_FORMAT_GITHUB, /* workflow commands */
    HC_FORMAT_HTML,   /* a page of its own */
    HC_FORMAT_MARKDOWN,
    HC_FORMAT_UNIFIED, /* as diff -u, of two texts */
    HC_FORMAT_DELTA,
    HC_FORMAT_BODYFILE,
    HC_N_FORMATS,
} HcFormat;

/** HC_FORMAT_BIT: for the sets of formats that a command takes. */
#define HC_FORMAT_BIT(format) (1u << (format))

/** HC_FORMATS_RECORDS: what every command takes that prints records. */
#define HC_FORMATS_RECORDS                                                                         \
    (HC_FORMAT_BIT(HC_FORMAT_TEXT) | HC_FORMAT_BIT(HC_FORMAT_JSON) |                               \
     HC_FORMAT_BIT(HC_FORMAT_NDJSON) | HC_FORMAT_BIT(HC_FORMAT_CSV))

/** HC_FORMATS_FINDINGS: and what those take that check something. */
#define HC_FORMATS_FINDINGS                                                                        \
    (HC_FORMATS_RECORDS | HC_FORMAT_BIT(HC_FORMAT_JUNIT) | HC_FORMAT_BIT(HC_FORMAT_SARIF) |        \
     HC_FORMAT_BIT(HC_FORMAT_GITHUB) | HC_FORMAT_BIT(HC_FORMAT_HTML))

const char *hc_format_name(HcFormat format);

/**
 * hc_format_parse:
 * @text: (nullable): the argument of --format; NULL gives HC_FORMAT_TEXT
 * @choices: HC_FORMAT_BIT() of each that the command takes
 *
 * HC_ERROR_USAGE tells those that there are, in the order of HcFormat.
 */
gboolean hc_format_parse(const char *text, guint choices, HcFormat *format, GError **error);

G_END_DECLS
