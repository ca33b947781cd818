#pragma once

#include <stdint.h>

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Members of the JSON documents of images. Internal to hivecore/image. As in Go, which everybody
 * else reads them with, a member that is null is one that is not there. A member of another type is
 * HC_ERROR_MALFORMED "where: \"name\": what".
 */

/**
 * hc_image_json_parse:
 * @where: for messages
 *
 * Returns: (transfer full): the document, scanned by hc_json_scan(), or NULL
 */
JsonNode *hc_image_json_parse(const char *where, GBytes *text, GError **error);

/** hc_image_json_as_object: NULL with HC_ERROR_MALFORMED when @node is none. */
JsonObject *hc_image_json_as_object(const char *where, JsonNode *node, GError **error);

/* The functions below set their result to NULL or 0 when there is no such member. */

gboolean hc_image_json_string(const char *where, JsonObject *object, const char *name,
                              const char **value, GError **error);
gboolean hc_image_json_array(const char *where, JsonObject *object, const char *name,
                             JsonArray **value, GError **error);
gboolean hc_image_json_object(const char *where, JsonObject *object, const char *name,
                              JsonObject **value, GError **error);

/** hc_image_json_size: a whole number from 0. */
gboolean hc_image_json_size(const char *where, JsonObject *object, const char *name,
                            uint64_t *value, GError **error);

/** hc_image_json_strings: @value: (out) (transfer full) (nullable): an array of strings. */
gboolean hc_image_json_strings(const char *where, JsonObject *object, const char *name,
                               char ***value, GError **error);

/** hc_image_json_need: HC_ERROR_MALFORMED when @value, read from the member @name, is NULL. */
gboolean hc_image_json_need(const char *where, const char *name, const void *value, GError **error);

G_END_DECLS
