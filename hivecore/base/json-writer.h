#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/name.h"
#include "hivecore/base/stream.h"

G_BEGIN_DECLS

/*
 * JSON, written as it is said: begin, member, value, end. The writer sees to commas, line breaks
 * and escapes; who uses it, that each member gets a value. Output is ASCII but for characters that
 * can be seen, so no terminal is moved by a name.
 */

/** HcJsonLayout: how what is in an object or array stands. */
typedef enum {
    HC_JSON_LINES,  /* each on a line of its own, indented */
    HC_JSON_SPACED, /* {"a": 1, "b": 2} */
    HC_JSON_DENSE,  /* {"a":1,"b":2} */
} HcJsonLayout;

#define HC_JSON_WRITER_DEPTH 16

/** HcJsonWriter: {.out = STRING} is a new one, hc_json_writer_to() one of a stream. */
typedef struct {
    GString *out;
    HcStream *stream; /* (nullable): that @out is the text of, which flows */
    guint n_open;
    guint line_indent;  /* spaces before the line at hand */
    guint break_indent; /* what comes next starts a line with so many; 0: it does not */
    gboolean is_named;  /* a member's name was written */
    const char *tool;   /* (nullable): the program that writes documents; NULL: hivetool */
    struct {
        HcJsonLayout layout;
        gboolean is_object;
        gboolean is_started;
        guint line_indent; /* of the line that it begins in */
    } open[HC_JSON_WRITER_DEPTH];
} HcJsonWriter;

static inline HcJsonWriter
hc_json_writer_to(HcStream *stream)
{
    return (HcJsonWriter){.out = hc_stream_text(stream), .stream = stream};
}

/** hc_json_begin_document: the object that every document is, and its head: "format_version",
 * "tool" and "kind". */
void hc_json_begin_document(HcJsonWriter *writer, const char *kind);

/** hc_json_end_document: its end, and a line feed. */
void hc_json_end_document(HcJsonWriter *writer);

void hc_json_begin_object(HcJsonWriter *writer, HcJsonLayout layout);
void hc_json_begin_array(HcJsonWriter *writer, HcJsonLayout layout);
void hc_json_end(HcJsonWriter *writer);

/** hc_json_member: the name of the member whose value comes next. */
void hc_json_member(HcJsonWriter *writer, const char *name);

/** hc_json_prepared_member: the same where @name is what hc_json_append_string() made of the name,
 * and what parts it from the value. */
void hc_json_prepared_member(HcJsonWriter *writer, const GString *name);

/** hc_json_break: what comes next in an object on one line starts a line with @indent spaces. */
void hc_json_break(HcJsonWriter *writer, guint indent);

/** hc_json_begin_foreign: the value that comes next is appended to .out by somebody else. */
void hc_json_begin_foreign(HcJsonWriter *writer);

/** hc_json_string: @text: (nullable): NULL is null; what is no UTF-8 in it is replaced. */
void hc_json_string(HcJsonWriter *writer, const char *text);

/**
 * hc_json_name:
 * A name as a string, or as {"utf16":"d8000041"} (four hex digits for each code unit) where it
 * holds a NUL or an unpaired surrogate and so is no text.
 */
void hc_json_name(HcJsonWriter *writer, HcName name);

/** hc_json_path: @root (nullable) and the names, which are wellformed, without NUL and backslash,
 * as one string with backslashes between. */
void hc_json_path(HcJsonWriter *writer, const char *root, const HcName *names, gsize n);

/** hc_json_plain_path: the same, as the value of a member, where all names are of printable ASCII
 * but
 * '"' and '\\'. Returns: FALSE where one is not, and nothing was written */
gboolean hc_json_plain_path(HcJsonWriter *writer, const char *root, const HcName *names, gsize n);

/**
 * hc_json_key_name:
 * The same of a key. One with a backslash, which no path in text leads to, is written as its units
 * too, so that a path that somebody wrote as one name is not taken for it.
 */
void hc_json_key_name(HcJsonWriter *writer, HcName name);

/** hc_json_hex: bytes as a string of hex digits. */
void hc_json_hex(HcJsonWriter *writer, const uint8_t *bytes, gsize n_bytes);

void hc_json_number(HcJsonWriter *writer, uint64_t number);
void hc_json_boolean(HcJsonWriter *writer, gboolean is_true);
void hc_json_null(HcJsonWriter *writer);

/* A member and its value in one. */
void hc_json_member_string(HcJsonWriter *writer, const char *name, const char *text);
void hc_json_member_number(HcJsonWriter *writer, const char *name, uint64_t number);
void hc_json_member_boolean(HcJsonWriter *writer, const char *name, gboolean is_true);
void hc_json_member_name(HcJsonWriter *writer, const char *name, HcName value);

/** hc_json_append_string: @text, made valid UTF-8, in quotes and escaped. */
void hc_json_append_string(GString *out, const char *text);

G_END_DECLS
