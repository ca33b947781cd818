#include "config.h"

#include "hivecore/reg/lint-private.h"

/* A key or value that the file names. */
typedef struct Node Node;
struct Node {
    const Node *parent; /* NULL: a root */
    HcName name;
    gboolean is_value;
    uint32_t line;      /* of a value: where it was set or deleted last; 0: nowhere */
    uint32_t deletion;  /* of a key: the line that deletes it, the last one; 0: none */
    gboolean is_delete; /* of a value: as it was set last */
    uint32_t type;
    uint64_t hash; /* of its data */
};

/* A key line that is no deletion. */
typedef struct {
    const Node *key;
    HcRegLexer at;
} Opened;

struct HcLintHistory {
    HcArena *arena;
    GHashTable *nodes; /* set of Node, by parent, kind and name */
    GArray *opened;    /* of Opened */
    Node *key;         /* of the last key line; NULL: it deletes, or there is none */
};

static guint
hash_node(gconstpointer pointer)
{
    const Node *node = pointer;
    return hc_name_hash(node->name) ^ g_direct_hash(node->parent) * 31u ^
           (node->is_value ? 1u : 0u);
}

static gboolean
same_node(gconstpointer a, gconstpointer b)
{
    const Node *left = a;
    const Node *right = b;
    return left->parent == right->parent && left->is_value == right->is_value &&
           hc_name_equal(left->name, right->name);
}

HcLintHistory *
hc_lint_history_new(void)
{
    HcLintHistory *history = g_new0(HcLintHistory, 1);
    history->arena = hc_arena_new();
    history->nodes = g_hash_table_new(hash_node, same_node);
    history->opened = g_array_new(FALSE, FALSE, sizeof(Opened));
    return history;
}

void
hc_lint_history_free(HcLintHistory *history)
{
    g_hash_table_unref(history->nodes);
    g_array_unref(history->opened);
    hc_arena_free(history->arena);
    g_free(history);
}

static Node *
get_node(HcLintHistory *history, const Node *parent, HcName name, gboolean is_value)
{
    const Node wanted = {.parent = parent, .name = name, .is_value = is_value};
    Node *node = g_hash_table_lookup(history->nodes, &wanted);
    if (node != NULL)
        return node;
    node = hc_arena_alloc(history->arena, sizeof(*node));
    *node = wanted;
    node->name = hc_name_dup(history->arena, name);
    g_hash_table_add(history->nodes, node);
    return node;
}

void
hc_lint_history_section(HcLint *lint, const HcRegLine *line)
{
    HcLintHistory *history = lint->history;
    const HcRegSection *section = &lint->walker->section;
    Node *key = NULL;
    HcName name;
    for (gsize i = 0; hc_root_part(hc_path_of(section->path), i, &name); i++)
        key = get_node(history, key, name, FALSE);
    history->key = section->is_delete ? NULL : key;
    if (key == NULL)
        return;
    if (section->is_delete) {
        key->deletion = line->at.line;
    } else {
        const Opened opened = {key, line->at};
        g_array_append_val(history->opened, opened);
    }
}

/* Returns: the last line after @line that deletes @key or a key above it, or 0. */
static uint32_t
deletion_after(const Node *key, uint32_t line)
{
    uint32_t last = 0;
    for (; key != NULL; key = key->parent)
        last = MAX(last, key->deletion);
    return last > line ? last : 0;
}

/* FNV-1a: to tell data that was given twice from data that differs. */
static uint64_t
hash_bytes(const GByteArray *bytes)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (guint i = 0; i < bytes->len; i++)
        hash = (hash ^ bytes->data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void
hc_lint_history_value(HcLint *lint, const HcRegLine *line)
{
    const HcRegData *data = &lint->walker->data;
    if (lint->history->key == NULL)
        return;
    Node *value = get_node(lint->history, lint->history->key, line->name, TRUE);
    Node now = *value;
    now.line = line->at.line;
    now.is_delete = data->is_delete;
    now.type = data->type;
    now.hash = hash_bytes(data->bytes);
    gboolean was_said = value->line > 0 && !deletion_after(lint->history->key, value->line);
    gboolean is_same = value->is_delete == now.is_delete &&
                       (now.is_delete || (value->type == now.type && value->hash == now.hash));
    if (was_said && is_same)
        hc_lint_tell(lint, HC_LINT_DUPLICATE_VALUE, &line->at, line->at.pos, NULL,
                     "says what line %u says already", value->line);
    else if (was_said)
        hc_lint_tell(lint, HC_LINT_VALUE_OVERWRITTEN, &line->at, line->at.pos, NULL,
                     "line %u gives this value other data, which is lost: the last line wins",
                     value->line);
    *value = now;
}

void
hc_lint_history_finish(HcLint *lint)
{
    const GArray *all = lint->history->opened;
    for (guint i = 0; i < all->len; i++) {
        const Opened *opened = &g_array_index(all, Opened, i);
        uint32_t deletion = deletion_after(opened->key, opened->at.line);
        if (deletion != 0)
            hc_lint_tell(lint, HC_LINT_DELETED_LATER, &opened->at, opened->at.pos, NULL,
                         "line %u deletes this key, so nothing of this section stays", deletion);
    }
}
