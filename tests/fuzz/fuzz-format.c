/*
 * libFuzzer target: any bytes as a .reg file to format and to lint. What strict mode takes has a
 * canonical form, sorted and not, in its encoding and in UTF-16, that stays when it is formatted
 * again. The first byte chooses code page, order and encoding.
 */
#include "config.h"

#include <stdlib.h>

#include "hivecore/base/error.h"
#include "hivecore/reg/lint.h"
#include "hivecore/reg/reg-reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static void
expect(gboolean is_true)
{
    if (!is_true)
        abort();
}

static void
check_form(GBytes *content, const HcFormatOptions *options, gboolean is_read)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) once = hc_reg_format("p.reg", content, options, &error);
    expect((once == NULL) == (error != NULL));
    if (once == NULL) {
        /* Refused when sorting has an effect, in spite of all care. */
        expect(!is_read || (options->sort && error->code == HC_ERROR_UNSUPPORTED));
        return;
    }
    expect(is_read);
    g_autoptr(GBytes) twice = hc_reg_format("p.reg", once, options, NULL);
    expect(twice != NULL && g_bytes_equal(once, twice));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    static const guint codepages[] = {0, 1252, 932, 437};
    if (n_bytes == 0)
        return 0;
    const HcFormatOptions format = {.ansi_codepage = codepages[bytes[0] & 3],
                                    .sort = (bytes[0] & 4) != 0,
                                    .has_encoding = (bytes[0] & 8) != 0,
                                    .encoding = HC_REG_UTF16};
    g_autoptr(GBytes) content = g_bytes_new(bytes + 1, n_bytes - 1);
    g_autoptr(HcDelta) delta = hc_delta_new();
    const HcRegReadOptions read = {.ansi_codepage = format.ansi_codepage, .unset_is_empty = TRUE};
    gboolean is_read = hc_reg_read(delta, "p.reg", content, &read, NULL, NULL);
    check_form(content, &format, is_read);

    g_autoptr(HcFindings) found = hc_findings_new("p.reg", HC_MAX_DIAGNOSTICS);
    const HcLintOptions lint = {.ansi_codepage = format.ansi_codepage};
    HcLintClass class;
    expect(hc_reg_lint(found, content, &lint, &class, NULL));
    expect(is_read == (found->n[HC_SEVERITY_ERROR] == 0));
    g_autoptr(GString) text = g_string_new(NULL);
    hc_findings_append_text(text, found, "");
    expect(g_utf8_validate(text->str, (gssize) text->len, NULL));
    return 0;
}
