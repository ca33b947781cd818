#include "config.h"

#include "hivecore/reg/lint.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "hivecore/delta/condition.h"
#include "hivecore/reg/lint-private.h"
#include "hivecore/reg/reg-reader.h"

typedef struct {
    HcRegWalker walker;
    HcFormatText text; /* every piece, in the order of the file */
    GArray *items;     /* of HcFormatItem */
    HcArena *names;
    gboolean sort;
    gboolean ends_blank; /* an empty line ends the file, as regedit writes it */
} Format;

static void
put_line(Format *format, const HcRegLine *line, HcFormatItem *item)
{
    const HcRegLexer *lexer = &format->walker.lexer;
    const GArray *path = format->walker.section.path;
    switch (line->kind) {
    case HC_REG_LINE_BLANK:
    case HC_REG_LINE_OTHER:
        break;
    case HC_REG_LINE_COMMENT:
        item->kind = HC_FORMAT_COMMENT;
        item->is_directive = hc_reg_is_directive(lexer, line->at.pos);
        hc_format_put_comment(&format->text, lexer, line->at.pos, line->end);
        hc_format_end_line(&format->text);
        break;
    case HC_REG_LINE_SECTION:
        item->kind = HC_FORMAT_SECTION;
        item->is_delete = format->walker.section.is_delete;
        hc_format_put_section(&format->text, &format->walker, line);
        if (format->sort)
            item->names = hc_path_dup(format->names, hc_path_of(path));
        break;
    case HC_REG_LINE_VALUE:
        item->kind = HC_FORMAT_VALUE;
        hc_format_put_value(&format->text, &format->walker, line);
        if (format->sort)
            item->names = hc_path_dup(format->names, (HcPath){&line->name, 1});
        break;
    }
}

/* FALSE at a line that has no canonical form, which hc_reg_read() would have refused. */
static gboolean
put_lines(Format *format)
{
    HcRegLine line;
    gboolean has_blank = FALSE;
    guint n_blank = 0;
    while (hc_reg_walker_next(&format->walker, &line)) {
        if (line.is_bad)
            return FALSE;
        n_blank = line.kind == HC_REG_LINE_BLANK ? n_blank + 1 : 0;
        if (n_blank > 0) {
            has_blank = TRUE;
            continue;
        }
        HcFormatItem item = {.has_blank = has_blank, .from = hc_format_text_units(&format->text)};
        put_line(format, &line, &item);
        item.to = hc_format_text_units(&format->text);
        g_array_append_val(format->items, item);
        has_blank = FALSE;
    }
    /* Behind the last line break there is one empty line that nobody sees. */
    format->ends_blank = n_blank > 1;
    return TRUE;
}

static GBytes *
write_pieces(Format *format, const char *file, GError **error)
{
    const HcRegWalker *walker = &format->walker;
    g_auto(HcFormatText) out;
    hc_format_text_init(&out, format->text.encoding, walker->codepage,
                        format->text.line_break[0] == '\r');
    out.is_full = format->text.is_full;
    hc_format_put_ascii(&out, format->text.is_v4 ? HC_REG_HEADER_V4 : HC_REG_HEADER_V5);
    hc_format_end_line(&out);
    g_autoptr(GArray) pieces = hc_format_arrange(format->items, format->sort);
    g_autoptr(GBytes) all = hc_spool_finish(format->text.spool, error);
    if (all == NULL)
        return NULL;
    const uint16_t *units = (const uint16_t *) g_bytes_get_data(all, NULL);
    for (guint i = 0; i < pieces->len; i++) {
        const HcFormatPiece *piece = &g_array_index(pieces, HcFormatPiece, i);
        const HcFormatItem *item = &g_array_index(format->items, HcFormatItem, piece->item);
        if (piece->has_blank)
            hc_format_end_line(&out);
        hc_format_put_units(&out, units + item->from, item->to - item->from);
    }
    if (format->ends_blank)
        hc_format_end_line(&out);
    return hc_format_text_encode(&out, file, error);
}

/* The first line break of the file tells which ones it has; UTF-16 is for Windows. */
static gboolean
has_crlf(const HcRegWalker *walker, HcRegBytes encoding)
{
    gsize eol = hc_reg_eol(&walker->lexer, 0);
    return encoding == HC_REG_BYTES_UTF16 || hc_reg_is(&walker->lexer, eol, '\r');
}

/* Whoever names a code page must name it for the new text too, where version 4 strings need it; a
 * byte order mark keeps that from being read in the code page. */
static HcRegBytes
encoding_for(const HcFormatOptions *options)
{
    if (options->encoding == HC_REG_UTF16)
        return HC_REG_BYTES_UTF16;
    return options->ansi_codepage != 0 ? HC_REG_BYTES_UTF8_BOM : HC_REG_BYTES_UTF8;
}

/* Whether the new text is of version 4. In another encoding strings in its hex data would still be
 * in a code page that nothing in the file tells; version 5 has UTF-16 there. */
static gboolean
stays_v4(const HcRegWalker *walker, const HcFormatOptions *options)
{
    return walker->dialect.is_ansi &&
           !(options->has_encoding &&
             (options->encoding == HC_REG_UTF16 || options->ansi_codepage != 0));
}

static GBytes *
rewrite(const char *file, GBytes *content, const HcFormatOptions *options, GError **error)
{
    Format format = {.sort = options->sort};
    format.items = g_array_new(FALSE, FALSE, sizeof(HcFormatItem));
    format.names = hc_arena_new();
    GBytes *bytes = NULL;
    const HcRegReadOptions read = {.ansi_codepage = options->ansi_codepage,
                                   .allow = HC_REG_ALLOW_ALL};
    gboolean ok = hc_reg_walker_init(&format.walker, &read, NULL) &&
                  hc_reg_walker_start(&format.walker, content, NULL);
    if (ok) {
        HcRegBytes encoding = format.walker.text.encoding;
        if (options->has_encoding)
            encoding = encoding_for(options);
        hc_format_text_init(&format.text, encoding, format.walker.codepage,
                            has_crlf(&format.walker, encoding));
        format.text.is_v4 = stays_v4(&format.walker, options);
        ok = put_lines(&format);
    }
    if (ok)
        bytes = write_pieces(&format, file, error);
    else
        hc_set_error(error, HC_ERROR_INTERNAL, "%s: was read and cannot be formatted", file);
    hc_reg_walker_clear(&format.walker);
    hc_format_text_clear(&format.text);
    g_array_unref(format.items);
    hc_arena_free(format.names);
    return bytes;
}

static gboolean
same_reason(const HcReason *a, const HcReason *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return hc_name_same_spelling(a->text, b->text) && hc_name_same_spelling(a->ticket, b->ticket) &&
           hc_name_same_spelling(a->owner, b->owner);
}

/* What hc_delta_equal() does not look at: reasons, and unless the file was sorted the spelling of
 * names and the order of values. */
static gboolean
same_details(const HcDeltaKey *a, const HcDeltaKey *b, gboolean is_sorted)
{
    if (!same_reason(a->reason, b->reason) ||
        (!is_sorted && !hc_name_same_spelling(a->name, b->name)))
        return FALSE;
    for (guint i = 0; i < hc_delta_n_values(a); i++) {
        const HcDeltaValue *left = hc_delta_value(a, i);
        const HcDeltaValue *right =
            is_sorted ? hc_delta_find_value(b, left->name) : hc_delta_value(b, i);
        if (!same_reason(left->reason, right->reason) ||
            (!is_sorted && !hc_name_same_spelling(left->name, right->name)))
            return FALSE;
    }
    for (guint i = 0; i < hc_delta_n_children(a); i++) {
        if (!same_details(hc_delta_child(a, i), hc_delta_child(b, i), is_sorted))
            return FALSE;
    }
    return TRUE;
}

/* What the condition accepts, in a form to sort by. */
static char *
condition_text(const HcCondition *condition)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%d %d %d %d %" G_GSIZE_FORMAT, (int) condition->kind,
                           condition->is_negated, condition->is_on_value, condition->accepts_any,
                           condition->path.n);
    for (guint i = 0; i < condition->n_accepted; i++) {
        const HcDatum *datum = &condition->accepted[i];
        g_string_append_printf(text, " %d %u:", datum->is_present, datum->type);
        for (gsize k = 0; k < datum->data.n_bytes; k++)
            g_string_append_printf(text, "%02x", datum->data.bytes[k]);
    }
    return g_string_free(text, FALSE);
}

static int
compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
condition_texts(const HcDelta *delta)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < hc_delta_n_conditions(delta); i++)
        g_ptr_array_add(texts, condition_text(hc_delta_condition(delta, i)));
    g_ptr_array_sort(texts, compare_texts);
    return texts;
}

/* hc_delta_equal() does not look at conditions. Sorting brings them into another order. */
static gboolean
same_conditions(const HcDelta *a, const HcDelta *b)
{
    if (hc_delta_n_conditions(a) != hc_delta_n_conditions(b))
        return FALSE;
    g_autoptr(GPtrArray) left = condition_texts(a);
    g_autoptr(GPtrArray) right = condition_texts(b);
    for (guint i = 0; i < left->len; i++) {
        if (!g_str_equal(left->pdata[i], right->pdata[i]))
            return FALSE;
    }
    return TRUE;
}

/* Variables in templates have no values here. */
static gboolean
read_text(HcDelta *delta, const char *file, GBytes *content, guint ansi_codepage,
          const HcFormatOptions *format, GError **error)
{
    const HcRegReadOptions options = {.ansi_codepage = ansi_codepage,
                                      .unset_is_empty = TRUE,
                                      .allow = format->allow,
                                      .roots = &format->root,
                                      .n_roots = 1};
    return hc_reg_read(delta, file, content, &options, NULL, error);
}

/* Whether the new text says what the old one says. */
static gboolean
prove(const char *file, const HcDelta *said, GBytes *bytes, const HcFormatOptions *options,
      GError **error)
{
    g_autoptr(HcDelta) says = hc_delta_new();
    GError *failure = NULL;
    /* In a new encoding nothing may depend on a code page that has to be named. */
    const guint ansi_codepage = options->has_encoding ? 0 : options->ansi_codepage;
    if (read_text(says, file, bytes, ansi_codepage, options, &failure) &&
        hc_delta_equal(said, says) && same_conditions(said, says) &&
        same_details(hc_delta_root(said), hc_delta_root(says), options->sort))
        return TRUE;
    if (options->has_encoding)
        hc_set_error(error, HC_ERROR_UNSUPPORTED, "%s: cannot say the same in that encoding%s",
                     file,
                     options->sort ? " and sorted"
                                   : ", as version 5 would read strings in hex data of directives");
    else if (options->sort)
        hc_set_error(error, HC_ERROR_UNSUPPORTED, "%s: sorting would change what it does", file);
    else
        hc_set_error(error, HC_ERROR_INTERNAL, "%s: its canonical form would not mean the same: %s",
                     file, failure != NULL ? failure->message : "other keys or values");
    g_clear_error(&failure);
    return FALSE;
}

GBytes *
hc_reg_format(const char *file, GBytes *content, const HcFormatOptions *options, GError **error)
{
    g_autoptr(HcDelta) said = hc_delta_new();
    if (!read_text(said, file, content, options->ansi_codepage, options, error))
        return NULL;
    g_autoptr(GBytes) bytes = rewrite(file, content, options, error);
    if (bytes == NULL)
        return NULL;
    /* Most files have their form already; what did not change needs no proof. */
    if (!g_bytes_equal(bytes, content) && !prove(file, said, bytes, options, error))
        return NULL;
    return g_steal_pointer(&bytes);
}
