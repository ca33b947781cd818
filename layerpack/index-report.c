#include "config.h"

#include "layerpack/index-report.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"

static gboolean
is_for_windows(const HcImageMember *member)
{
    return g_strcmp0(member->os, "windows") == 0;
}

GPtrArray *
lp_index_members(const HcCliContext *context, const char *source, const char *platform)
{
    if (platform != NULL || !hc_image_is_operand(source))
        return NULL;
    /* What is wrong is told when it is opened as one. */
    g_autoptr(GPtrArray) members = hc_image_members(source, NULL);
    guint n_windows = 0;
    for (guint i = 0; members != NULL && i < members->len; i++)
        n_windows += is_for_windows(members->pdata[i]) ? 1 : 0;
    if (n_windows < 2)
        return NULL;
    for (guint i = members->len; i > 0; i--) {
        const HcImageMember *member = members->pdata[i - 1];
        if (is_for_windows(member))
            continue;
        hc_cli_note(context, "%s: %s: is not for Windows, and left out", source, member->words);
        g_ptr_array_remove_index(members, i - 1);
    }
    return g_steal_pointer(&members);
}

GPtrArray *
lp_all_platforms(const HcCliContext *context, const char *source, GError **error)
{
    g_autoptr(GPtrArray) platforms = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) members = hc_image_members(source, error);
    for (guint i = 0; members != NULL && i < members->len; i++) {
        const HcImageMember *member = members->pdata[i];
        if (is_for_windows(member))
            g_ptr_array_add(platforms, g_strdup(member->words));
        else
            hc_cli_note(context, "%s: %s: is not for Windows, and left out", source, member->words);
    }
    if (members == NULL)
        return NULL;
    if (platforms->len == 0)
        return hc_fail_null(error, HC_ERROR_NOT_FOUND, "%s: has no image for Windows", source);
    return g_steal_pointer(&platforms);
}

static void
begin_json(LpIndexReport *report)
{
    report->json = hc_json_writer_to(report->context->stream);
    report->json.tool = report->context->program;
    hc_json_begin_document(&report->json, "images");
    hc_json_member(&report->json, "images");
    hc_json_begin_array(&report->json, HC_JSON_LINES);
}

void
lp_index_begin_member(LpIndexReport *report, const HcImageMember *member)
{
    const gboolean is_first = report->n_members++ == 0;
    if (!report->is_json) {
        GString *out = report->context->out;
        g_string_append(out, is_first ? "image " : "\nimage ");
        hc_append_display(out, member->words, strlen(member->words));
        if (member->name != NULL) {
            g_string_append(out, " (");
            hc_append_display(out, member->name, strlen(member->name));
            g_string_append_c(out, ')');
        }
        g_string_append(out, "\n\n");
        return;
    }
    if (is_first)
        begin_json(report);
    hc_json_begin_object(&report->json, HC_JSON_LINES);
    hc_json_member_string(&report->json, "platform", member->words);
    hc_json_member_string(&report->json, "name", member->name);
    hc_json_member_string(&report->json, "manifest", member->digest);
    hc_json_member(&report->json, "document");
    hc_json_begin_foreign(&report->json);
}

void
lp_index_end_member(LpIndexReport *report)
{
    GString *out = report->context->out;
    if (!report->is_json)
        return;
    if (out->len > 0 && out->str[out->len - 1] == '\n')
        g_string_truncate(out, out->len - 1);
    hc_json_end(&report->json);
}

void
lp_index_end(LpIndexReport *report)
{
    if (!report->is_json)
        return;
    hc_json_end(&report->json);
    hc_json_end_document(&report->json);
}

gboolean
lp_for_each_image(HcCliContext *context, const char *source, const char *platform, gboolean is_json,
                  LpOneImage one, HcExit *status, GError **error)
{
    g_autoptr(GPtrArray) members = lp_index_members(context, source, platform);
    if (members == NULL)
        return one(context, source, platform, status, error);
    LpIndexReport report = {.context = context, .is_json = is_json};
    HcExit worst = HC_EXIT_OK;
    GError *failures = NULL;
    for (guint i = 0; i < members->len; i++) {
        const HcImageMember *member = members->pdata[i];
        GError *failure = NULL;
        lp_index_begin_member(&report, member);
        if (!one(context, source, member->digest, status, &failure))
            hc_cli_add_failure(context, &failures, failure);
        if (failures != NULL && is_json)
            return hc_fail_with(error, failures); /* a document without it would be none */
        if (failure == NULL)
            worst = MAX(worst, *status);
        lp_index_end_member(&report);
    }
    lp_index_end(&report);
    *status = worst;
    return failures == NULL || hc_fail_with(error, failures);
}
