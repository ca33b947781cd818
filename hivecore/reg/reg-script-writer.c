#include "config.h"

#include "hivecore/reg/reg-script.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/base/limits.h"
#include "hivecore/reg/script-private.h"
#include "hivecore/reg/writer-private.h"

typedef struct {
    HcStream *out;
    HcName root;
    GArray *path;          /* of HcName, below the root */
    gboolean has_codepage; /* "chcp 65001" is written */
    uint64_t n_inexpressible;
} Writer;

/* --- lines --- */

static void
put_line(Writer *writer, const char *line)
{
    GString *text = hc_stream_text(writer->out);
    for (const char *byte = line; *byte != '\0' && !writer->has_codepage; byte++) {
        if ((guchar) *byte < 0x80)
            continue;
        g_string_append(text, "chcp 65001 >nul\r\n");
        writer->has_codepage = TRUE;
    }
    g_string_append(text, line);
    g_string_append(text, "\r\n");
    (void) hc_stream_flow(writer->out); /* hc_stream_end() tells what failed */
}

/* The path of the open key; @append: how a name is put. */
static void
append_path(const Writer *writer, GString *out, void (*append)(GString *, HcName))
{
    const gsize start = out->len;
    append(out, writer->root);
    for (guint i = 0; i < writer->path->len; i++) {
        if (out->len > start)
            g_string_append_c(out, '\\');
        append(out, g_array_index(writer->path, HcName, i));
    }
}

/* A remark; cmd looks for variables in it, too. */
static void
put_left_out(Writer *writer, const char *what, const HcName *value, const char *trouble)
{
    g_autoptr(GString) text = g_string_new("rem not in this file: ");
    g_autoptr(GString) line = g_string_new(NULL);
    writer->n_inexpressible++;
    if (value != NULL) {
        g_string_append_c(text, '"');
        hc_name_append_display(text, *value);
        g_string_append(text, "\" of ");
    }
    g_string_append_printf(text, "%s[", what);
    append_path(writer, text, hc_name_append_display);
    g_string_append_printf(text, "]%s%s", trouble != NULL ? ", it has " : "",
                           trouble != NULL ? trouble : "");
    for (gsize i = 0; i < text->len; i++) {
        if (text->str[i] == '%')
            g_string_append_c(line, '%');
        g_string_append_c(line, text->str[i]);
    }
    /* Nobody reads on for so long; cmd would not take it. */
    if (line->len > HC_MAX_CMD_LINE_UNITS)
        g_string_assign(line, "rem not in this file: a change whose name is too long for a line");
    put_line(writer, line->str);
}

/* "reg VERB KEY WORDS /f". Returns: whether cmd takes so long a line */
static gboolean
put_command(Writer *writer, const char *verb, const GPtrArray *words)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_autoptr(GString) key = g_string_new(NULL);
    gboolean is_quoted = FALSE;
    g_string_append_printf(line, "reg %s ", verb);
    append_path(writer, key, hc_name_append_utf8);
    hc_cmd_append_word(line, key->str, &is_quoted);
    for (guint i = 0; words != NULL && i < words->len; i++) {
        g_string_append_c(line, ' ');
        hc_cmd_append_word(line, (const char *) words->pdata[i], &is_quoted);
    }
    g_string_append(line, " /f");
    if (g_utf8_strlen(line->str, -1) > HC_MAX_CMD_LINE_UNITS)
        return FALSE;
    put_line(writer, line->str);
    return TRUE;
}

/* --- statements --- */

/* Returns: whether a line says it. */
static gboolean
put_value(Writer *writer, HcName name, const HcDatum *datum)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    const char *trouble = hc_reg_command_append_value(words, name, datum);
    if (trouble == NULL && !put_command(writer, datum != NULL ? "add" : "delete", words))
        trouble = HC_REG_COMMAND_TOO_LONG;
    if (trouble != NULL)
        put_left_out(writer, "", &name, trouble);
    return trouble == NULL;
}

static void
put_key_delete(Writer *writer)
{
    if (!put_command(writer, "delete", NULL))
        put_left_out(writer, "the deletion of ", NULL, HC_REG_COMMAND_TOO_LONG);
}

/* "reg add KEY" sets the default value, too. */
static void
put_empty_key(Writer *writer)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    (void) hc_reg_command_append_value(words, HC_NAME_EMPTY, NULL);
    if (!put_command(writer, "add", NULL) || !put_command(writer, "delete", words))
        put_left_out(writer, "", NULL, HC_REG_COMMAND_TOO_LONG);
}

static const char *
key_trouble(HcName name)
{
    if (name.n_units == 0)
        return "a name without a character";
    return hc_name_has_unit(name, '\\') ? "a backslash" : hc_reg_command_trouble(name);
}

static void
put_beyond(Writer *writer, const HcDeltaKey *key)
{
    const guint beyond = hc_reg_beyond(key);
    for (guint change = HC_CHANGED_CLASS; change <= HC_CHANGED_ORDER; change <<= 1) {
        g_autofree char *what =
            g_strdup_printf("the %s of ", hc_reg_beyond_name((HcKeyChange) change));
        if ((beyond & change) != 0)
            put_left_out(writer, what, NULL, NULL);
    }
}

static void
put_statements(Writer *writer, const HcDeltaKey *key)
{
    gboolean is_named = hc_delta_makes_child(key); /* something makes it */
    if (hc_delta_is_gone(key))
        put_key_delete(writer);
    put_beyond(writer, key);
    if (key->patch->values_are_all) {
        GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(words, g_strdup("/va"));
        (void) put_command(writer, "delete", words);
        g_ptr_array_unref(words);
    }
    for (guint i = 0; i < hc_delta_n_values(key); i++) {
        const HcDeltaValue *value = hc_delta_value(key, i);
        const gboolean is_set = value->op == HC_VALUE_SET;
        is_named |= put_value(writer, value->name, is_set ? &value->after : NULL) && is_set;
    }
    if (hc_delta_is_made(key) && !is_named)
        put_empty_key(writer);
}

/* Recursion is as deep as the tree, which statements cap at HC_MAX_KEY_DEPTH. */
static void
put_tree(Writer *writer, const HcDeltaKey *key)
{
    put_statements(writer, key);
    for (guint i = 0; i < hc_delta_n_children(key); i++) {
        const HcDeltaKey *child = hc_delta_child(key, i);
        const char *trouble = key_trouble(child->name);
        g_array_append_val(writer->path, child->name);
        if (trouble != NULL)
            put_left_out(writer, "what is at and below ", NULL, trouble);
        else
            put_tree(writer, child);
        g_array_set_size(writer->path, writer->path->len - 1);
    }
}

gboolean
hc_reg_script_write(HcStream *out, const HcDelta *delta, HcName root, uint64_t *n_inexpressible,
                    GError **error)
{
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(HcName));
    Writer writer = {.out = out, .root = root, .path = path};
    put_line(&writer, "@echo off");
    put_tree(&writer, hc_delta_root(delta));
    if (n_inexpressible != NULL)
        *n_inexpressible = writer.n_inexpressible;
    return hc_stream_flow(out) || hc_stream_end(out, error);
}
