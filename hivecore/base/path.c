#include "config.h"

#include "hivecore/base/path.h"

HcPath
hc_path_join(HcArena *arena, HcPath above, HcPath below)
{
    HcName *names = hc_arena_alloc(arena, MAX(above.n + below.n, 1) * sizeof(*names));
    for (gsize i = 0; i < above.n + below.n; i++)
        names[i] = i < above.n ? above.names[i] : below.names[i - above.n];
    return (HcPath){names, above.n + below.n};
}

HcPath
hc_path_dup(HcArena *arena, HcPath path)
{
    HcName *names = hc_arena_alloc(arena, MAX(path.n, 1) * sizeof(*names));
    for (gsize i = 0; i < path.n; i++)
        names[i] = hc_name_dup(arena, path.names[i]);
    return (HcPath){names, path.n};
}

gboolean
hc_path_is_below(HcPath path, HcPath above)
{
    gsize same = 0;
    while (same < above.n && same < path.n && hc_name_equal(path.names[same], above.names[same]))
        same++;
    return same == above.n;
}

void
hc_path_append_display(GString *out, const char *root, HcPath path)
{
    const gsize start = out->len;
    if (root != NULL)
        g_string_append(out, root);
    for (gsize i = 0; i < path.n; i++) {
        if (i > 0 || out->len > start)
            g_string_append_c(out, '\\');
        hc_name_append_display(out, path.names[i]);
    }
}
