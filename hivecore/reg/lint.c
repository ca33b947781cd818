#include "config.h"

#include "hivecore/base/error.h"
#include "hivecore/reg/lint-private.h"

#include "hivecore/reg/reg-reader.h"
#include "hivecore/reg/reg-script.h"

static const HcLintRuleInfo rules[] = {
    [HC_LINT_ABBREVIATED_ROOT] = {"abbreviated-root", "a root written HKLM, HKCU, HKCR, HKU, HKCC"},
    [HC_LINT_ANSI_BYTES] = {"ansi-bytes", "characters that mean something in one code page only"},
    [HC_LINT_BROAD_DELETE] = {"broad-delete", "a deletion of most of a hive"},
    [HC_LINT_CONTROL_SET_NUMBER] = {"control-set-number", "a control set named by its number"},
    [HC_LINT_DELETED_LATER] = {"deleted-later", "a key that a later line deletes again"},
    [HC_LINT_DOUBLED_BACKSLASH] = {"doubled-backslash",
                                   "a path with its backslashes escaped twice"},
    [HC_LINT_DUPLICATE_VALUE] = {"duplicate-value", "a value that was set to the same before"},
    [HC_LINT_DWORD_DECIMAL] = {"dword-decimal", "a short dword that looks like a decimal number"},
    [HC_LINT_DWORD_SIZE] = {"dword-size", "a dword that is not 4 bytes long"},
    [HC_LINT_EMBEDDED_NUL] = {"embedded-nul", "a string with text after a NUL"},
    [HC_LINT_FOREIGN_KEY] = {"foreign-key", "a key that is in none of the hives named"},
    [HC_LINT_HEADER_BLANK] = {"header-blank", "blanks before or after the header"},
    [HC_LINT_INVISIBLE_CHARACTER] = {"invisible-character", "a name with a character nobody sees"},
    [HC_LINT_KEY_BLANK] = {"key-blank", "a key name that starts or ends with a blank"},
    [HC_LINT_KEY_BRACKET] = {"key-bracket", "a ']' in a key name that no '[' belongs to"},
    [HC_LINT_KEY_LENGTH] = {"key-length", "a key name longer than the documentation allows"},
    [HC_LINT_MOJIBAKE] = {"mojibake", "text that was saved or read in the wrong encoding"},
    [HC_LINT_MULTI_EMPTY_STRING] = {"multi-empty-string", "an empty string in a list of strings"},
    [HC_LINT_MULTI_UNTERMINATED] = {"multi-unterminated", "a list of strings that does not end"},
    [HC_LINT_NAME_BLANK] = {"name-blank", "a value name that starts or ends with a blank"},
    [HC_LINT_NO_STATEMENTS] = {"no-statements", "a file that changes nothing"},
    [HC_LINT_QUOTED_DATA] = {"quoted-data", "a dword or hex data in quotes"},
    [HC_LINT_QWORD_SIZE] = {"qword-size", "a qword that is not 8 bytes long"},
    [HC_LINT_REGEDIT_EXACT] = {"regedit-exact", "a directive without which the result is another"},
    [HC_LINT_REGEDIT_GUARD] = {"regedit-guard", "a condition that regedit does not look at"},
    [HC_LINT_ROOT_VALUE] = {"root-value", "a value where Windows stores none"},
    [HC_LINT_SEVERAL_CONTROL_SETS] = {"several-control-sets",
                                      "CurrentControlSet, for a hive with several control sets"},
    [HC_LINT_STRING_ODD] = {"string-odd", "a string of an odd number of bytes"},
    [HC_LINT_STRING_UNTERMINATED] = {"string-unterminated", "a string that no NUL ends"},
    [HC_LINT_SZ_EXPAND] = {"sz-expand", "a variable in a string that is not expanded"},
    [HC_LINT_UNKNOWN_HIVE] = {"unknown-hive", "a first key that no Windows has there"},
    [HC_LINT_UTF8_BOM] = {"utf8-bom", "a UTF-8 file with a byte order mark"},
    [HC_LINT_UTF8_WITHOUT_BOM] = {"utf8-without-bom", "a UTF-8 file that regedit reads as ANSI"},
    [HC_LINT_VALUE_OVERWRITTEN] = {"value-overwritten", "a value that was set otherwise before"},
    [HC_LINT_VARIABLE_OUTSIDE_TEMPLATE] = {"variable-outside-template",
                                           "a declared variable where it stands for itself"},
    [HC_LINT_VOLATILE_KEY] = {"volatile-key", "a key that Windows makes anew at each start"},
};

G_STATIC_ASSERT(G_N_ELEMENTS(rules) == HC_LINT_N_RULES);

const HcLintRuleInfo *
hc_lint_rule_info(HcLintRule rule)
{
    return &rules[rule];
}

static void
add_warning(HcLint *lint, HcLintRule rule, const HcRegLexer *at, gsize pos, const char *regedit,
            char *message)
{
    HcFinding *item = hc_reg_diagnostic(at, pos, message);
    item->severity = HC_SEVERITY_WARNING;
    item->id = rules[rule].id;
    item->regedit = regedit;
    hc_findings_add(lint->found, item);
}

void
hc_lint_tell(HcLint *lint, HcLintRule rule, const HcRegLexer *at, gsize pos, const char *regedit,
             const char *format, ...)
{
    if (lint->options->is_off[rule])
        return;
    va_list args;
    va_start(args, format);
    add_warning(lint, rule, at, pos, regedit, g_strdup_vprintf(format, args));
    va_end(args);
}

void
hc_lint_tell_once(HcLint *lint, HcLintRule rule, const HcRegLexer *at, gsize pos,
                  const char *regedit, const char *format, ...)
{
    HcLintFirst *first = &lint->first[rule];
    if (lint->options->is_off[rule] || first->n++ > 0)
        return;
    va_list args;
    va_start(args, format);
    first->message = g_strdup_vprintf(format, args);
    va_end(args);
    first->at = *at;
    first->pos = pos;
    first->regedit = regedit;
}

static void
tell_firsts(HcLint *lint)
{
    for (guint rule = 0; rule < HC_LINT_N_RULES; rule++) {
        HcLintFirst *first = &lint->first[rule];
        if (first->n == 0)
            continue;
        char *message = g_steal_pointer(&first->message);
        if (first->n > 1) {
            char *once = message;
            message =
                g_strdup_printf("%s; %u times in this file, this is the first", once, first->n);
            g_free(once);
        }
        add_warning(lint, (HcLintRule) rule, &first->at, first->pos, first->regedit, message);
    }
}

static void
lint_begin(gpointer data, const HcRegWalker *walker)
{
    HcLint *lint = data;
    lint->walker = walker;
    lint->start = walker->lexer;
    lint->declared = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    hc_lint_text(lint);
}

static void
lint_line(gpointer data, const HcRegLine *line)
{
    HcLint *lint = data;
    if (line->is_bad)
        return;
    switch (line->kind) {
    case HC_REG_LINE_BLANK:
    case HC_REG_LINE_OTHER:
        return;
    case HC_REG_LINE_COMMENT:
        hc_lint_comment(lint, &line->at, line->at.pos, line->end);
        return;
    case HC_REG_LINE_SECTION:
        hc_lint_section(lint, line);
        if (lint->history != NULL)
            hc_lint_history_section(lint, line);
        break;
    case HC_REG_LINE_VALUE:
        hc_lint_value(lint, line);
        if (lint->history != NULL)
            hc_lint_history_value(lint, line);
        break;
    }
    hc_lint_variables(lint, &line->at, line->at.pos, line->comment);
    hc_lint_comment(lint, &line->at, line->comment, line->end);
    lint->n_statements++;
}

static void
lint_end(gpointer data)
{
    HcLint *lint = data;
    if (lint->n_statements == 0 && lint->found->n[HC_SEVERITY_ERROR] == 0)
        hc_lint_tell(lint, HC_LINT_NO_STATEMENTS, &lint->start, 0, NULL,
                     "the file has neither a key nor a value, so it changes nothing");
    if (lint->history != NULL)
        hc_lint_history_finish(lint);
    tell_firsts(lint);
    g_hash_table_unref(lint->declared);
}

/* Whether all that is said is below one root in which no key has two names, as users have
 * (HKEY_USERS\S-1-5-18 is .DEFAULT). */
static gboolean
has_plain_root(const HcDelta *delta)
{
    static const char users[] = "HKEY_USERS";
    static const HcName name = {(const uint8_t *) users, sizeof(users) - 1, TRUE};
    const HcDeltaKey *all = hc_delta_root(delta);
    return hc_delta_n_children(all) <= 1 && hc_delta_find_child(all, name) == NULL;
}

/* Whether a line can speak of what another one has said. Where no key is deleted, each value is
 * named once and each key has one name, none can: that is most files, and a history of them would
 * be half of the work. */
static gboolean
needs_history(const HcDelta *delta, const HcRegSaid *said)
{
    return said->n_deletions > 0 || said->n_repeats > 0 || !has_plain_root(delta);
}

/* What strict reading finds is added to what there is.
 * @watch: who looks at the lines of a .reg file on the way
 * @repeats: (out): whether the file needs a history */
static gboolean
read_strictly(HcFindings *found, GBytes *content, const HcLintOptions *lint,
              const HcRegWatch *watch, gboolean *repeats, GError **error)
{
    HcRegSaid said = {0};
    g_autofree const HcRoot **roots = g_new(const HcRoot *, lint->n_hives);
    for (gsize i = 0; i < lint->n_hives; i++)
        roots[i] = lint->hives[i].root;
    const HcRegReadOptions options = {.ansi_codepage = lint->ansi_codepage,
                                      .allow = lint->allow,
                                      .variables = lint->variables,
                                      .roots = roots,
                                      .n_roots = lint->n_hives,
                                      .diagnostics = found,
                                      .said = &said,
                                      .watch = watch,
                                      .unset_is_empty = TRUE,
                                      .tells_decimal = !lint->is_off[HC_LINT_DWORD_DECIMAL]};
    g_autoptr(HcDelta) delta = hc_delta_new();
    *repeats = FALSE;
    GError *failure = NULL;
    if ((watch == NULL ? hc_reg_script_read : hc_reg_read)(delta, found->file, content, &options,
                                                           NULL, &failure)) {
        *repeats = needs_history(delta, &said);
        return TRUE;
    }
    if (found->n[HC_SEVERITY_ERROR] > 0) {
        g_error_free(failure);
        return TRUE;
    }
    return hc_fail_with(error, failure);
}

/* The rules alone, over all lines that can be read, with a history. */
static void
walk(HcLint *lint, GBytes *content)
{
    HcRegWalker walker;
    const HcRegReadOptions read = {.ansi_codepage = lint->options->ansi_codepage,
                                   .allow = lint->options->allow};
    if (hc_reg_walker_init(&walker, &read, NULL) && hc_reg_walker_start(&walker, content, NULL)) {
        HcRegLine line;
        lint->history = hc_lint_history_new();
        lint_begin(lint, &walker);
        while (hc_reg_walker_next(&walker, &line))
            lint_line(lint, &line);
        lint_end(lint);
        g_clear_pointer(&lint->history, hc_lint_history_free);
    }
    hc_reg_walker_clear(&walker);
}

gboolean
hc_reg_lint(HcFindings *found, GBytes *content, const HcLintOptions *options, HcLintClass *class,
            GError **error)
{
    g_autoptr(HcFindings) warnings = hc_findings_new(NULL, found->max_listed);
    HcLint lint = {.options = options, .found = warnings};
    const HcRegWatch watch = {lint_begin, lint_line, lint_end, &lint};
    gboolean repeats;
    gsize n_bytes;
    const uint8_t *bytes = g_bytes_get_data(content, &n_bytes);
    /* The rules are about the spelling of .reg files. */
    const gboolean is_script = hc_reg_script_is(bytes, n_bytes);
    if (!read_strictly(found, content, options, is_script ? NULL : &watch, &repeats, error))
        return FALSE;
    if (!is_script && (repeats || found->n[HC_SEVERITY_ERROR] > 0)) {
        /* The reader refuses lines that the rules can speak of. */
        lint = (HcLint){.options = options, .found = found};
        walk(&lint, content);
    } else {
        hc_findings_append(found, warnings, 0);
    }
    if (!is_script)
        hc_findings_sort(found);
    *class = lint.class;
    return TRUE;
}
