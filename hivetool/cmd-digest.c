#include "config.h"

#include "hivetool/common.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/delta/digest.h"
#include "hivecore/regf/check.h"

static char **ignore_options;

static const GOptionEntry entries[] = {
    {"ignore", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &ignore_options,
     "what does not count: any of timestamps, security,\nclass, flags, order, or none\n"
     "(timestamps,order)",
     "LIST"},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
digest(HcCliContext *context, HcRegistry *state, guint index, const char *name, guint ignore,
       GError **error)
{
    const HcHiveReading how = {.flags = 0};
    g_autoptr(HcHive) hive = hc_cli_open_hive_of(context, state, index, &how, error);
    g_autofree char *text =
        hive != NULL && hc_hive_check(hive, NULL, error) ? hc_digest(hive, ignore, error) : NULL;
    if (text == NULL)
        return FALSE;
    g_string_append_printf(context->out, "sha256:%s  ", text);
    hc_append_display(context->out, name, strlen(name));
    g_string_append_c(context->out, '\n');
    return TRUE;
}

static gboolean
run(HcCliContext *context, G_GNUC_UNUSED int n_args, char **args, HcExit *status, GError **error)
{
    guint ignore;
    g_auto(HcOperand) operand = {0};
    GError *failures = NULL;
    if (!ht_parse_ignore(ignore_options, &ignore, error) ||
        !hc_cli_operand_open(&operand, args[0], error))
        return FALSE;
    for (guint i = 0; i < hc_registry_n_hives(operand.state); i++) {
        const char *name = operand.is_one ? args[0] : hc_registry_hive(operand.state, i)->name;
        GError *failure = NULL;
        if (!digest(context, operand.state, i, name, ignore, &failure))
            hc_cli_add_failure(context, &failures, failure);
    }
    *status = HC_EXIT_OK;
    return failures == NULL || hc_fail_with(error, failures);
}

const HcCommand ht_cmd_digest = {
    .name = "digest",
    .args = "HIVE",
    .summary = "print a SHA-256 of what a hive holds, whatever its layout",
    .details =
        "Hives between which diff finds nothing have the same digest under the same\n"
        "--ignore. A differencing hive's is that of the hive as it stands. Of several hives, a\n"
        "folder, a Windows disk, an image or a layer, each has its line.",
    .options = entries,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
