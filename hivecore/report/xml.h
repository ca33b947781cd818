#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** hc_append_xml: @text as content or between double quotes of XML 1.0, so that a reader gets it
 * back: hidden characters as references, those that no document can hold as \u{hex}. What is no
 * UTF-8 is replaced. */
void hc_append_xml(GString *out, const char *text);

/** hc_append_xml_attribute: ` name="text"`. */
void hc_append_xml_attribute(GString *out, const char *name, const char *text);

G_END_DECLS
