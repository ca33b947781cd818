#include "config.h"

#include <string.h>

#include "hivecore/regf/security.h"
#include "hivecore/report/report-private.h"

void
hc_append_security(GString *out, HcBlob security, gboolean with_digest)
{
    if (security.bytes == NULL) {
        g_string_append(out, "none");
        return;
    }
    if (hc_append_sddl(out, security) && !with_digest)
        return;
    g_string_append_printf(out, "%s%u byte%s sha256 ", with_digest ? " " : "",
                           (guint) security.n_bytes, security.n_bytes == 1 ? "" : "s");
    hc_append_digest(out, security);
}

/* "OLD -> NEW", with digests where they say the same. */
static void
append_whole(GString *out, HcBlob before, HcBlob after)
{
    g_autoptr(GString) old_text = g_string_new(NULL);
    g_autoptr(GString) new_text = g_string_new(NULL);
    hc_append_security(old_text, before, FALSE);
    hc_append_security(new_text, after, FALSE);
    const gboolean is_alike = g_string_equal(old_text, new_text);
    hc_append_security(out, before, is_alike);
    g_string_append(out, " -> ");
    hc_append_security(out, after, is_alike);
}

/* --- words --- */

typedef struct {
    uint32_t bits;
    const char *text;
} Right;

/* Source: "Registry Key Security and Access Rights" of the documentation; those of more bits
 * first. */
static const Right rights[] = {
    {HC_KEY_ALL, "full control"},
    {HC_GENERIC_ALL, "full control (generic)"},
    {HC_KEY_READ, "read"},
    {HC_KEY_WRITE, "write"},
    {HC_GENERIC_READ, "read (generic)"},
    {HC_GENERIC_WRITE, "write (generic)"},
    {HC_GENERIC_EXECUTE, "execute (generic)"},
    {0x00000001, "query values"},
    {0x00000002, "set values"},
    {0x00000004, "create subkeys"},
    {0x00000008, "enumerate subkeys"},
    {0x00000010, "notify"},
    {0x00000020, "create links"},
    {0x00010000, "delete"},
    {0x00020000, "read the descriptor"},
    {0x00040000, "change permissions"},
    {0x00080000, "take ownership"},
};

static void
append_rights(GString *out, uint32_t mask)
{
    uint32_t left = mask;
    const char *separator = "";
    for (gsize i = 0; i < G_N_ELEMENTS(rights); i++) {
        if ((mask & rights[i].bits) != rights[i].bits || (left & rights[i].bits) == 0)
            continue;
        g_string_append_printf(out, "%s%s", separator, rights[i].text);
        left &= ~rights[i].bits;
        separator = ", ";
    }
    if (left != 0 || *separator == '\0')
        g_string_append_printf(out, "%s0x%x", separator, (guint) left);
}

/* A SID with the name that people know. */
static void
append_who(GString *out, HcBlob sid)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (sid.bytes == NULL || !hc_append_sid(text, sid)) {
        g_string_append(out, "none");
        return;
    }
    const char *name = hc_sid_name(text->str);
    g_string_append(out, name != NULL ? name : text->str);
}

static const char *
ace_verb(uint8_t type)
{
    switch (type) {
    case 0x00:
        return "allow";
    case 0x01:
        return "deny";
    case 0x02:
        return "audit";
    case 0x11:
        return "label";
    default:
        return NULL;
    }
}

/* "allow Users: read, also subkeys". */
static void
append_in_words(GString *out, const HcAce *ace)
{
    const char *verb = ace_verb(ace->type);
    if (verb == NULL || !ace->is_known)
        return;
    g_string_append_printf(out, "  %s ", verb);
    append_who(out, ace->sid);
    g_string_append(out, ": ");
    append_rights(out, ace->mask);
    if ((ace->flags & HC_ACE_INHERIT_ONLY) != 0)
        g_string_append(out, ", only subkeys");
    else if ((ace->flags & HC_ACE_CONTAINER_INHERIT) != 0)
        g_string_append(out, ", also subkeys");
    if ((ace->flags & HC_ACE_NO_PROPAGATE) != 0)
        g_string_append(out, ", not below");
    if ((ace->flags & HC_ACE_INHERITED) != 0)
        g_string_append(out, ", inherited");
}

/* --- parts --- */

typedef struct {
    GArray *lines;
    const HcTextLimits *limits;
    GString *parts; /* those that differ */
} Telling;

static void
name_part(Telling *telling, const char *part)
{
    g_string_append_printf(telling->parts, "%s%s", telling->parts->len > 0 ? ", " : "", part);
}

static void
add_line(Telling *telling, char sign, GString *text)
{
    GString *cut = g_string_new(NULL);
    hc_append_cut(cut, text->str, telling->limits->n_columns);
    g_string_free(text, TRUE);
    hc_text_line(telling->lines, sign, cut);
}

static void
tell_sid(Telling *telling, const char *part, HcBlob before, HcBlob after)
{
    if (hc_blob_equal(before, after))
        return;
    GString *text = g_string_new(part);
    name_part(telling, part);
    const HcBlob sids[] = {before, after};
    for (gsize i = 0; i < G_N_ELEMENTS(sids); i++) {
        g_autoptr(GString) sid = g_string_new(NULL);
        g_string_append(text, i == 0 ? " " : " -> ");
        if (sids[i].bytes == NULL || !hc_append_sid(sid, sids[i]))
            g_string_append(sid, "none");
        g_string_append(text, sid->str);
        if (hc_sid_name(sid->str) != NULL)
            g_string_append_printf(text, " (%s)", hc_sid_name(sid->str));
    }
    add_line(telling, '~', text);
}

static void
tell_ace(Telling *telling, const HcEditScript *script, const HcEdit *edit, uint32_t i,
         const char *list)
{
    const gboolean is_new = edit->op == HC_EDIT_ADD;
    const HcScriptSide *side = is_new ? &script->new_side : &script->old_side;
    const uint32_t at = (is_new ? edit->new_at : edit->old_at) + i;
    const HcBlob whole = hc_script_element(side, at);
    /* The iterator starts behind the 8 bytes of a list's header, whatever they are. */
    HcAceIter iter = {(HcBlob){whole.bytes, whole.n_bytes}, 0, 1};
    HcAce ace;
    GString *text = g_string_new(list);
    if (!hc_ace_iter_next(&iter, &ace)) {
        g_string_free(text, TRUE);
        return;
    }
    if (!hc_append_ace(text, &ace)) {
        g_string_append_printf(text, "entry of type 0x%02x, %u bytes ", (guint) ace.type,
                               (guint) whole.n_bytes);
        hc_append_digest(text, whole);
    }
    if (edit->op == HC_EDIT_MOVE_OUT)
        g_string_append_printf(text, " moved from %u to %u", (guint) at + 1,
                               (guint) edit->new_at + 1);
    else
        g_string_append_printf(text, " at %u", (guint) at + 1);
    append_in_words(text, &ace);
    add_line(telling,
             (char) (edit->op == HC_EDIT_ADD      ? '+'
                     : edit->op == HC_EDIT_REMOVE ? '-'
                                                  : '~'),
             text);
}

static void
tell_list(Telling *telling, const char *part, const char *prefix, HcBlob before, HcBlob after)
{
    if (hc_blob_equal(before, after))
        return;
    g_autoptr(HcEditScript) script = hc_edit_script_new_aces(before, after);
    guint n = 0;
    for (guint i = 0; i < script->edits->len; i++) {
        const HcEdit *edit = &g_array_index(script->edits, HcEdit, i);
        if (edit->op == HC_EDIT_KEEP || edit->op == HC_EDIT_MOVE_IN)
            continue;
        for (uint32_t j = 0; j < edit->n; j++, n++) {
            if (n < telling->limits->n_lines || telling->limits->is_full)
                tell_ace(telling, script, edit, j, prefix);
        }
    }
    if (n == 0)
        return;
    name_part(telling, part);
    if (n <= telling->limits->n_lines || telling->limits->is_full)
        return;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "… %u more entries", n - telling->limits->n_lines);
    add_line(telling, ' ', text);
}

/* A descriptor whose DACL is there and NULL lets everybody do everything. */
static void
tell_null_list(Telling *telling, const HcSecurity *before, const HcSecurity *after)
{
    const gboolean was_null =
        (before->control & HC_SD_DACL_PRESENT) != 0 && before->dacl.bytes == NULL;
    const gboolean is_null =
        (after->control & HC_SD_DACL_PRESENT) != 0 && after->dacl.bytes == NULL;
    if (was_null == is_null)
        return;
    name_part(telling, "DACL");
    add_line(telling, is_null ? '+' : '-',
             g_string_new("NO_ACCESS_CONTROL  allow Everyone: everything, there is no list"));
}

static void
append_control(GString *out, uint16_t control)
{
    static const struct {
        uint16_t bit;
        const char *text;
    } bits[] = {
        {HC_SD_DACL_PROTECTED, "inherits nothing"},
        {HC_SD_DACL_INHERIT_REQUIRED, "inheritance required"},
        {HC_SD_DACL_AUTO_INHERITED, "auto-inherited"},
        {HC_SD_SACL_PROTECTED, "SACL inherits nothing"},
        {HC_SD_SACL_AUTO_INHERITED, "SACL auto-inherited"},
    };
    const char *separator = "";
    if ((control & HC_SD_DACL_PRESENT) == 0) {
        g_string_append(out, "no DACL");
        separator = ", ";
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bits); i++) {
        if ((control & bits[i].bit) == 0)
            continue;
        g_string_append_printf(out, "%s%s", separator, bits[i].text);
        separator = ", ";
    }
    if (*separator == '\0')
        g_string_append(out, "none");
}

static void
tell_control(Telling *telling, uint16_t before, uint16_t after)
{
    g_autoptr(GString) old_text = g_string_new(NULL);
    g_autoptr(GString) new_text = g_string_new(NULL);
    append_control(old_text, before);
    append_control(new_text, after);
    if (g_string_equal(old_text, new_text))
        return;
    name_part(telling, "inheritance");
    GString *text = g_string_new("flags ");
    g_string_append_printf(text, "%s -> %s", old_text->str, new_text->str);
    add_line(telling, '~', text);
}

GArray *
hc_text_security_lines(HcBlob before, HcBlob after, const HcTextLimits *limits)
{
    g_autoptr(GString) parts = g_string_new(NULL);
    Telling telling = {hc_text_lines_new(), limits, parts};
    HcSecurity old_parts;
    HcSecurity new_parts;
    hc_text_line(telling.lines, ' ', g_string_new(NULL));
    const gboolean is_known = before.bytes != NULL && after.bytes != NULL &&
                              hc_security_parse(before, &old_parts) == NULL &&
                              hc_security_parse(after, &new_parts) == NULL;
    if (is_known) {
        tell_sid(&telling, "owner", old_parts.owner, new_parts.owner);
        tell_sid(&telling, "group", old_parts.group, new_parts.group);
        tell_control(&telling, old_parts.control, new_parts.control);
        tell_null_list(&telling, &old_parts, &new_parts);
        tell_list(&telling, "entries", "", old_parts.dacl, new_parts.dacl);
        tell_list(&telling, "audit entries", "SACL ", old_parts.sacl, new_parts.sacl);
    }
    GString *head = g_string_new(NULL);
    append_whole(head, before, after);
    /* What has room for it is told whole, too. */
    if (!limits->is_full && parts->len > 0 &&
        hc_text_columns(head->str) + strlen("security  ") > limits->n_columns)
        g_string_assign(head, parts->str);
    HcTextLine *first = &g_array_index(telling.lines, HcTextLine, 0);
    g_free(first->text);
    first->text = g_string_free(head, FALSE);
    return telling.lines;
}
