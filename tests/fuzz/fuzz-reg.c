/*
 * libFuzzer target: any bytes as a .reg file, strict and compat. What strict mode takes must be
 * the same after writing and reading it again, in both encodings, and to regedit too but for the
 * NUL that it adds to strings. The first byte chooses the code page.
 */
#include "config.h"

#include <stdlib.h>

#include "hivecore/base/error.h"
#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static void
expect(gboolean is_true)
{
    if (!is_true)
        abort();
}

/* Whether regedit, which ends strings with a NUL, made @b of @a. */
static gboolean
is_terminated(const HcDatum *a, const HcDatum *b)
{
    gboolean is_text = a->type == 1 || a->type == 2 || a->type == 7;
    HcBlob start = {b->data.bytes, a->data.n_bytes};
    return is_text && b->data.n_bytes == a->data.n_bytes + 2 &&
           b->data.bytes[a->data.n_bytes] == 0 && b->data.bytes[a->data.n_bytes + 1] == 0 &&
           hc_blob_equal(a->data, start);
}

static gboolean
same_value(const HcDeltaValue *a, const HcDeltaValue *b, gboolean compat)
{
    return a->op == b->op && hc_name_same_spelling(a->name, b->name) &&
           a->after.is_present == b->after.is_present && a->after.type == b->after.type &&
           (a->op == HC_VALUE_DELETE || hc_blob_equal(a->after.data, b->after.data) ||
            (compat && is_terminated(&a->after, &b->after)));
}

static gboolean
same_tree(const HcDeltaKey *a, const HcDeltaKey *b, gboolean compat)
{
    if (a->op != b->op || !hc_name_same_spelling(a->name, b->name) ||
        hc_delta_n_values(a) != hc_delta_n_values(b) ||
        hc_delta_n_children(a) != hc_delta_n_children(b))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_values(a); i++) {
        if (!same_value(hc_delta_value(a, i), hc_delta_value(b, i), compat))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_children(a); i++) {
        if (!same_tree(hc_delta_child(a, i), hc_delta_child(b, i), compat))
            return FALSE;
    }
    return TRUE;
}

static void
check_round_trip(const HcDelta *delta, HcRegEncoding encoding)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) text = hc_reg_write_delta(delta, encoding, HC_NAME_EMPTY, NULL, &error);
    expect(text != NULL && error == NULL);
    /* regedit reads no UTF-8. */
    gboolean most = encoding == HC_REG_UTF16;
    for (int compat = FALSE; compat <= most; compat++) {
        g_autoptr(HcDelta) back = hc_delta_new();
        const HcRegReadOptions options = {.compat_regedit = compat};
        uint64_t n_skipped = 0;
        expect(hc_reg_read(back, "back.reg", text, &options, &n_skipped, NULL));
        expect(n_skipped == 0);
        expect(same_tree(hc_delta_root(delta), hc_delta_root(back), compat));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    static const guint codepages[] = {0, 1252, 1251, 932, 949, 437};
    if (n_bytes == 0)
        return 0;
    guint codepage = codepages[bytes[0] % G_N_ELEMENTS(codepages)];
    g_autoptr(GBytes) content = g_bytes_new(bytes + 1, n_bytes - 1);
    for (int compat = FALSE; compat <= TRUE; compat++) {
        g_autoptr(HcDelta) delta = hc_delta_new();
        g_autoptr(GError) error = NULL;
        const HcRegReadOptions options = {codepage, compat};
        gboolean ok = hc_reg_read(delta, "p.reg", content, &options, NULL, &error);
        expect(ok == error == NULL);
        expect(error == NULL || (error->domain == HC_ERROR && error->code != HC_ERROR_INTERNAL &&
                                 g_str_has_prefix(error->message, "p.reg:") &&
                                 g_utf8_validate(error->message, -1, NULL)));
        if (ok && compat == 0) {
            check_round_trip(delta, HC_REG_UTF16);
            check_round_trip(delta, HC_REG_UTF8);
        }
    }
    return 0;
}
