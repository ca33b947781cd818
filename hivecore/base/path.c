#include "config.h"

#include "hivecore/base/path.h"

gboolean
hc_path_is_below(const HcName *names, gsize n, const HcName *above, gsize n_above)
{
    gsize same = 0;
    while (same < n_above && same < n && hc_name_equal(names[same], above[same]))
        same++;
    return same == n_above;
}

void
hc_path_append_display(GString *out, const char *root, const HcName *names, gsize n)
{
    const gsize start = out->len;
    if (root != NULL)
        g_string_append(out, root);
    for (gsize i = 0; i < n; i++) {
        if (i > 0 || out->len > start)
            g_string_append_c(out, '\\');
        hc_name_append_display(out, names[i]);
    }
}
