#include "config.h"

#include "hivecore/ondemand/library-private.h"

#include <dlfcn.h>

#include "hivecore/base/crash.h"

static void
load(HcLibrary *library)
{
    /* Never closed: what is loaded once is needed to the end. */
    void *handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
    for (gsize i = 0; handle != NULL && library->names[i] != NULL; i++) {
        library->functions[i] = dlsym(handle, library->names[i]);
        if (library->functions[i] == NULL)
            handle = NULL;
    }
    if (handle != NULL)
        return;
    const char *reason = dlerror();
    g_autofree char *what =
        g_strdup_printf("cannot load a library: %s", reason != NULL ? reason : library->file);
    hc_crash_end(what);
}

void *
hc_library_function(HcLibrary *library, guint index)
{
    if (g_once_init_enter(&library->is_loaded)) {
        load(library);
        g_once_init_leave(&library->is_loaded, 1);
    }
    return library->functions[index];
}
