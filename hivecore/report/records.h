#pragma once

#include <glib.h>

#include "hivecore/base/json-writer.h"
#include "hivecore/base/root.h"
#include "hivecore/delta/delta.h"

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

/*
 * Records: rows with typed columns, printed as they come by one of four printers (docs/FORMATS.md,
 * "Records"). Nothing is held but the row at hand.
 *
 *   static const HcColumn columns[] = {{"key", HC_COLUMN_KEY, 0}, ..., {NULL, 0, 0}};
 *   g_autoptr(HcRecords) records = hc_records_new(stream, format, &head, columns);
 *   hc_records_begin(records);
 *   hc_record_begin(records);
 *   hc_record_key(records, root, path);                    ... a call for each column, in order
 *   hc_record_end(records);
 *   hc_records_end(records);
 */

/** HcColumnType: what a cell holds, and so how each printer writes it. Any cell can be nothing:
 * null in JSON, an empty field in CSV. */
typedef enum {
    HC_COLUMN_TEXT,     /* a word of ours, a file's name, SDDL, … */
    HC_COLUMN_NAME,     /* of a value; JSON as hc_json_name() */
    HC_COLUMN_KEY,      /* of a key, from its HKEY_ name on where that is known */
    HC_COLUMN_NUMBER,   /* without a sign */
    HC_COLUMN_BOOLEAN,  /* true, false; in text yes, no */
    HC_COLUMN_TIME,     /* a FILETIME, as hc_filetime_append() */
    HC_COLUMN_BYTES,    /* hex */
    HC_COLUMN_LIST,     /* of texts; in CSV a line for each in one field */
    HC_COLUMN_DATA,     /* of a value; JSON as hc_report_json_datum(), CSV has two columns: "type"
                           (of others than "data" NAME_type) and the column's own */
    HC_COLUMN_SECURITY, /* a descriptor: SDDL, or hex where that has no SDDL; JSON has both */
} HcColumnType;

/** HcColumn: ends an array with a NULL name. */
typedef struct {
    const char *name;
    HcColumnType type;
    guint width; /* of text: at least so many characters; 0: as many as there are */
} HcColumn;

/** HcRecordsHead: what is said of all records. */
typedef struct {
    const char *tool;     /* the program, as in HcCliContext */
    const char *kind;     /* of the JSON document */
    const char *member;   /* (nullable): the member that has them; NULL: "records" */
    gboolean is_terminal; /* CSV has no carriage returns then */
    gboolean is_full;     /* of text: binary data whole */
    const char *subject;  /* (nullable): of a page: what was asked for */
} HcRecordsHead;

typedef struct HcRecords HcRecords;

/**
 * hc_records_new:
 * @format: one of HC_FORMATS_RECORDS, or HC_FORMAT_HTML
 * @head: copied; its texts are not
 * @columns: not copied
 *
 * Returns: (transfer full): nothing but the head of a JSON document is printed yet
 */
HcRecords *hc_records_new(HcStream *stream, HcFormat format, const HcRecordsHead *head,
                          const HcColumn *columns);
void hc_records_free(HcRecords *records);

/** hc_records_begin: before the first record: CSV's line of names. */
void hc_records_begin(HcRecords *records);

/** hc_records_end: the end of the document. */
void hc_records_end(HcRecords *records);

/** hc_record_begin, hc_record_end: around the cells of one record, one for each column.
 * hc_record_end() returns hc_stream_flow(): FALSE when writing has failed, for those who can stop.
 */
void hc_record_begin(HcRecords *records);
gboolean hc_record_end(HcRecords *records);

/** hc_record_none: for a column of any type. */
void hc_record_none(HcRecords *records);

/** hc_record_skip_to: none for each column before @name (nullable), which there must be; NULL: for
 * all that are left. For records whose cells depend on what they are of. */
void hc_record_skip_to(HcRecords *records, const char *name);

/** @text: (nullable): NULL is none; what is no UTF-8 in it is escaped (text, CSV) or replaced. */
void hc_record_text(HcRecords *records, const char *text);
void hc_record_name(HcRecords *records, HcName name);

/** hc_record_key: @root: (nullable): what stands before @names, as HcRoot has it. Where a name is
 * no text, or has a backslash, JSON has its names in a member "path" beside. */
void hc_record_key(HcRecords *records, const char *root, HcPath path);
void hc_record_number(HcRecords *records, uint64_t number);
void hc_record_boolean(HcRecords *records, gboolean is_true);
void hc_record_time(HcRecords *records, uint64_t filetime);
void hc_record_bytes(HcRecords *records, HcBlob bytes);
void hc_record_list(HcRecords *records, const char *const *texts);
void hc_record_security(HcRecords *records, HcBlob descriptor);
void hc_record_datum(HcRecords *records, const HcDatum *datum);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRecords, hc_records_free)

G_END_DECLS
