#pragma once

#include <stdint.h>

#include <glib.h>

#include "hivecore/base/error.h"

G_BEGIN_DECLS

/*
 * JSON, read. A document is checked once and whole; then its values are pulled out of the text one
 * after the other. A value is a span of the text, so nothing is built or copied before it is asked
 * for: memory does not grow with what is in a document, numbers and escapes stay as they were
 * written, and what is not known can be handed on as it stands.
 */

typedef enum {
    HC_JSON_OBJECT,
    HC_JSON_ARRAY,
    HC_JSON_STRING,
    HC_JSON_NUMBER,
    HC_JSON_BOOLEAN,
    HC_JSON_NULL,
} HcJsonKind;

/** HcJson: a value of a document that was checked. It borrows from the document's text. */
typedef struct {
    const char *text; /* NULL: there is no such value */
    gsize n_bytes;
    guint line; /* from 1 */
} HcJson;

/**
 * hc_json_parse:
 * Whether @text is one JSON document by RFC 8259 in UTF-8. Also refused: nesting over
 * HC_MAX_JSON_DEPTH and objects of very many members (HC_ERROR_LIMIT), two members of one name,
 * unpaired surrogates and NULs in strings.
 *
 * @where: for messages "where:line:column: what was found, what was expected"
 * @hint: (nullable): how this kind of document writes what no string can hold
 * @document: (out): the whole value; valid as long as @text is
 *
 * Returns: FALSE with HC_ERROR_MALFORMED or HC_ERROR_LIMIT
 */
gboolean hc_json_parse(const char *where, const char *text, gsize n_bytes, const char *hint,
                       HcJson *document, GError **error);

/** hc_json_parse_bytes: the same, of text that is in UTF-8 and must not be empty. */
gboolean hc_json_parse_bytes(const char *where, GBytes *text, HcJson *document, GError **error);

/** hc_json_checked: the one value in @text, NUL-terminated, which was checked before or made by us.
 */
HcJson hc_json_checked(const char *text);

HcJsonKind hc_json_kind(HcJson value);

/** hc_json_is: whether there is a @value, and of @kind. */
gboolean hc_json_is(HcJson value, HcJsonKind kind);

/** HcJsonIter: goes through an array or an object. */
typedef struct {
    const char *at;
    const char *end;
    guint line;
    gboolean is_object;
} HcJsonIter;

/** hc_json_iter: @container: an object or array. */
HcJsonIter hc_json_iter(HcJson container);

/**
 * hc_json_next:
 * @name: (out) (nullable): of an object's member: its name, a string
 * @value: (out): the member's value, or the element
 *
 * Returns: FALSE when there is no more
 */
gboolean hc_json_next(HcJsonIter *iter, HcJson *name, HcJson *value);

/** hc_json_length: the number of elements or members. */
guint hc_json_length(HcJson container);

/** hc_json_find: the member @name of @object; .text is NULL when there is none. */
HcJson hc_json_find(HcJson object, const char *name);

/** hc_json_string_dup: Returns: (transfer full): the text that a string stands for. */
char *hc_json_string_dup(HcJson string);

/** hc_json_string_is: whether @value is there, a string, and stands for @text. */
gboolean hc_json_string_is(HcJson value, const char *text);

/**
 * hc_json_uint64:
 * Whether @value is there and a whole number from 0 to @max, written without sign, fraction and
 * exponent: 1.0 and 1e2 are none, as for Go, which everybody else reads images' documents with.
 */
gboolean hc_json_uint64(HcJson value, uint64_t max, uint64_t *number);

/** hc_json_compact: Returns: (transfer full): the text of @value without the space between its
 * parts, which stay as they are. */
char *hc_json_compact(HcJson value);

/*
 * Members of a type that is known. As in Go, a member that is null is one that is not there; their
 * result is then NULL, 0 or FALSE. One of another type is HC_ERROR_MALFORMED "where: "name": what".
 */

/** hc_json_get_string: @value: (out) (transfer full) (nullable) */
gboolean hc_json_get_string(const char *where, HcJson object, const char *name, char **value,
                            GError **error);

/** hc_json_get_strings: @value: (out) (transfer full) (nullable): an array of strings. */
gboolean hc_json_get_strings(const char *where, HcJson object, const char *name, char ***value,
                             GError **error);

gboolean hc_json_get_array(const char *where, HcJson object, const char *name, HcJson *value,
                           GError **error);
gboolean hc_json_get_object(const char *where, HcJson object, const char *name, HcJson *value,
                            GError **error);
gboolean hc_json_get_boolean(const char *where, HcJson object, const char *name, gboolean *value,
                             GError **error);

/** hc_json_get_size: a whole number from 0 to 9223372036854775807, the largest of Go's int64. */
gboolean hc_json_get_size(const char *where, HcJson object, const char *name, uint64_t *value,
                          GError **error);

/** hc_json_need: HC_ERROR_MALFORMED unless @is_there, of the member @name. */
static inline gboolean
hc_json_need(const char *where, const char *name, gboolean is_there, GError **error)
{
    return is_there || hc_fail(error, HC_ERROR_MALFORMED, "%s: has no \"%s\"", where, name);
}

/** hc_json_need_object: HC_ERROR_MALFORMED unless @value is an object. */
gboolean hc_json_need_object(const char *where, HcJson value, GError **error);

G_END_DECLS
