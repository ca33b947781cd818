#include "config.h"

#include "hivecore/reg/lint-private.h"

#include <string.h>

#include "hivecore/base/root.h"

/* A section with the comments above it. Items from first to key are comments, key is the key line,
 * then values and their comments up to end. */
typedef struct {
    guint first;
    guint key;
    guint end;
    const HcFormatItem *line; /* the item key */
} Block;

/* A value with the comments above it, or the comments after the last value. */
typedef struct {
    guint first;
    guint end;
    const HcFormatItem *value; /* NULL: comments only */
} Group;

static const HcFormatItem *
item_at(const GArray *items, guint i)
{
    return &g_array_index(items, HcFormatItem, i);
}

/* Before the first section: where what belongs to it starts. What an empty line parts from it
 * belongs to the file, and directives up here are about the file, too. */
static guint
find_first_lead(const GArray *items, guint key)
{
    guint first = key;
    while (first > 0 && !item_at(items, first)->has_blank &&
           !item_at(items, first - 1)->is_directive)
        first--;
    return first;
}

/* Between the last statement of a section and the @key line of the next: where what belongs to the
 * next one starts. Directives here are about the section before; so are comments right below its
 * last line that an empty line parts from the rest. */
static guint
find_lead(const GArray *items, guint last, guint key)
{
    guint first = last + 1;
    for (guint i = first; i < key; i++) {
        if (item_at(items, i)->is_directive)
            first = i + 1;
    }
    if (first > last + 1 || item_at(items, first)->has_blank)
        return first;
    guint i = first;
    while (i <= key && !item_at(items, i)->has_blank)
        i++;
    return i <= key ? i : first;
}

static GArray *
find_blocks(const GArray *items)
{
    GArray *blocks = g_array_new(FALSE, FALSE, sizeof(Block));
    guint last = 0; /* the last statement */
    for (guint i = 0; i < items->len; i++) {
        const HcFormatItem *item = item_at(items, i);
        if (item->kind == HC_FORMAT_SECTION) {
            guint first = blocks->len > 0 ? find_lead(items, last, i) : find_first_lead(items, i);
            if (blocks->len > 0)
                g_array_index(blocks, Block, blocks->len - 1).end = first;
            const Block block = {first, i, items->len, item};
            g_array_append_val(blocks, block);
        }
        if (item->kind != HC_FORMAT_COMMENT)
            last = i;
    }
    return blocks;
}

/* HKEY_CLASSES_ROOT is part of HKLM\SOFTWARE and CurrentControlSet a link to one of its siblings:
 * sections that may be the same key must stay in their order, so they are sorted as one. Only names
 * that stand for the same one compare equal here. */
static gsize
canonical_part(const HcFormatItem *line, gsize i, HcName *name)
{
    if (!hc_root_part(line->names, i, name))
        return 0;
    static const HcName sets = HC_NAME_ASCII("ControlSet");
    gboolean may_be_set = i == 2 && line->names.n > 2 && name->n_units == sets.n_units + 3 &&
                          hc_name_equal(line->names.names[1], HC_NAME_ASCII("SYSTEM"));
    if (may_be_set && hc_name_equal((HcName){name->chars, sets.n_units, name->is_latin1}, sets))
        *name = HC_NAME_ASCII("CurrentControlSet");
    return 1;
}

static gint
compare_sections(gconstpointer a, gconstpointer b)
{
    const Block *left = a;
    const Block *right = b;
    for (gsize i = 0;; i++) {
        HcName left_name;
        HcName right_name;
        gsize has_left = canonical_part(left->line, i, &left_name);
        gsize has_right = canonical_part(right->line, i, &right_name);
        if (!has_left || !has_right) {
            if (has_left != has_right)
                return has_left ? 1 : -1;
            return left->key < right->key ? -1 : left->key > right->key;
        }
        int order = hc_name_compare(left_name, right_name);
        if (order != 0)
            return order;
    }
}

/* What a deletion does depends on what stands before and after it, so nothing moves across one; in
 * a run of deletions, and of sections between two, the order has no effect. */
static void
sort_blocks(GArray *blocks)
{
    Block *all = (Block *) (void *) blocks->data;
    for (guint from = 0, to; from < blocks->len; from = to) {
        for (to = from + 1; to < blocks->len; to++) {
            if (all[to].line->is_delete != all[from].line->is_delete)
                break;
        }
        qsort(all + from, to - from, sizeof(*all), compare_sections);
    }
}

static gint
compare_groups(gconstpointer a, gconstpointer b)
{
    const Group *left = a;
    const Group *right = b;
    int order = 0;
    if (left->value != NULL && right->value != NULL)
        order = hc_name_compare(left->value->names.names[0], right->value->names.names[0]);
    else if (left->value != NULL || right->value != NULL)
        order = left->value != NULL ? -1 : 1;
    if (order == 0)
        order = left->first < right->first ? -1 : left->first > right->first;
    return order;
}

static void
put_piece(GArray *pieces, guint item, gboolean has_blank)
{
    const HcFormatPiece piece = {item, has_blank};
    g_array_append_val(pieces, piece);
}

/* Values in their new order: empty lines that made groups of them mean nothing any more. */
static void
put_sorted_values(GArray *pieces, const GArray *items, const Block *block)
{
    g_autoptr(GArray) groups = g_array_new(FALSE, FALSE, sizeof(Group));
    guint first = block->key + 1;
    for (guint i = first; i < block->end; i++) {
        const HcFormatItem *item = item_at(items, i);
        if (item->kind != HC_FORMAT_VALUE && i + 1 < block->end)
            continue;
        const Group group = {first, i + 1, item->kind == HC_FORMAT_VALUE ? item : NULL};
        g_array_append_val(groups, group);
        first = i + 1;
    }
    g_array_sort(groups, compare_groups);
    for (guint g = 0; g < groups->len; g++) {
        const Group *group = &g_array_index(groups, Group, g);
        for (guint i = group->first; i < group->end; i++) {
            const HcFormatItem *item = item_at(items, i);
            gboolean is_start = i == group->first;
            gboolean keeps_blank = !is_start || (g > 0 && item->kind == HC_FORMAT_COMMENT);
            put_piece(pieces, i, item->has_blank && keeps_blank);
        }
    }
}

static void
put_block(GArray *pieces, const GArray *items, const Block *block, gboolean sort)
{
    for (guint i = block->first; i <= block->key; i++)
        put_piece(pieces, i, i == block->first || item_at(items, i)->has_blank);
    if (sort) {
        put_sorted_values(pieces, items, block);
        return;
    }
    for (guint i = block->key + 1; i < block->end; i++)
        put_piece(pieces, i, i > block->key + 1 && item_at(items, i)->has_blank);
}

GArray *
hc_format_arrange(const GArray *items, gboolean sort)
{
    g_autoptr(GArray) blocks = find_blocks(items);
    GArray *pieces = g_array_sized_new(FALSE, FALSE, sizeof(HcFormatPiece), items->len);
    guint n_first = blocks->len > 0 ? g_array_index(blocks, Block, 0).first : items->len;
    for (guint i = 0; i < n_first; i++)
        put_piece(pieces, i, i == 0 || item_at(items, i)->has_blank);
    if (sort)
        sort_blocks(blocks);
    for (guint b = 0; b < blocks->len; b++)
        put_block(pieces, items, &g_array_index(blocks, Block, b), sort);
    return pieces;
}
