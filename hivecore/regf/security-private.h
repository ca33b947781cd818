#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* SECURITY_DESCRIPTOR_RELATIVE, ACL, ACE and SID: offsets from their starts, sizes of their fixed
 * parts. Source: MS-DTYP 2.4.2, 2.4.4, 2.4.5, 2.4.6. */
enum {
    HC_SD_CONTROL = 2,
    HC_SD_OWNER = 4,
    HC_SD_GROUP = 8,
    HC_SD_SACL = 12,
    HC_SD_DACL = 16,
    HC_SD_BYTES = 20,

    HC_ACL_SIZE = 2,
    HC_ACL_COUNT = 4,
    HC_ACL_BYTES = 8,

    HC_ACE_FLAGS = 1,
    HC_ACE_SIZE = 2,
    HC_ACE_HEADER_BYTES = 4,
    HC_ACE_MASK = 4,
    HC_ACE_SID = 8,

    HC_SID_COUNT = 1,
    HC_SID_AUTHORITY = 2,
    HC_SID_BYTES = 8,
    HC_SID_MAX_COUNT = 15,
};

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
