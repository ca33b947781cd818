#pragma once

#include "hivecore/delta/delta.h"
#include "hivecore/image/tree.h"

G_BEGIN_DECLS

/*
 * RUN without Windows: what the lines of cmd and PowerShell that change only registry and files do.
 * What is not fully understood is refused, with the word that needs Windows. docs/run.md has the
 * whole list; tests/unit/test-run*.c name the source of each rule.
 */

/** HcRunLine: a RUN instruction and what it is run in. */
typedef struct {
    const char *text;         /* (nullable): behind RUN and its flags; NULL in JSON form */
    const char *const *words; /* (nullable): JSON form, NULL-terminated */
    const char *const *shell; /* (nullable): SHELL, NULL-terminated; NULL: cmd /S /C */
    const char *const *env;   /* (nullable): "NAME=VALUE", the configuration's Env under the ARGs */
    const char *folder;       /* (nullable): WORKDIR as people write it; NULL: C:\ */
    const char *user;         /* (nullable): USER */
    const char *const *skip;  /* (nullable): patterns of lines that are passed over, --skip-run */
    uint32_t line;            /* of the Dockerfile, for the origin of statements */
} HcRunLine;

/** HcRunWorld: what a line changes and looks at. */
typedef struct {
    HcTree *tree;        /* (nullable): NULL: nothing is looked at or changed, only told */
    HcLayerStack *stack; /* (nullable): the registry below .registry */
    HcDelta *registry; /* statements of the lines so far, from HKEY_ names on; hc_delta_last_wins()
                        * holds for it. Gets those of this line */
    uint32_t source;   /* of hc_delta_add_source() */
    GPtrArray *told;   /* of char *: gets a line for each thing that is done or passed over */
    GPtrArray *notes;  /* of char *: gets what the user is to know: what was passed over, what is
                        * otherwise than on Windows */
} HcRunWorld;

/* How the message ends about a command that nothing is known of. */
#define HC_RUN_NEEDS_WINDOWS " needs Windows"

/**
 * hc_run:
 * Does what the line does on Windows.
 *
 * @has_changed: (out): whether files or the registry have
 *
 * Returns: FALSE with HC_ERROR_UNSUPPORTED for what needs Windows, HC_ERROR_CONFLICT for what fails
 * there too; messages have no place. Part of the line may be done then.
 */
gboolean hc_run(const HcRunLine *line, const HcRunWorld *world, gboolean *has_changed,
                GError **error);

G_END_DECLS
