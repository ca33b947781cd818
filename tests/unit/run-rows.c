#include "config.h"

#include "tests/unit/run-rows.h"

#include <string.h>

#include "hivecore/run/run.h"
#include "tests/unit/cu.h"
#include "tests/unit/reg-dump.h"

char *
run_line(const char *const *shell, const char *text)
{
    static const char *const env[] = {"ENVIRON=e v", "SETX=/M", NULL};
    g_autoptr(HcTree) tree = hc_tree_new("test");
    g_autoptr(HcDelta) registry = hc_delta_new();
    g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    hc_delta_last_wins(registry);
    const HcRunLine line = {.text = text, .shell = shell, .env = env, .line = 1};
    const HcRunWorld world = {.tree = tree,
                              .registry = registry,
                              .source = hc_delta_add_source(registry, "Dockerfile"),
                              .told = told};
    GString *out = g_string_new(NULL);
    if (!hc_run(&line, &world, NULL, &error)) {
        g_string_append_printf(out, "! %s", error->message);
        return g_string_free(out, FALSE);
    }
    for (guint i = 0; i < told->len; i++) {
        if (!g_str_has_prefix(told->pdata[i], "registry: "))
            g_string_append_printf(out, "%s\n", (const char *) told->pdata[i]);
    }
    g_autofree char *dump = reg_dump(registry);
    /* The parents of a key say nothing new. */
    g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
    for (gsize i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
        const gboolean is_parent =
            lines[i][1] == '[' && lines[i + 1] != NULL && *lines[i + 1] != '\0' &&
            strncmp(lines[i] + 1, lines[i + 1] + 1, strlen(lines[i]) - 2) == 0;
        if (!is_parent)
            g_string_append_printf(out, "%s\n", lines[i]);
    }
    return g_strchomp(g_string_free(out, FALSE));
}

void
run_check_rows(const char *const *shell, const RunRow *rows)
{
    for (; rows->line != NULL; rows++) {
        g_autofree char *got = run_line(shell, rows->line);
        CHECK_STRING(got, rows->expected);
    }
}
