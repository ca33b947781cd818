#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/** hc_upcase_latin1: hc_upcase() of the units below 0x100; some results are above 0xFF. */
extern const uint16_t hc_upcase_latin1[256];

G_END_DECLS
