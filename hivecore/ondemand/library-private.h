#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Libraries that are loaded when something of them is called for the first time. Loading libarchive
 * with what it is linked with, and libcrypto, was four fifths of the time that a program took to
 * start; most commands need neither.
 *
 * Each has a file of its own here, with functions of the names of the library's, which its header
 * declares, so that who calls them need not know. Only the programs are linked with these; tests
 * have the libraries themselves.
 */

/** HcLibrary: one of them. */
typedef struct {
    const char *file;         /* as the linker names it in programs, with the version */
    const char *const *names; /* of the functions, by index; NULL is the end */
    void **functions;         /* by the same index */
    gsize is_loaded;          /* of g_once_init_enter() */
} HcLibrary;

/** hc_library_function: the function of that index, loaded if need be; a library that cannot be
 * loaded, or does not have it, is the machine's fault and ends the program with status 5. */
void *hc_library_function(HcLibrary *library, guint index);

/* Of the functions of a library, listed as FUNCTIONS(MACRO): their indices, and their names. */
#define HC_LIBRARY_INDEX(function) AT_##function,
#define HC_LIBRARY_NAME(function)  #function,

G_END_DECLS
