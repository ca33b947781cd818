#include "config.h"

#include "hivecore/regf/security.h"
#include "tests/unit/cu.h"

static HcBlob
blob_of(GBytes *bytes)
{
    gsize n_bytes;
    const uint8_t *data = g_bytes_get_data(bytes, &n_bytes);
    return (HcBlob){data, (uint32_t) n_bytes};
}

/* The descriptor of a key that @owner and @group make below one with @parent; NULL: the fault. */
static char *
inherit(const char *parent, const char *owner, const char *group)
{
    GError *error = NULL;
    g_autoptr(HcArena) arena = hc_arena_new();
    g_autoptr(GBytes) above = hc_sddl_parse(parent, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(GBytes) owner_sid = hc_sid_parse(owner, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(GBytes) group_sid = hc_sid_parse(group, &error);
    CHECK_NO_ERROR(error);
    const HcCreator creator = {blob_of(owner_sid), blob_of(group_sid)};
    const char *fault = NULL;
    const HcBlob result = hc_security_inherit(arena, blob_of(above), &creator, &fault);
    CHECK_STRING(fault, NULL);
    GString *text = g_string_new(NULL);
    CU_ASSERT_TRUE(hc_append_sddl(text, result));
    return g_string_free(text, FALSE);
}

/* A list that is there and is none, in both places. */
static void
null_lists(void)
{
    static const char *const texts[] = {"O:BAG:BAD:NO_ACCESS_CONTROLS:NO_ACCESS_CONTROL",
                                        "O:BAG:BAD:(A;;KA;;;BA)S:NO_ACCESS_CONTROL",
                                        "O:BAG:BAD:(A;;KA;;;BA)S:"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) bytes = hc_sddl_parse(texts[i], &error);
        CHECK_NO_ERROR(error);
        g_autoptr(GString) text = g_string_new(NULL);
        CU_ASSERT_TRUE(hc_append_sddl(text, blob_of(bytes)));
        CHECK_STRING(text->str, texts[i]);
    }
}

/* Each row is one clause of docs/FORMATS.md, "Descriptors of new keys". */
static const struct {
    const char *clause;
    const char *parent;
    const char *owner;
    const char *group;
    const char *child;
} inherited[] = {
    {"owner and group are the creator's, there is no SACL",
     "O:BAG:BAD:(A;CI;KR;;;BU)S:(AU;CISA;KA;;;WD)", "SY", "NS", "O:SYG:NSD:(A;CI;KR;;;BU)"},
    {"without CI an entry is dropped, with OI alone too",
     "O:BAG:BAD:(A;;KA;;;BA)(A;OI;KA;;;SY)(A;CI;KR;;;BU)", "SY", "SY", "O:SYG:SYD:(A;CI;KR;;;BU)"},
    {"OI is kept beside CI", "O:BAG:BAD:(A;OICI;KR;;;BU)", "SY", "SY",
     "O:SYG:SYD:(A;OICI;KR;;;BU)"},
    {"inherit-only counts below", "O:BAG:BAD:(A;CIIO;KR;;;BU)", "SY", "SY",
     "O:SYG:SYD:(A;CI;KR;;;BU)"},
    {"no-propagate ends with the key below", "O:BAG:BAD:(A;CINP;KR;;;BU)", "SY", "SY",
     "O:SYG:SYD:(A;;KR;;;BU)"},
    {"denied is denied below", "O:BAG:BAD:(D;CI;KW;;;BU)(A;CI;KA;;;BA)", "SY", "SY",
     "O:SYG:SYD:(D;CI;KW;;;BU)(A;CI;KA;;;BA)"},
    {"CREATOR OWNER is split", "O:BAG:BAD:(A;CI;KR;;;CO)", "NS", "SY",
     "O:NSG:SYD:(A;;KR;;;NS)(A;CIIO;KR;;;CO)"},
    {"CREATOR GROUP is split", "O:BAG:BAD:(A;CIIO;KR;;;CG)", "NS", "LS",
     "O:NSG:LSD:(A;;KR;;;LS)(A;CIIO;KR;;;CG)"},
    {"CREATOR OWNER SERVER and GROUP SERVER likewise",
     "O:BAG:BAD:(A;CI;KR;;;S-1-3-2)(A;CI;KW;;;S-1-3-3)", "NS", "LS",
     "O:NSG:LSD:(A;;KR;;;NS)(A;CIIO;KR;;;S-1-3-2)(A;;KW;;;LS)(A;CIIO;KW;;;S-1-3-3)"},
    {"OWNER RIGHTS is no creator", "O:BAG:BAD:(A;CI;KR;;;OW)", "SY", "SY",
     "O:SYG:SYD:(A;CI;KR;;;OW)"},
    {"generic rights are mapped, and kept for what is below",
     "O:BAG:BAD:(A;CI;GA;;;BA)(A;CI;GR;;;BU)(A;CI;GW;;;PU)(A;CI;GX;;;WD)", "SY", "SY",
     "O:SYG:SYD:(A;;KA;;;BA)(A;CIIO;GA;;;BA)(A;;KR;;;BU)(A;CIIO;GR;;;BU)(A;;KW;;;PU)"
     "(A;CIIO;GW;;;PU)(A;;0x20039;;;WD)(A;CIIO;GX;;;WD)"},
    {"generic with no-propagate leaves the mapped one", "O:BAG:BAD:(A;CINP;GA;;;CO)", "SY", "SY",
     "O:SYG:SYD:(A;;KA;;;SY)"},
    {"auto-inherited: marked, and the control bit goes down",
     "O:BAG:BAD:AI(A;CIID;KA;;;BA)(A;CI;KR;;;BU)", "SY", "SY",
     "O:SYG:SYD:AI(A;CIID;KA;;;BA)(A;CIID;KR;;;BU)"},
    {"auto-inherited: an equal entry is left out", "O:BAG:BAD:AI(A;CI;KR;;;BU)(A;CIID;KR;;;BU)",
     "SY", "SY", "O:SYG:SYD:AI(A;CIID;KR;;;BU)"},
    {"auto-inherited: one that hands on more is kept as inherit-only",
     "O:BAG:BAD:AI(A;CI;KR;;;BU)(A;OICI;KR;;;BU)", "SY", "SY",
     "O:SYG:SYD:AI(A;CIID;KR;;;BU)(A;OICIIOID;KR;;;BU)"},
    {"auto-inherited: what is allowed already is not said again",
     "O:BAG:BAD:AI(A;CI;KA;;;SY)(A;CIIO;GA;;;CO)", "SY", "SY",
     "O:SYG:SYD:AI(A;CIID;KA;;;SY)(A;CIIOID;GA;;;CO)"},
    {"not auto-inherited: it is", "O:BAG:BAD:(A;CI;KA;;;SY)(A;CIIO;GA;;;CO)", "SY", "SY",
     "O:SYG:SYD:(A;CI;KA;;;SY)(A;;KA;;;SY)(A;CIIO;GA;;;CO)"},
    {"a protected parent has children that are not", "O:BAG:BAD:P(A;CI;KA;;;BA)", "SY", "SY",
     "O:SYG:SYD:(A;CI;KA;;;BA)"},
    {"object entries are inherited",
     "O:BAG:BAD:(OA;CI;KR;00112233-4455-6677-8899-aabbccddeeff;;BU)", "SY", "SY",
     "O:SYG:SYD:(OA;CI;KR;00112233-4455-6677-8899-aabbccddeeff;;BU)"},
    {"those for another type of object are only handed on",
     "O:BAG:BAD:(OA;CI;KR;;00112233-4455-6677-8899-aabbccddeeff;BU)(A;CI;KR;;;BA)", "SY", "SY",
     "O:SYG:SYD:(OA;CIIO;KR;;00112233-4455-6677-8899-aabbccddeeff;BU)(A;CI;KR;;;BA)"},
    {"nothing to inherit: the creator's default", "O:BAG:BAD:(A;;KA;;;BA)", "SY", "SY",
     "O:SYG:SYD:(A;;KA;;;SY)(A;;0x20039;;;BA)"},
    {"a NULL DACL hands down nothing", "O:BAG:BAD:NO_ACCESS_CONTROL", "BA", "SY",
     "O:BAG:SYD:(A;;KA;;;BA)(A;;KA;;;SY)"},
    {"nor does none at all", "O:BAG:BA", "NS", "NS", "O:NSG:NSD:(A;;KA;;;NS)(A;;KA;;;SY)"},
    {"nor does an empty one", "O:BAG:BAD:", "SY", "SY", "O:SYG:SYD:(A;;KA;;;SY)(A;;0x20039;;;BA)"},
};

static void
clauses(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(inherited); i++) {
        g_autofree char *child =
            inherit(inherited[i].parent, inherited[i].owner, inherited[i].group);
        if (g_strcmp0(child, inherited[i].child) != 0)
            g_printerr("clause: %s\n", inherited[i].clause);
        CHECK_STRING(child, inherited[i].child);
    }
}

/* An entry of a kind that SDDL has no word for goes down as it is, but for its flags; a condition
 * stays with its entry. */
static void
opaque_entries(void)
{
    static const uint8_t parent[] = {
        1,    0,   4,   0x84, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  20, 0, 0, 0, /* header, AI */
        2,    0,   48,  0,    2,  0, 0, 0,                                         /* ACL */
        9,    2,   24,  0,    25, 0, 2, 0, 1, 1, 0, 0, 0, 0,  0,  5,  18, 0, 0, 0, /* condition */
        'a',  'r', 't', 'x',                                                       /* of it */
        0x40, 2,   16,  0,    1,  2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,              /* unknown */
    };
    static const uint8_t child[] = {
        1,    0,   4,   0x84, 68, 0, 0, 0, 80, 0, 0, 0, 0, 0,  0,  0,  20, 0, 0, 0, /* header, AI */
        2,    0,   48,  0,    2,  0, 0, 0,                                          /* ACL */
        9,    18,  24,  0,    25, 0, 2, 0, 1,  1, 0, 0, 0, 0,  0,  5,  18, 0, 0, 0, /* condition */
        'a',  'r', 't', 'x',                                                        /* of it */
        0x40, 18,  16,  0,    1,  2, 3, 4, 5,  6, 7, 8, 9, 10, 11, 12,              /* unknown */
        1,    1,   0,   0,    0,  0, 0, 5, 18, 0, 0, 0,                             /* SYSTEM */
        1,    1,   0,   0,    0,  0, 0, 5, 18, 0, 0, 0,                             /* SYSTEM */
    };
    g_autoptr(HcArena) arena = hc_arena_new();
    const HcCreator creator = hc_creator_system();
    const char *fault = NULL;
    const HcBlob result =
        hc_security_inherit(arena, (HcBlob){parent, sizeof(parent)}, &creator, &fault);
    CHECK_STRING(fault, NULL);
    CHECK_BYTES(result.bytes, result.n_bytes, child, sizeof(child));
}

/* Every prefix of a descriptor, and each with a byte too large, is refused or read, not overrun. */
static void
damaged(void)
{
    GError *error = NULL;
    g_autoptr(GBytes) whole = hc_sddl_parse("O:BAG:SYD:(A;CI;GA;;;CO)S:(AU;SA;KA;;;WD)", &error);
    CHECK_NO_ERROR(error);
    const HcBlob sound = blob_of(whole);
    HcSecurity parts;
    CHECK_STRING(hc_security_parse(sound, &parts), NULL);
    for (uint32_t n = 0; n < sound.n_bytes; n++) {
        g_autofree uint8_t *copy = g_memdup2(sound.bytes, MAX(n, 1));
        CU_ASSERT_PTR_NOT_NULL(hc_security_parse((HcBlob){copy, n}, &parts));
    }
    for (uint32_t at = 0; at < sound.n_bytes; at++) {
        g_autoptr(HcArena) arena = hc_arena_new();
        g_autofree uint8_t *copy = g_memdup2(sound.bytes, sound.n_bytes);
        const HcCreator creator = hc_creator_system();
        const char *fault = NULL;
        copy[at] = 0xff;
        const HcBlob result =
            hc_security_inherit(arena, (HcBlob){copy, sound.n_bytes}, &creator, &fault);
        CHECK_STRING(fault, NULL);
        CHECK_STRING(hc_security_parse(result, &parts), NULL);
    }
}

static const struct {
    const char *text;
    HcErrorCode code;
    const char *message;
} bad_sddl[] = {
    {"", HC_ERROR_MALFORMED, "SDDL '': at character 1: expected O:, G:, D: or S:, each once"},
    {"O:SYO:SY", HC_ERROR_MALFORMED,
     "SDDL 'O:SYO:SY': at character 5: expected O:, G:, D: or S:, each once"},
    {"O:XX", HC_ERROR_MALFORMED,
     "SDDL 'O:XX': at character 3: expected a SID, S-1-… or two letters such as SY"},
    {"O:DA", HC_ERROR_UNSUPPORTED,
     "SDDL 'O:DA': at character 3: this SID depends on a machine or domain, write it as "
     "S-1-5-21-…"},
    {"D:(A;;KA;;;SY", HC_ERROR_MALFORMED, "SDDL 'D:(A;;KA;;;SY': at character 14: expected ')'"},
    {"D:(Q;;KA;;;SY)", HC_ERROR_MALFORMED,
     "SDDL 'D:(Q;;KA;;;SY)': at character 4: an unknown kind of entry"},
    {"D:(XA;;KA;;;SY;(a==1))", HC_ERROR_UNSUPPORTED,
     "SDDL 'D:(XA;;KA;;;SY;(a==1))': at character 4: conditions and resource attributes are not "
     "read"},
    {"D:(A;QQ;KA;;;SY)", HC_ERROR_MALFORMED,
     "SDDL 'D:(A;QQ;KA;;;SY)': at character 6: an unknown flag"},
    {"D:(A;;QQ;;;SY)", HC_ERROR_MALFORMED,
     "SDDL 'D:(A;;QQ;;;SY)': at character 7: an unknown right"},
    {"D:(A;;0x100000000;;;SY)", HC_ERROR_MALFORMED,
     "SDDL 'D:(A;;0x100000000;;;SY)': at character 7: the number is too large"},
    {"D:(OA;;KA;1234;;SY)", HC_ERROR_MALFORMED,
     "SDDL 'D:(OA;;KA;1234;;SY)': at character 15: not a GUID"},
    {"D:(A;;KA;00112233-4455-6677-8899-aabbccddeeff;;SY)", HC_ERROR_MALFORMED,
     "SDDL 'D:(A;;KA;00112233-4455-6677-8899-aabbccddeeff;;SY)': at character 10: only OA, OD, OU "
     "and OL name objects"},
    {"O:S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", HC_ERROR_MALFORMED,
     "SDDL 'O:S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16': at character 45: a SID has at most "
     "15 parts"},
};

static void
refused_sddl(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad_sddl); i++) {
        GError *error = NULL;
        CU_ASSERT_PTR_NULL(hc_sddl_parse(bad_sddl[i].text, &error));
        CHECK_ERROR(error, bad_sddl[i].code, bad_sddl[i].message);
    }
}

/* Known bytes: the descriptor that hives' roots get is written out in docs/FORMATS.md. */
static void
known_bytes(void)
{
    static const uint8_t expected[] = {
        0x01, 0x00, 0x04, 0x84, 0x30, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x14, 0x00, 0x00, 0x00, 0x02, 0x00, 0x1c, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x02,
        0x14, 0x00, 0x3f, 0x00, 0x0f, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x12,
        0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x12, 0x00, 0x00, 0x00,
        0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x12, 0x00, 0x00, 0x00};
    GError *error = NULL;
    g_autoptr(GBytes) bytes =
        hc_sddl_parse("O:S-1-5-18G:SYD:AI(A;CI;CCDCLCSWRPWPSDRCWDWO;;;SY)", &error);
    CHECK_NO_ERROR(error);
    CHECK_BYTES(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), expected, sizeof(expected));
}

const char cu_suite[] = "security";

const CuCase cu_cases[] = {
    {"each clause of inheriting", clauses},
    {"entries without a word", opaque_entries},
    {"damaged descriptors", damaged},
    {"SDDL that is refused", refused_sddl},
    {"SDDL to bytes", known_bytes},
    {"lists that are NULL", null_lists},
    {NULL, NULL},
};
