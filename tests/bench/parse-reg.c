/*
 * parse-reg FILE: reads one .reg file into a delta and does nothing with it, for bench.py.
 */
#include "config.h"

#include <stdio.h>

#include "hivecore/base/limits.h"
#include "hivecore/base/map.h"
#include "hivecore/reg/reg-reader.h"

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HcDelta) delta = hc_delta_new();
    g_autoptr(GBytes) content =
        argc == 2 ? hc_read_stream(argv[1], HC_MAX_PATCH_BYTES, &error) : NULL;
    if (content != NULL &&
        hc_reg_read(delta, argv[1], content, &(const HcRegReadOptions){0}, NULL, &error))
        return 0;
    fprintf(stderr, "%s\n", error != NULL ? error->message : "see the comment in the source");
    return 1;
}
