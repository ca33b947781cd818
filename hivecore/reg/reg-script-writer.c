#include "config.h"

#include "hivecore/reg/reg-script.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/reg/patch-text-private.h"
#include "hivecore/reg/script-private.h"

typedef struct {
    HcPatchText text;
    HcName root;
    gboolean has_codepage; /* "chcp 65001" is written */
    GString *line;
    GString *key; /* the word for the key of .n_moves */
    gboolean key_ends_quoted;
    uint64_t n_moves;
} Writer;

/* --- lines --- */

static gboolean
is_ascii(const GString *line)
{
    guchar bits = 0;
    for (gsize i = 0; i < line->len; i++)
        bits |= (guchar) line->str[i];
    return bits < 0x80;
}

static void
put_line(Writer *writer, const GString *line)
{
    HcStream *out = writer->text.out;
    GString *text = hc_stream_text(out);
    if (!writer->has_codepage && !is_ascii(line)) {
        g_string_append(text, "chcp 65001 >nul\r\n");
        writer->has_codepage = TRUE;
    }
    g_string_append_len(text, line->str, (gssize) line->len);
    g_string_append(text, "\r\n");
    (void) hc_stream_flow(out); /* hc_stream_end() tells what failed */
}

/* The path of the open key; @append: how a name is put. */
static void
append_path(const Writer *writer, GString *out, void (*append)(GString *, HcName))
{
    const gsize start = out->len;
    const HcPath path = writer->text.trail.path;
    append(out, writer->root);
    for (gsize i = 0; i < path.n; i++) {
        if (out->len > start)
            g_string_append_c(out, '\\');
        append(out, path.names[i]);
    }
}

/* A remark; cmd looks for variables in it, too. */
static void
put_left_out(Writer *writer, const char *what, const HcName *value, const char *trouble)
{
    g_autoptr(GString) text = g_string_new("rem not in this file: ");
    writer->text.n_left_out++;
    if (value != NULL) {
        g_string_append_c(text, '"');
        hc_name_append_display(text, *value);
        g_string_append(text, "\" of ");
    }
    g_string_append_printf(text, "%s[", what);
    append_path(writer, text, hc_name_append_display);
    g_string_append_printf(text, "]%s%s", trouble != NULL ? ", it has " : "",
                           trouble != NULL ? trouble : "");
    g_string_replace(text, "%", "%%", 0);
    /* Nobody reads on for so long; cmd would not take it. */
    if (text->len > HC_MAX_CMD_LINE_UNITS)
        g_string_assign(text, "rem not in this file: a change whose name is too long for a line");
    put_line(writer, text);
}

/* The word of the open key, behind which cmd is between two quotes or not. */
static void
append_key(Writer *writer, GString *line, gboolean *is_quoted)
{
    if (writer->n_moves != writer->text.n_moves) {
        g_autoptr(GString) path = g_string_new(NULL);
        append_path(writer, path, hc_name_append_utf8);
        g_string_truncate(writer->key, 0);
        writer->key_ends_quoted = FALSE;
        hc_cmd_append_word(writer->key, path->str, &writer->key_ends_quoted);
        writer->n_moves = writer->text.n_moves;
    }
    g_string_append_len(line, writer->key->str, (gssize) writer->key->len);
    *is_quoted = writer->key_ends_quoted;
}

/* No text has more bytes in UTF-8 than units; only characters of four bytes are two. */
static gboolean
is_too_long(const GString *line)
{
    gsize n_units = 0;
    if (line->len <= HC_MAX_CMD_LINE_UNITS)
        return FALSE;
    for (gsize i = 0; i < line->len; i++) {
        const guchar byte = (guchar) line->str[i];
        n_units += ((byte & 0xc0) != 0x80) + (byte >= 0xf0);
    }
    return n_units > HC_MAX_CMD_LINE_UNITS;
}

/* "reg VERB KEY WORDS /f". Returns: whether cmd takes so long a line */
static gboolean
put_command(Writer *writer, const char *verb, const GPtrArray *words)
{
    GString *line = writer->line;
    gboolean is_quoted;
    g_string_assign(line, "reg ");
    g_string_append(line, verb);
    g_string_append_c(line, ' ');
    append_key(writer, line, &is_quoted);
    for (guint i = 0; words != NULL && i < words->len; i++) {
        g_string_append_c(line, ' ');
        hc_cmd_append_word(line, (const char *) words->pdata[i], &is_quoted);
    }
    g_string_append(line, " /f");
    if (is_too_long(line))
        return FALSE;
    put_line(writer, line);
    return TRUE;
}

/* --- statements --- */

/* A key that is made: "reg add KEY" sets the default value, too. */
static void
make_key(HcPatchText *text)
{
    Writer *writer = (Writer *) text;
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    (void) hc_reg_command_append_value(words, HC_NAME_EMPTY, NULL);
    if (!put_command(writer, "add", NULL) || !put_command(writer, "delete", words))
        put_left_out(writer, "", NULL, HC_REG_COMMAND_TOO_LONG);
}

static gboolean
put_value(HcPatchText *text, HcName name, const HcDatum *datum)
{
    Writer *writer = (Writer *) text;
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    const char *trouble = hc_reg_command_append_value(words, name, datum);
    if (trouble == NULL && !put_command(writer, datum != NULL ? "add" : "delete", words))
        trouble = HC_REG_COMMAND_TOO_LONG;
    if (trouble != NULL)
        put_left_out(writer, "", &name, trouble);
    return trouble == NULL && datum != NULL;
}

static void
delete_key(HcPatchText *text)
{
    Writer *writer = (Writer *) text;
    if (!put_command(writer, "delete", NULL))
        put_left_out(writer, "the deletion of ", NULL, HC_REG_COMMAND_TOO_LONG);
}

static void
delete_values(HcPatchText *text)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(words, g_strdup("/va"));
    (void) put_command((Writer *) text, "delete", words);
}

static const char *
key_trouble(HcName name)
{
    if (name.n_units == 0)
        return "a name without a character";
    return hc_name_has_unit(name, '\\') ? "a backslash" : hc_reg_command_trouble(name);
}

static void
leave_out_key(HcPatchText *text, const char *trouble)
{
    put_left_out((Writer *) text, "what is at and below ", NULL, trouble);
}

static void
leave_out(HcPatchText *text, const char *what)
{
    put_left_out((Writer *) text, what, NULL, NULL);
}

/* --- a file --- */

static gboolean
begin(G_GNUC_UNUSED HcPatchText *text, G_GNUC_UNUSED const HcDelta *delta,
      G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static gboolean
says_key(G_GNUC_UNUSED const HcPatchText *text)
{
    return TRUE;
}

static void
clear(HcPatchText *text)
{
    Writer *writer = (Writer *) text;
    g_string_free(writer->line, TRUE);
    g_string_free(writer->key, TRUE);
}

static const HcPatchForm script_form = {
    .begin = begin,
    .says_key = says_key,
    .key_trouble = key_trouble,
    .leave_out_key = leave_out_key,
    .delete_key = delete_key,
    .leave_out = leave_out,
    .delete_values = delete_values,
    .value = put_value,
    .make_key = make_key,
    .clear = clear,
};

HcPatchText *
hc_reg_script_text(HcStream *out, HcName root)
{
    Writer *writer = g_new0(Writer, 1);
    hc_patch_text_init(&writer->text, &script_form, out);
    writer->root = root;
    writer->key = g_string_new(NULL);
    writer->line = g_string_new("@echo off");
    writer->n_moves = UINT64_MAX;
    put_line(writer, writer->line);
    return &writer->text;
}
