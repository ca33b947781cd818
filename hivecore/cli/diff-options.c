#include "config.h"

#include "hivecore/cli/diff-options.h"

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/delta/diff.h"

gboolean
hc_cli_view_parse(const HcViewOptions *options, HcFormat format, HcReportView *view, GError **error)
{
    const struct {
        gboolean is_asked;
        HcReportView view;
    } views[] = {{options->is_stat, HC_VIEW_STAT},
                 {options->is_name_only, HC_VIEW_NAME_ONLY},
                 {options->is_name_status, HC_VIEW_NAME_STATUS},
                 {options->is_summary, HC_VIEW_SUMMARY},
                 {options->is_group, HC_VIEW_GROUP}};
    guint n_asked = 0;
    *view = HC_VIEW_CHANGES;
    for (gsize i = 0; i < G_N_ELEMENTS(views); i++) {
        if (!views[i].is_asked)
            continue;
        *view = views[i].view;
        n_asked++;
    }
    if (n_asked > 1)
        return hc_fail(error, HC_ERROR_USAGE,
                       "only one of --stat, --name-only, --name-status, --summary and --group");
    if (n_asked > 0 && format != HC_FORMAT_TEXT)
        return hc_fail(error, HC_ERROR_USAGE,
                       "--stat, --name-only, --name-status, --summary and --group are text, not "
                       "--format=%s",
                       hc_format_name(format));
    return TRUE;
}

/* One word of --ignore: it adds, +x too, and -x takes away. */
static gboolean
take_ignored(const char *word, guint *ignore, GError **error)
{
    static const HcChoice names[] = {
        {"timestamps", HC_IGNORE_TIMESTAMPS}, {"security", HC_IGNORE_SECURITY},
        {"class", HC_IGNORE_CLASS},           {"flags", HC_IGNORE_FLAGS},
        {"order", HC_IGNORE_ORDER},           {"none", 0},
    };
    const gboolean is_less = word[0] == '-';
    const int choice =
        HC_CHOICE_PARSE("--ignore has", word + (is_less || word[0] == '+'), names, error);
    if (choice < 0)
        return FALSE;
    if (choice == 0 || is_less)
        *ignore &= choice == 0 ? 0 : ~(guint) choice;
    else
        *ignore |= (guint) choice;
    return TRUE;
}

gboolean
hc_cli_ignore_parse(char **lists, guint *ignore, GError **error)
{
    *ignore = HC_IGNORE_DEFAULT;
    if (lists == NULL)
        return TRUE;
    g_autofree char *text = g_strjoinv(",", lists);
    if (text[0] == '\0')
        return hc_fail(error, HC_ERROR_USAGE, "--ignore is empty, 'none' ignores nothing");
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    for (gsize i = 0; parts[i] != NULL; i++) {
        if (!take_ignored(parts[i], ignore, error))
            return FALSE;
    }
    return TRUE;
}
