/*
 * libFuzzer target: any bytes as a JSON delta. What is taken is shown as text and written as JSON,
 * which must be taken again and give the same JSON.
 */
#include "config.h"

#include <stdlib.h>

#include "hivecore/base/error.h"
#include "hivecore/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

static void
expect(gboolean is_true)
{
    if (!is_true)
        abort();
}

static HcStream *
write_json(const HcDelta *delta)
{
    const HcReportOptions options = {.root = ""};
    HcStream *out = hc_stream_new_memory();
    hc_report_json(out, delta, &options);
    return out;
}

static GBytes *
text_of(HcStream *stream)
{
    const GString *text = hc_stream_text(stream);
    return g_bytes_new_static(text->str, text->len);
}

static void
check_round_trip(const HcDelta *delta)
{
    const HcReportOptions options = {.root = "", .color = TRUE};
    g_autoptr(HcStream) stream = hc_stream_new_memory();
    hc_report_text(stream, delta, &options);
    const GString *text = hc_stream_text(stream);
    expect(g_utf8_validate(text->str, (gssize) text->len, NULL));

    g_autoptr(HcStream) json = write_json(delta);
    g_autoptr(GBytes) content = text_of(json);
    g_autoptr(HcDelta) back = hc_delta_new();
    g_autoptr(GError) error = NULL;
    expect(hc_json_read(back, "p.json", content, NULL, &error));
    /* Parents that were only implied are said now, with the lines of this document; after that
     * nothing changes any more. */
    g_autoptr(HcStream) again = write_json(back);
    g_autoptr(GBytes) again_content = text_of(again);
    g_autoptr(HcDelta) back_again = hc_delta_new();
    expect(hc_json_read(back_again, "p.json", again_content, NULL, &error));
    expect(hc_delta_equal(back, back_again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    g_autoptr(GBytes) content = g_bytes_new(bytes, n_bytes);
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GError) error = NULL;
    gboolean ok = hc_json_read(delta, "p.json", content, NULL, &error);
    expect(ok == error == NULL);
    expect(error == NULL ||
           (error->domain == HC_ERROR && error->code != HC_ERROR_INTERNAL &&
            error->code != HC_ERROR_CONFLICT && g_str_has_prefix(error->message, "p.json:")));
    if (ok)
        check_round_trip(delta);
    return 0;
}
