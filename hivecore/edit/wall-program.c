#include "config.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "hivecore/edit/wall.h"

/* Whether nobody but who could change the program that runs now could have put @file there. */
static gboolean
is_ours(const char *file, const struct stat *self)
{
    struct stat status;
    return stat(file, &status) == 0 && S_ISREG(status.st_mode) &&
           (status.st_uid == self->st_uid || status.st_uid == 0) &&
           (status.st_mode & ~self->st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
           ((status.st_mode & S_IWGRP) == 0 || status.st_gid == self->st_gid);
}

/* In the tree that this program is in: FOLDER/hivetool/hivetool where it was built, FOLDER/bin/
 * where it is installed, wherever that was moved to. */
static char *
beside_self(void)
{
    static const char *const places[] = {"hivecore/edit/edit-hivex", "libexec/hivetool/edit-hivex"};
    struct stat self;
    g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
    if (exe == NULL || stat(exe, &self) != 0)
        return NULL;
    g_autofree char *folder = g_path_get_dirname(exe);
    g_autofree char *above = g_path_get_dirname(folder);
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *file = g_build_filename(above, places[i], NULL);
        if (is_ours(file, &self))
            return g_steal_pointer(&file);
    }
    return NULL;
}

char *
hc_wall_program(void)
{
    char *program = NULL;
    if (getauxval(AT_SECURE) == 0) {
        program = g_strdup(secure_getenv("HIVETOOL_EDIT_HIVEX"));
        if (program == NULL)
            program = beside_self();
    }
    return program != NULL ? program : g_strdup(HC_EDIT_HIVEX_PROGRAM);
}
