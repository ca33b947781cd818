#include "config.h"

#include "hivetool/key-records.h"

#include "hivecore/reg/pol.h"
#include "hivecore/reg/reg-script.h"

HcPatchText *
ht_patch_text_new(HcFormat format, HcStream *out, HcName root)
{
    return format == HC_FORMAT_POL ? hc_pol_text(out, root) : hc_reg_script_text(out, root);
}

static void
note_left_out(const HcCliContext *context, HcFormat format, const HcPatchText *text,
              const char *noun)
{
    const uint64_t n_left_out = hc_patch_text_n_left_out(text);
    const GPtrArray *told = hc_patch_text_left_out(text);
    for (guint i = 0; i < told->len; i++)
        hc_cli_note(context, "not in Registry.pol: %s", (const char *) told->pdata[i]);
    if (n_left_out == 0)
        return;
    const gboolean is_one = n_left_out == 1;
    if (format == HC_FORMAT_POL)
        hc_cli_note(context,
                    "%" G_GUINT64_FORMAT " %s%s cannot be said in Registry.pol; --format=json has "
                    "everything",
                    n_left_out, noun, is_one ? "" : "s");
    else
        hc_cli_note(context,
                    "%" G_GUINT64_FORMAT " %s%s cannot be said in reg add lines, remarks name "
                    "%s; --format=json has everything",
                    n_left_out, noun, is_one ? "" : "s", is_one ? "it" : "them");
}

gboolean
ht_patch_text_publish(HcCliContext *context, HcFormat format, HcPatchText *text, HcStream *out,
                      const char *noun, GError **error)
{
    if (!hc_patch_text_end(text, error) || !hc_cli_publish(context, out, error))
        return FALSE;
    note_left_out(context, format, text, noun);
    return TRUE;
}
