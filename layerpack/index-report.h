#pragma once

#include "hivecore/base/json-writer.h"
#include "hivecore/cli/cli.h"
#include "hivecore/image/image.h"

G_BEGIN_DECLS

/* Commands that take an index as a whole: what they say of each of its images, one after another.
 */

/**
 * lp_index_members:
 * @platform: (nullable): as given; then one image is meant
 *
 * Which images a command is to look at: those for Windows, where @source names several. Of others a
 * remark says that they are left out.
 *
 * Returns: (transfer full) (nullable) (element-type HcImageMember): at least two; NULL: @source is
 * to be opened as one image
 */
GPtrArray *lp_index_members(const HcCliContext *context, const char *source, const char *platform);

/**
 * lp_all_platforms:
 * --all-platforms: what chooses each image for Windows that @source names; a remark says of others
 * that they are left out.
 *
 * Returns: (transfer full) (element-type utf8): for --platform; HC_ERROR_NOT_FOUND when there is
 * none
 */
GPtrArray *lp_all_platforms(const HcCliContext *context, const char *source, GError **error);

/** LpIndexReport: {.context = CONTEXT, .is_json = …} is a new one. In text each image has a
 * heading, in JSON its document is a member of one that holds all. */
typedef struct {
    HcCliContext *context;
    gboolean is_json;
    HcJsonWriter json;
    guint n_members;
} LpIndexReport;

/** lp_index_begin_member: what is appended to the context's stream from here to
 * lp_index_end_member() is what is to be said of @member. */
void lp_index_begin_member(LpIndexReport *report, const HcImageMember *member);
void lp_index_end_member(LpIndexReport *report);
void lp_index_end(LpIndexReport *report);

/** LpOneImage: what a command does with one image. */
typedef gboolean (*LpOneImage)(HcCliContext *context, const char *source, const char *platform,
                               HcExit *status, GError **error);

/** lp_for_each_image: @one for every image that @source names, with a report around them where
 * there are several; the worst status. */
gboolean lp_for_each_image(HcCliContext *context, const char *source, const char *platform,
                           gboolean is_json, LpOneImage one, HcExit *status, GError **error);

G_END_DECLS
