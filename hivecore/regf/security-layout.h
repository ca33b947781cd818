#pragma once

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
