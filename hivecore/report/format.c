#include "config.h"

#include "hivecore/report/records.h"

#include "hivecore/base/choice.h"

static const char *const names[HC_N_FORMATS] = {
    [HC_FORMAT_TEXT] = "text",         [HC_FORMAT_JSON] = "json",
    [HC_FORMAT_NDJSON] = "ndjson",     [HC_FORMAT_CSV] = "csv",
    [HC_FORMAT_REG] = "reg",           [HC_FORMAT_REG_ADD] = "reg-add",
    [HC_FORMAT_POL] = "pol",           [HC_FORMAT_JUNIT] = "junit",
    [HC_FORMAT_SARIF] = "sarif",       [HC_FORMAT_GITHUB] = "github",
    [HC_FORMAT_HTML] = "html",         [HC_FORMAT_DELTA] = "delta",
    [HC_FORMAT_BODYFILE] = "bodyfile", [HC_FORMAT_MARKDOWN] = "markdown",
    [HC_FORMAT_UNIFIED] = "unified",
};

const char *
hc_format_name(HcFormat format)
{
    return names[format];
}

gboolean
hc_format_parse(const char *text, guint choices, HcFormat *format, GError **error)
{
    HcChoice words[HC_N_FORMATS];
    gsize n = 0;
    for (guint i = 0; i < HC_N_FORMATS; i++) {
        if ((choices & HC_FORMAT_BIT(i)) != 0)
            words[n++] = (HcChoice){names[i], (int) i};
    }
    const int choice =
        text != NULL ? hc_choice_parse("--format is", text, words, n, error) : HC_FORMAT_TEXT;
    *format = (HcFormat) MAX(choice, 0);
    return choice >= 0;
}
