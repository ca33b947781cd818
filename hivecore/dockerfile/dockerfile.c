#include "config.h"

#include "hivecore/dockerfile/dockerfile.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/dockerfile/dockerfile-private.h"

static void
stage_free(gpointer data)
{
    HcDockerStage *stage = data;
    g_free(stage->base);
    g_free(stage->name);
    g_free(stage->platform);
    g_free(stage->text);
    g_ptr_array_unref(stage->instructions);
    g_free(stage);
}

/* As BuildKit: ^[a-z][a-z0-9-_.]*$, in any case. */
static gboolean
is_stage_name(const char *name)
{
    if (!g_ascii_isalpha(*name))
        return FALSE;
    for (const char *at = name; *at != '\0'; at++) {
        if (!g_ascii_isalnum(*at) && strchr("-_.", *at) == NULL)
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_stage(HcDockerfile *dockerfile, const HcInstruction *from, GError **error)
{
    const gboolean has_name = from->args[1] != NULL;
    if (has_name && !is_stage_name(from->args[2]))
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "'%s' is no name for a stage: a letter, then letters, digits and - _ .",
                       from->args[2]);
    HcDockerStage *stage = g_new0(HcDockerStage, 1);
    stage->line = from->line;
    stage->base = g_strdup(from->args[0]);
    stage->name = has_name ? g_ascii_strdown(from->args[2], -1) : NULL;
    stage->platform = g_strdup(hc_instruction_flag(from, "platform"));
    stage->text = g_strdup(from->text);
    stage->instructions = g_ptr_array_new_with_free_func(hc_instruction_free);
    g_ptr_array_add(dockerfile->stages, stage);
    return TRUE;
}

static gboolean
add_line(HcDockerfile *dockerfile, HcDockerText *text, const HcDockerLine *line, GError **error)
{
    g_autoptr(HcInstruction) instruction = hc_instruction_read(text, line, error);
    if (instruction == NULL)
        return FALSE;
    if (instruction->word == HC_DOCKER_FROM)
        return add_stage(dockerfile, instruction, error);
    if (dockerfile->stages->len > 0) {
        HcDockerStage *stage = dockerfile->stages->pdata[dockerfile->stages->len - 1];
        g_ptr_array_add(stage->instructions, g_steal_pointer(&instruction));
        return TRUE;
    }
    if (instruction->word != HC_DOCKER_ARG)
        return hc_fail(error, HC_ERROR_MALFORMED, "%s before the first FROM, where only ARG can be",
                       hc_docker_word_name(instruction->word));
    g_ptr_array_add(dockerfile->args, g_steal_pointer(&instruction));
    return TRUE;
}

HcDockerfile *
hc_dockerfile_read(const char *file, const char *text, gsize n_bytes, HcFindings *remarks,
                   GError **error)
{
    HcDockerText reading = {.file = file, .escape = '\\', .remarks = remarks};
    g_autoptr(GPtrArray) lines = hc_docker_lines(&reading, text, n_bytes, error);
    if (lines == NULL)
        return NULL;
    g_autoptr(HcDockerfile) dockerfile = g_new0(HcDockerfile, 1);
    dockerfile->file = g_strdup(file);
    dockerfile->escape = reading.escape;
    dockerfile->args = g_ptr_array_new_with_free_func(hc_instruction_free);
    dockerfile->stages = g_ptr_array_new_with_free_func(stage_free);
    for (guint i = 0; i < lines->len; i++) {
        const HcDockerLine *line = lines->pdata[i];
        if (!add_line(dockerfile, &reading, line, error)) {
            g_prefix_error(error, "%s:%u: ", file, line->line);
            return NULL;
        }
    }
    if (dockerfile->stages->len == 0)
        return hc_fail_null(error, HC_ERROR_MALFORMED, "%s: has no FROM", file);
    return g_steal_pointer(&dockerfile);
}

void
hc_dockerfile_free(HcDockerfile *dockerfile)
{
    if (dockerfile == NULL)
        return;
    g_free(dockerfile->file);
    g_ptr_array_unref(dockerfile->args);
    g_ptr_array_unref(dockerfile->stages);
    g_free(dockerfile);
}
