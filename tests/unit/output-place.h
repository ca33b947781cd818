#pragma once

#include "hivecore/base/output.h"

/* What the tests of outputs share. */

/* A folder of its own for each test, and the name of a file in it. */
typedef struct {
    char *folder;
    char *file;
} OutputPlace;

OutputPlace output_place_new(void);
void output_place_clear(OutputPlace *place);

/** output_check_names: all names in the folder, sorted, each with a space: shows temporary files
 * left behind. */
void output_check_names(const OutputPlace *place, const char *expected);

void output_check_content(const char *file, const char *expected);

/** output_write_bytes: with @replace, as a command with --in-place does. */
gboolean output_write_bytes(const char *file, gboolean replace, const void *bytes, gsize n_bytes,
                            GError **error);
void output_write_text(const char *file, gboolean replace, const char *text);
