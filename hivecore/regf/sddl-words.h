#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/* The words of SDDL, for both directions; internal to regf/. Each table ends with .text NULL. */

typedef struct {
    uint32_t number;
    const char *text;
} HcWord;

typedef struct {
    const char *sid;
    const char *text;
} HcSidWord;

extern const HcWord hc_ace_type_words[];
extern const HcWord hc_ace_flag_words[];
extern const HcWord hc_dacl_flag_words[];
extern const HcWord hc_sacl_flag_words[];
/** Whole masks, as they are written where a mask is just that. */
extern const HcWord hc_key_right_words[];
/** All words that may stand beside each other in a mask. */
extern const HcWord hc_right_words[];
extern const HcSidWord hc_sid_words[];

G_END_DECLS
