#pragma once

#include "hivecore/cli/cli.h"
#include "hivecore/cli/showing.h"
#include "hivecore/image/tree-diff.h"

G_BEGIN_DECLS

/** LpDiffShowing: how the report is to be. */
typedef struct {
    const HcCliContext *context;
    const HcShowing *showing;
    const char *output; /* (nullable): where it goes */
    guint ignore;
    gboolean with_files;
} LpDiffShowing;

/** lp_files_text: the files alone, under their heading. */
void lp_files_text(HcStream *stream, const HcTree *old_tree, const HcTree *new_tree,
                   const HcTreeDiff *files, const LpDiffShowing *showing);

G_END_DECLS
