#pragma once

#include "hivecore/cli/cli-report.h"
#include "hivecore/cli/patches.h"

#include "layerpack/config-edit.h"
#include "layerpack/file-changes.h"
#include "layerpack/target-options.h"

G_BEGIN_DECLS

/** LpBuildRun: what the command line of build --from says. */
typedef struct {
    const char *from;
    const char *to;   /* (nullable) */
    gboolean dry_run; /* what would change is printed, and nothing written */
    char **platforms; /* (nullable): several are an index */
    gboolean all_platforms;
    char **reg;           /* (nullable) */
    LpFileChanges *files; /* (nullable) */
    const char *base_name;
    const HcShowing *showing;
    const HcPatchOptions *patch_options;
    const LpTargetOptions *target_options;
    const LpConfigOptions *config_options;
} LpBuildRun;

/** lp_build_run: an image for each platform, or what would change. */
gboolean lp_build_run(HcCliContext *context, const LpBuildRun *run, GError **error);

G_END_DECLS
