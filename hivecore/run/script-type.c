#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/root.h"
#include "hivecore/regf/types.h"
#include "hivecore/run/script-private.h"

/* --- types and their methods --- */

const char *
hc_ps_type(HcPs *ps)
{
    const char *from = ps->text + ps->pos + 1;
    gsize n = strcspn(from, "] ;");
    if (from[n] == '[' || (from[n] == ']' && n > 0 && from[n - 1] == '['))
        n++;
    if (from[n] != ']') {
        (void) hc_ps_refuse(ps, hc_ps_word_here(ps), "a type that is not known here");
        return NULL;
    }
    g_autofree char *name = g_ascii_strdown(from, (gssize) n);
    ps->pos += n + 2;
    const char *plain = g_str_has_prefix(name, "system.") ? name + 7 : name;
    return hc_arena_dup(ps->run->arena, plain, strlen(plain) + 1);
}

/* Arguments in parentheses, with commas. */
static GPtrArray *
method_arguments(HcPs *ps)
{
    g_autoptr(GPtrArray) args = g_ptr_array_new();
    const gboolean before = ps->parts_at_comma;
    ps->pos++;
    ps->parts_at_comma = TRUE;
    hc_ps_skip_blanks(ps);
    gboolean has_more = hc_ps_peek(ps, 0) != ')';
    while (has_more) {
        hc_ps_skip_blanks(ps);
        HcPsValue *arg = hc_ps_expression(ps);
        if (arg == NULL)
            return NULL;
        g_ptr_array_add(args, arg);
        hc_ps_skip_blanks(ps);
        has_more = hc_ps_peek(ps, 0) == ',';
        ps->pos += has_more ? 1 : 0;
    }
    ps->parts_at_comma = before;
    if (hc_ps_peek(ps, 0) != ')') {
        (void) hc_ps_refuse(ps, hc_ps_word_here(ps), "expected ')'");
        return NULL;
    }
    ps->pos++;
    return g_steal_pointer(&args);
}

static const char *
target_of(HcPs *ps, const GPtrArray *args, guint i)
{
    if (i >= args->len)
        return "process";
    return hc_ps_text(ps, (const HcPsValue *) args->pdata[i]);
}

static HcPsValue *
set_environment(HcPs *ps, const GPtrArray *args)
{
    HcPsValue *nothing = (HcPsValue *) hc_arena_alloc(ps->run->arena, sizeof(*nothing));
    if (args->len < 2 || args->len > 3)
        return hc_ps_refuse(ps, "SetEnvironmentVariable", "takes two or three arguments");
    const char *name = hc_ps_text(ps, (const HcPsValue *) args->pdata[0]);
    const char *value = hc_ps_text(ps, (const HcPsValue *) args->pdata[1]);
    const char *target = target_of(ps, args, 2);
    if (g_ascii_strcasecmp(target, "Process") == 0 || g_str_equal(target, "0")) {
        hc_run_set_env(ps->run, name, *value != '\0' ? value : NULL);
        return nothing;
    }
    if (g_ascii_strcasecmp(target, "Machine") != 0 && !g_str_equal(target, "2"))
        return hc_ps_refuse(ps, target,
                            "the variables of the user that builds are in no layer; "
                            "'Machine', or ENV");
    return hc_run_set_variable(ps->run, name, *value != '\0' ? value : NULL, HC_REG_SZ, ps->error)
               ? nothing
               : NULL;
}

static HcPsValue *
get_environment(HcPs *ps, const GPtrArray *args)
{
    HcDatum datum;
    gboolean is_known;
    HcPath path;
    if (args->len < 1 || args->len > 2)
        return hc_ps_refuse(ps, "GetEnvironmentVariable", "takes one or two arguments");
    const char *name = hc_ps_text(ps, (const HcPsValue *) args->pdata[0]);
    const char *target = target_of(ps, args, 1);
    if (g_ascii_strcasecmp(target, "Process") == 0) {
        g_autofree char *whole = g_strconcat("env:", name, NULL);
        return hc_ps_env_variable(ps, whole);
    }
    if (g_ascii_strcasecmp(target, "Machine") != 0)
        return hc_ps_refuse(ps, target, "the variables of the user that builds are in no layer");
    (void) hc_root_split_key(
        ps->run->arena, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
        &path);
    const HcName wanted = hc_name_from_utf8(ps->run->arena, name, strlen(name));
    if (!hc_run_value(ps->run, path, wanted, &datum, &is_known)) {
        if (ps->run->world->tree == NULL || !is_known)
            return hc_ps_string(ps, name);
        return (HcPsValue *) hc_arena_alloc(ps->run->arena, sizeof(HcPsValue));
    }
    const HcName text = {datum.data.bytes, datum.data.n_bytes / 2, FALSE};
    g_autoptr(GString) out = g_string_new(NULL);
    hc_name_append_utf8(out, text);
    if (datum.type != HC_REG_EXPAND_SZ)
        return hc_ps_string(ps, out->str);
    /* .NET expands it. */
    g_autofree char *expanded = hc_run_expand(ps->run, out->str);
    return hc_ps_string(ps, expanded);
}

HcPsValue *
hc_ps_static(HcPs *ps, const char *type)
{
    const char *from = ps->text + ps->pos;
    gsize n = 0;
    while (g_ascii_isalnum(from[n]) || from[n] == '_')
        n++;
    g_autofree char *member = g_ascii_strdown(from, (gssize) n);
    ps->pos += n;
    if (g_str_equal(type, "environmentvariabletarget") && hc_ps_peek(ps, 0) != '(')
        return hc_ps_string(ps, member);
    if (!g_str_equal(type, "environment") || hc_ps_peek(ps, 0) != '(') {
        g_autofree char *shown = g_strdup_printf("[%s]::%s", type, member);
        return hc_ps_refuse(ps, shown, "is not known here");
    }
    g_autoptr(GPtrArray) args = method_arguments(ps);
    if (args == NULL)
        return NULL;
    if (g_str_equal(member, "setenvironmentvariable"))
        return set_environment(ps, args);
    if (g_str_equal(member, "getenvironmentvariable"))
        return get_environment(ps, args);
    g_autofree char *shown = g_strdup_printf("[%s]::%s", type, member);
    return hc_ps_refuse(ps, shown, "is not known here");
}
