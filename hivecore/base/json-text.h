#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * JSON as text: objects and arrays taken apart one level deep, so that what an image's documents
 * have and this program does not know goes over as it stands, numbers and escapes too.
 *
 * All input must have passed hc_json_parse(): it is JSON, in UTF-8, strings hold no NUL, and no
 * object has two members of one name.
 */

/** HcJsonObject: the members of an object in their order, values as compact text. */
typedef struct HcJsonObject HcJsonObject;

/** hc_json_object_new: @text: (nullable): an object's text; NULL for one without members. Returns:
 * (transfer full): NULL when @text is no object */
HcJsonObject *hc_json_object_new(const char *text);
void hc_json_object_free(HcJsonObject *object);

/** Returns: (transfer none) (nullable): the text of a member's value; NULL also for null. */
const char *hc_json_object_get(const HcJsonObject *object, const char *name);

/** Returns: (transfer full) (nullable): the string that is a member's value; NULL when there is no
 * member or it is no string. */
char *hc_json_object_get_string(const HcJsonObject *object, const char *name);

/**
 * hc_json_object_set:
 * @value: (transfer full) (nullable): takes the place of the member's value, or is added as the
 *   last member; NULL takes the member away
 */
void hc_json_object_set(HcJsonObject *object, const char *name, char *value);

/** hc_json_object_set_string: the same with a string as value. */
void hc_json_object_set_string(HcJsonObject *object, const char *name, const char *value);

/** Returns: (transfer full): the object as compact text. */
char *hc_json_object_text(const HcJsonObject *object);

guint hc_json_object_n_members(const HcJsonObject *object);

/**
 * hc_json_array_parse:
 * @text: (nullable): NULL is an array without elements
 *
 * Returns: (transfer full) (element-type utf8): the text of each element; NULL when @text is no
 * array
 */
GPtrArray *hc_json_array_parse(const char *text);

/** Returns: (transfer full): an array of elements' texts as compact text. */
char *hc_json_array_text(const GPtrArray *elements);

/** Returns: (transfer full) (nullable): the string that @text is; NULL when it is no string. */
char *hc_json_string_parse(const char *text);

/** Returns: (transfer full): @string, UTF-8, in quotes and escaped. */
char *hc_json_string_text(const char *string);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcJsonObject, hc_json_object_free)

G_END_DECLS
