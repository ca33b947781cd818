#pragma once

#include "hivecore/run/run-private.h"

G_BEGIN_DECLS

/*
 * The part of PowerShell that is understood: commands with arguments, expressions of strings and
 * numbers, variables. Sources: Microsoft, about_Parsing, about_Quoting_Rules, about_Operators,
 * about_Numeric_Literals, about_Parameters.
 */

typedef enum {
    HC_PS_NULL,
    HC_PS_STRING,
    HC_PS_NUMBER,
    HC_PS_BOOL,
    HC_PS_LIST,
} HcPsKind;

/** HcPsValue: in the arena of the run. */
typedef struct HcPsValue HcPsValue;
struct HcPsValue {
    HcPsKind kind;
    const char *text;    /* of a string; of a number as it was written */
    int64_t number;      /* of a number, and of a bool */
    gboolean is_long;    /* of a number: 64 bits */
    gboolean is_strings; /* of a list: string[], by a cast */
    gboolean is_bytes;   /* likewise byte[] */
    gboolean is_odd;     /* of a string: PowerShell has a number here, of a kind that is not known:
                          * 1.5, 1kb. To a program it is the text */
    HcPsValue **items;   /* of a list */
    guint n_items;
};

/** HcPsArg: an argument of a command. */
typedef struct {
    const char *param; /* (nullable): the name of a parameter, without "-" */
    HcPsValue *value;  /* (nullable): an argument; of "-Name:value" too */
    const char *raw;   /* as it was written, for programs */
} HcPsArg;

/** HcPs: a script that is being read and done. */
typedef struct {
    HcRun *run;
    const char *text;
    gsize pos;
    gboolean is_core; /* pwsh */
    guint depth;
    GError **error;
    gboolean parts_at_comma; /* arguments of a method, where a comma makes no list */
} HcPs;

/* --- script-value.c --- */

HcPsValue *hc_ps_string(HcPs *ps, const char *text);
HcPsValue *hc_ps_number(HcPs *ps, int64_t number, gboolean is_long, const char *text);

/** hc_ps_parse_number: Returns: (nullable): the number that all of @text is. */
HcPsValue *hc_ps_parse_number(HcPs *ps, const char *text);

/** hc_ps_check_plain: whether no number of a kind that is not known is in @value. */
gboolean hc_ps_check_plain(HcPs *ps, const HcPsValue *value);

/** hc_ps_looks_like_number: whether PowerShell takes @text for a number, of any kind. */
gboolean hc_ps_looks_like_number(const char *text);

/** hc_ps_text: as PowerShell makes a string of it. Returns: (transfer none) */
const char *hc_ps_text(HcPs *ps, const HcPsValue *value);

/** hc_ps_integer: as PowerShell makes a number of it. FALSE: it cannot. */
gboolean hc_ps_integer(HcPs *ps, const HcPsValue *value, int64_t min, uint64_t max,
                       uint64_t *number);

/* --- script-expression.c; NULL with ps->error set --- */

void hc_ps_skip_blanks(HcPs *ps);
char hc_ps_peek(const HcPs *ps, gsize ahead);

/** hc_ps_refuse: Returns: NULL */
HcPsValue *hc_ps_refuse(HcPs *ps, const char *word, const char *why);

/** hc_ps_word_here: the word that stands at the place, for messages. Returns: (transfer none) */
const char *hc_ps_word_here(HcPs *ps);

HcPsValue *hc_ps_expression(HcPs *ps);

/** HcPsReader: reads a value at the place, which is behind it then. */
typedef HcPsValue *(*HcPsReader)(HcPs *ps);

/** hc_ps_listed: @first (nullable), which was read, or the list of it and what @next reads behind
 * each comma. */
HcPsValue *hc_ps_listed(HcPs *ps, HcPsValue *first, HcPsReader next);

/** hc_ps_variable_name: the name at "$", in lower case, behind which the place is then; NULL: none
 * is there. */
const char *hc_ps_variable_name(HcPs *ps);
HcPsValue *hc_ps_variable(HcPs *ps, const char *name);

/** hc_ps_starts_expression: whether a value, and no command, begins here. */
gboolean hc_ps_starts_expression(const HcPs *ps);

/* Pieces of values, the place at their start. */
HcPsValue *hc_ps_single_quoted(HcPs *ps);
HcPsValue *hc_ps_double_quoted(HcPs *ps);
HcPsValue *hc_ps_unary(HcPs *ps); /* without operators */
gboolean hc_ps_append_escape(HcPs *ps, GString *out);
gboolean hc_ps_append_variable(HcPs *ps, GString *out);

/** hc_ps_env_variable: @name: "env:X" */
HcPsValue *hc_ps_env_variable(HcPs *ps, const char *name);

/* --- script-argument.c --- */

/** hc_ps_argument: a value as it stands behind a command. */
HcPsValue *hc_ps_argument(HcPs *ps);

/* --- script-type.c --- */

/** hc_ps_type: "[Name]", lower case, without "System."; NULL with error. */
const char *hc_ps_type(HcPs *ps);

/** hc_ps_static: what stands behind "[type]::". */
HcPsValue *hc_ps_static(HcPs *ps, const char *type);

/* --- script-command.c --- */

/** hc_ps_call: the command @name with @args; @input: (nullable): what a pipe gives it. */
gboolean hc_ps_call(HcPs *ps, const char *name, GPtrArray *args, HcPsValue *input);

typedef struct {
    const char *names; /* the parameter and its aliases, commas between them */
    char kind;    /* 's': a switch, 'v': takes a value, 't': one text, '-': refused, '.': without
                   * effect, takes a    value, ',': a switch without effect */
    int position; /* -1: by name only */
} HcPsParam;

/** HcPsBound: arguments by parameter. */
typedef struct {
    HcPs *ps;
    const char *name; /* of the command */
    const HcPsParam *params;
    HcPsValue *values[32]; /* of each; of a switch a bool */
} HcPsBound;

/** Returns: (nullable): what was given for the parameter, by its first name. */
HcPsValue *hc_ps_get(const HcPsBound *bound, const char *name);
const char *hc_ps_get_text(const HcPsBound *bound, const char *name);
gboolean hc_ps_is_set(const HcPsBound *bound, const char *name);

/** HcPsCmdlet: a command of PowerShell. */
typedef struct {
    const char *names;
    const HcPsParam *params;
    gboolean (*run)(const HcPsBound *bound);
} HcPsCmdlet;

/* Of script-items.c (files) and script-registry.c; ends with a NULL name. */
extern const HcPsCmdlet hc_ps_item_cmdlets[];

/** Returns: whether @path is one of the registry. */
gboolean hc_ps_is_registry(const char *path);
gboolean hc_ps_set_property(const HcPsBound *bound);
gboolean hc_ps_new_property(const HcPsBound *bound);
gboolean hc_ps_remove_property(const HcPsBound *bound);
gboolean hc_ps_new_key(const HcPsBound *bound, const char *path);
gboolean hc_ps_remove_key(const HcPsBound *bound, const char *path);

G_END_DECLS
