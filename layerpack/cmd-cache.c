#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/error.h"
#include "hivecore/image/cache.h"
#include "layerpack/commands.h"

static gboolean is_all;

static const GOptionEntry options[] = {
    {"all", 0, 0, G_OPTION_ARG_NONE, &is_all, "with prune: forget every name, remove everything",
     NULL},
    {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
};

static gboolean
list(HcCliContext *context, const char *folder, GError **error)
{
    guint n_other;
    uint64_t n_bytes;
    g_autoptr(GPtrArray) entries = hc_cache_list(folder, &n_other, &n_bytes, error);
    if (entries == NULL)
        return FALSE;
    for (guint i = 0; i < entries->len; i++) {
        const HcCacheEntry *entry = entries->pdata[i];
        g_string_append_printf(context->out, "docker://%s\n  %s, %u blob%s, %" PRIu64 " bytes",
                               entry->name, entry->digest, entry->n_blobs,
                               entry->n_blobs == 1 ? "" : "s", entry->n_bytes);
        if (entry->n_missing > 0)
            g_string_append_printf(context->out, ", %u not fetched", entry->n_missing);
        g_string_append_c(context->out, '\n');
    }
    if (n_other > 0)
        g_string_append_printf(context->out,
                               "no name leads to %u blob%s, %" PRIu64
                               " bytes: 'layerpack cache prune' removes them\n",
                               n_other, n_other == 1 ? "" : "s", n_bytes);
    return TRUE;
}

static gboolean
prune(HcCliContext *context, const char *folder, char **names, GError **error)
{
    guint n_blobs;
    uint64_t n_bytes;
    if (is_all && names[0] != NULL)
        return hc_fail(error, HC_ERROR_USAGE, "--all: not with names");
    if (!hc_cache_prune(folder, names[0] != NULL ? names : NULL, is_all, &n_blobs, &n_bytes, error))
        return FALSE;
    g_string_append_printf(context->out, "%u blob%s removed, %" PRIu64 " bytes\n", n_blobs,
                           n_blobs == 1 ? "" : "s", n_bytes);
    return TRUE;
}

static gboolean
run(HcCliContext *context, int n_args, char **args, HcExit *status, GError **error)
{
    *status = HC_EXIT_OK;
    enum {
        LS,
        PRUNE
    };
    static const HcChoice verbs[] = {{"ls", LS}, {"prune", PRUNE}};
    const int verb = HC_CHOICE_PARSE("cache:", args[0], verbs, error);
    const gboolean is_ls = verb == LS;
    if (verb < 0)
        return FALSE;
    if (is_ls && (n_args > 1 || is_all))
        return hc_fail(error, HC_ERROR_USAGE, "%s: is only for prune",
                       n_args > 1 ? args[1] : "--all");
    g_autofree char *folder = hc_cache_open(error);
    if (folder == NULL)
        return FALSE;
    return is_ls ? list(context, folder, error) : prune(context, folder, args + 1, error);
}

const HcCommand lp_cmd_cache = {
    .name = "cache",
    .also = "clean purge",
    .group = "write layers and images",
    .args = "ls | prune [NAME...]",
    .summary = "look at or clear what was fetched from registries",
    .details =
        "Blobs of images named docker://... are kept in $XDG_CACHE_HOME/layerpack, or\n"
        "~/.cache/layerpack, an OCI layout, and fetched once. \"ls\" prints what each name led to\n"
        "when it was last asked for, and how much of that is there. \"prune\" removes blobs that\n"
        "no name leads to any more; with NAMEs (docker://...), it forgets those first.",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .statuses = "0 listed or removed, 1 a NAME is not in the cache",
    .examples = "layerpack cache ls\n"
                "layerpack cache prune docker://mcr.microsoft.com/windows/nanoserver:ltsc2022",
    .run = run,
};
