#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/reg/directive-private.h"
#include "hivecore/regf/security.h"

/* What the file says of the descriptor must be all of it: what is left out would be nobody's. */
static const char *
missing_part(GBytes *descriptor)
{
    HcSecurity parts;
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(descriptor, &n_bytes);
    const char *fault = hc_security_parse((HcBlob){bytes, (uint32_t) n_bytes}, &parts);
    if (fault != NULL)
        return fault;
    if (parts.owner.bytes == NULL)
        return "it names no owner (O:)";
    if (parts.group.bytes == NULL)
        return "it names no group (G:)";
    return (parts.control & HC_SD_DACL_PRESENT) != 0 ? NULL : "it has no access list (D:)";
}

static void
tell(const HcRegLexer *at, const char *what)
{
    (void) hc_reg_fail_found(at, at->pos, HC_ERROR_MALFORMED,
                             "a security descriptor in SDDL, with owner, group and access list",
                             HC_REGEDIT_COMMENT, "%s", what);
}

static void
state(HcRegDirective *directive, GBytes *descriptor)
{
    const HcRegDirectives *directives = directive->directives;
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(descriptor, &n_bytes);
    const HcBlob stated = {bytes, (uint32_t) n_bytes};
    HcDeltaKey *key = hc_delta_find_key(directives->delta, hc_path_of(directives->path));
    if (key == NULL)
        return;
    if (key->after.security.bytes != NULL && !hc_blob_equal(key->after.security, stated))
        tell(&directive->start, "a second descriptor of the key");
    else
        key->after.security = hc_delta_dup_blob(directives->delta, stated, TRUE);
}

void
hc_reg_read_security(HcRegDirective *directive)
{
    const HcRegDirectives *directives = directive->directives;
    HcRegLexer *lexer = &directive->lexer;
    const gsize from = lexer->pos;
    while (!hc_reg_is_eol(lexer, lexer->pos))
        lexer->pos++;
    const gsize to = hc_reg_trim(lexer, from, lexer->pos);
    g_autoptr(GString) text = g_string_new(NULL);
    hc_name_append_utf8(text, hc_reg_span(lexer, from, to));
    lexer->pos = from;
    if (directives->is_delete) {
        (void) hc_reg_fail_found(&directive->start, directive->start.pos, HC_ERROR_MALFORMED,
                                 "it in a section that does not delete its key", NULL,
                                 "'security' on a key that is deleted");
        return;
    }
    g_autoptr(GError) failure = NULL;
    g_autoptr(GBytes) descriptor = hc_sddl_parse(text->str, &failure);
    const char *missing = descriptor != NULL ? missing_part(descriptor) : failure->message;
    if (missing != NULL) {
        tell(lexer, missing);
        return;
    }
    if (directives->path->len > 0 &&
        hc_reg_directives_may(directives, &directive->start, directives->path, HC_REG_TOUCHES_KEY,
                              HC_NAME_EMPTY))
        state(directive, descriptor);
}
