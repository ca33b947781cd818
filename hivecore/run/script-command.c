#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/run/script-private.h"

/* --- arguments to parameters --- */

/* What every command has. */
static const HcPsParam common[] = {
    {"verbose,vb", ',', -1},
    {"debug,db", ',', -1},
    {"erroraction,ea", 'v', -1},
    {"warningaction,wa", '.', -1},
    {"informationaction,infa", '.', -1},
    {"errorvariable,ev", '.', -1},
    {"warningvariable,wv", '.', -1},
    {"informationvariable,iv", '.', -1},
    {"outvariable,ov", '.', -1},
    {"outbuffer,ob", '.', -1},
    {"pipelinevariable,pv", '.', -1},
    {"whatif,wi", '-', -1},
    {"confirm,cf", 'c', -1},
    {NULL, 0, -1},
};

/* 2: it is one of the names; 1: the start of one; 0: neither */
static guint
match_name(const char *names, const char *text)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);
    guint best = 0;
    for (gsize i = 0; list[i] != NULL; i++) {
        if (g_ascii_strcasecmp(list[i], text) == 0)
            return 2;
        if (g_ascii_strncasecmp(list[i], text, strlen(text)) == 0)
            best = 1;
    }
    return best;
}

/* A name may be cut as long as it is that of one parameter. */
static const HcPsParam *
find_param(HcPs *ps, const HcPsParam *params, const char *text, const char *command)
{
    const HcPsParam *found = NULL;
    guint n_found = 0;
    for (guint set = 0; set < 2; set++) {
        const HcPsParam *list = set == 0 ? params : common;
        for (; list->names != NULL; list++) {
            const guint match = match_name(list->names, text);
            if (match == 2)
                return list;
            if (match == 1) {
                found = list;
                n_found++;
            }
        }
    }
    if (n_found == 1)
        return found;
    g_autofree char *word = g_strconcat("-", text, NULL);
    g_autofree char *why = g_strdup_printf(
        n_found > 1 ? "is short for several parameters of %s" : "is no parameter of %s", command);
    (void) hc_run_refuse(ps->error, word, why);
    return NULL;
}

static HcPsValue *
truth(HcPs *ps, gboolean is_true)
{
    HcPsValue *value = hc_ps_number(ps, is_true ? 1 : 0, FALSE, NULL);
    value->kind = HC_PS_BOOL;
    return value;
}

static gboolean
put(HcPsBound *bound, const HcPsParam *param, HcPsValue *value, gboolean *may_fail)
{
    if (param >= common && param < common + G_N_ELEMENTS(common)) {
        const char *text = hc_ps_text(bound->ps, value);
        if (param->kind == 'v')
            *may_fail |= g_ascii_strcasecmp(text, "SilentlyContinue") == 0 ||
                         g_ascii_strcasecmp(text, "Ignore") == 0 || g_str_equal(text, "0") ||
                         g_str_equal(text, "4");
        /* $false is it anyway. */
        if (param->kind == 'c' && (value->kind != HC_PS_BOOL || value->number != 0))
            return hc_run_refuse(bound->ps->error, "-Confirm", "asks, and nobody answers");
        return TRUE;
    }
    HcPsValue **slot = &bound->values[param - bound->params];
    if (param->kind == 't' && value->kind == HC_PS_LIST)
        return hc_run_refuse(bound->ps->error, hc_ps_text(bound->ps, value),
                             "is a list where one text is expected");
    if (*slot != NULL)
        return hc_run_refuse(bound->ps->error, param->names, "is given twice");
    *slot = value;
    return TRUE;
}

static gboolean
bind_named(HcPsBound *bound, const GPtrArray *args, guint *i, gboolean *may_fail)
{
    HcPs *ps = bound->ps;
    const HcPsArg *arg = (const HcPsArg *) args->pdata[*i];
    const HcPsParam *param = find_param(ps, bound->params, arg->param, bound->name);
    if (param == NULL)
        return FALSE;
    if (param->kind == '-') {
        g_autofree char *why = g_strdup_printf("of %s, is not done here", bound->name);
        return hc_run_refuse(ps->error, arg->raw, why);
    }
    HcPsValue *value = arg->value;
    if (value == NULL && strchr("s,c", param->kind) == NULL) {
        const HcPsArg *next = *i + 1 < args->len ? (const HcPsArg *) args->pdata[*i + 1] : NULL;
        if (next == NULL || next->param != NULL)
            return hc_run_refuse(ps->error, arg->raw, "has no value");
        value = next->value;
        (*i)++;
    }
    return put(bound, param, value != NULL ? value : truth(ps, TRUE), may_fail);
}

static gboolean
bind_positional(HcPsBound *bound, HcPsValue *value, gboolean *may_fail)
{
    const HcPsParam *best = NULL;
    for (const HcPsParam *param = bound->params; param->names != NULL; param++) {
        if (param->position >= 0 && bound->values[param - bound->params] == NULL &&
            (best == NULL || param->position < best->position))
            best = param;
    }
    if (best == NULL) {
        g_autofree char *why = g_strdup_printf("is more than %s takes", bound->name);
        return hc_run_refuse(bound->ps->error, hc_ps_text(bound->ps, value), why);
    }
    return put(bound, best, value, may_fail);
}

/* Those with names first: the others take the places that are left. */
static gboolean
bind(HcPsBound *bound, const GPtrArray *args, gboolean *may_fail)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    for (guint i = 0; i < args->len; i++) {
        const HcPsArg *arg = (const HcPsArg *) args->pdata[i];
        if (arg->param == NULL)
            g_ptr_array_add(rest, arg->value);
        else if (!bind_named(bound, args, &i, may_fail))
            return FALSE;
    }
    for (guint i = 0; i < rest->len; i++) {
        if (!bind_positional(bound, (HcPsValue *) rest->pdata[i], may_fail))
            return FALSE;
    }
    return TRUE;
}

HcPsValue *
hc_ps_get(const HcPsBound *bound, const char *name)
{
    for (const HcPsParam *param = bound->params; param->names != NULL; param++) {
        const gsize n = strcspn(param->names, ",");
        if (strlen(name) == n && strncmp(param->names, name, n) == 0)
            return bound->values[param - bound->params];
    }
    return NULL;
}

const char *
hc_ps_get_text(const HcPsBound *bound, const char *name)
{
    const HcPsValue *value = hc_ps_get(bound, name);
    return value != NULL ? hc_ps_text(bound->ps, value) : NULL;
}

gboolean
hc_ps_is_set(const HcPsBound *bound, const char *name)
{
    const HcPsValue *value = hc_ps_get(bound, name);
    return value != NULL && (value->kind != HC_PS_BOOL || value->number != 0);
}

/* --- commands --- */

static gboolean
is_named(const char *names, const char *name)
{
    return match_name(names, name) == 2;
}

/* What only prints, or waits. */
static gboolean
prints(const char *name)
{
    static const char names[] =
        "write-host,write-output,write,echo,write-verbose,write-warning,write-information,"
        "write-debug,write-progress,get-childitem,gci,dir,ls,get-content,gc,cat,type,get-item,gi,"
        "get-itemproperty,gp,test-path,get-location,gl,pwd,get-date,get-host,get-process,gps,ps,"
        "get-service,gsv,get-command,gcm,get-help,get-module,gmo,get-psdrive,get-variable,"
        "get-computerinfo,get-filehash,resolve-path,rvpa,select-string,sls,get-acl,start-sleep,"
        "sleep,"
        "clear-host,cls,get-windowsfeature,get-hotfix";
    return is_named(names, name);
}

static gboolean
add_program_words(HcPs *ps, GPtrArray *words, const HcPsValue *value)
{
    if (value->kind == HC_PS_LIST) {
        for (guint i = 0; i < value->n_items; i++) {
            if (!add_program_words(ps, words, value->items[i]))
                return FALSE;
        }
        return TRUE;
    }
    const char *text =
        value->kind == HC_PS_NUMBER && value->text != NULL ? value->text : hc_ps_text(ps, value);
    if (strchr(text, '"') != NULL)
        return hc_run_refuse(ps->error, text,
                             "PowerShell hands a quote on to a program differently from version to "
                             "version");
    g_ptr_array_add(words, hc_run_keep(ps->run, text));
    return TRUE;
}

static gboolean
call_program(HcPs *ps, const char *name, const GPtrArray *args)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_ptr_array_add(words, hc_run_keep(ps->run, name));
    for (guint i = 0; i < args->len; i++) {
        const HcPsArg *arg = (const HcPsArg *) args->pdata[i];
        if (arg->raw != NULL && (arg->param != NULL || arg->value == NULL))
            g_ptr_array_add(words, hc_run_keep(ps->run, arg->raw));
        else if (!add_program_words(ps, words, arg->value))
            return FALSE;
    }
    return hc_run_program(ps->run, (const char *const *) words->pdata, words->len, ps->error);
}

static gboolean
call_cmdlet(HcPs *ps, const HcPsCmdlet *cmdlet, const char *name, const GPtrArray *args,
            HcPsValue *input)
{
    HcPsBound bound = {.ps = ps, .name = name, .params = cmdlet->params};
    const gboolean before = ps->run->may_fail;
    gboolean may_fail = before;
    if (!bind(&bound, args, &may_fail))
        return FALSE;
    if (input != NULL) {
        guint i = 0;
        while (bound.params[i].names != NULL && match_name(bound.params[i].names, "value") != 2)
            i++;
        if (bound.params[i].names == NULL || bound.values[i] != NULL)
            return hc_run_refuse(ps->error, name, "gets through '|' what it does not take here");
        bound.values[i] = input;
    }
    ps->run->may_fail = may_fail;
    const gboolean ok = cmdlet->run(&bound);
    ps->run->may_fail = before;
    return ok;
}

static gboolean
call_exit(HcPs *ps, const GPtrArray *args)
{
    const HcPsArg *arg = args->len > 0 ? (const HcPsArg *) args->pdata[0] : NULL;
    if (arg != NULL && (arg->value == NULL || !g_str_equal(hc_ps_text(ps, arg->value), "0")))
        return hc_run_refuse(ps->error, "exit", "ends the build with a status that is not 0");
    ps->run->has_ended = TRUE;
    return TRUE;
}

gboolean
hc_ps_call(HcPs *ps, const char *name, GPtrArray *args, HcPsValue *input)
{
    for (const HcPsCmdlet *cmdlet = hc_ps_item_cmdlets; cmdlet->names != NULL; cmdlet++) {
        /* pwsh has no alias sc: it is the program there. */
        if (is_named(cmdlet->names, name) && !(ps->is_core && g_ascii_strcasecmp(name, "sc") == 0))
            return call_cmdlet(ps, cmdlet, name, args, input);
    }
    if (input != NULL)
        return hc_run_refuse(ps->error, name, "gets through '|' what it does not take here");
    if (prints(name)) {
        g_autofree char *text = g_strconcat(name, args->len > 0 ? " …" : "", NULL);
        hc_run_skip(ps->run, text);
        return TRUE;
    }
    if (g_ascii_strcasecmp(name, "exit") == 0)
        return call_exit(ps, args);
    if (is_named("set-strictmode,set-psdebug", name))
        return TRUE;
    return call_program(ps, name, args);
}
