#include "config.h"

#include "hivecore/delta/diff.h"

#include "hivecore/base/belt.h"
#include "hivecore/base/bytes.h"
#include "hivecore/base/error.h"
#include "hivecore/base/sha256.h"
#include "hivecore/delta/pair-walk.h"
#include "hivecore/regf/types.h"

enum {
    NAME_UNITS = 512, /* at once */
    MAX_THREADS = 3,  /* to walk, to check, to hash */
};

typedef struct {
    const HcHive *hive;
    guint ignore;
    HcSha256 *checksum;
    HcPairWalk walk; /* of one hive */
    GArray *values;  /* of HcValue, of one key */
    HcBelt *belt;
    uint8_t *block;
    guint n_bytes; /* in it */
} Digest;

static void
give_block(Digest *digest)
{
    hc_belt_give(digest->belt, digest->checksum, digest->n_bytes);
    digest->block = hc_belt_block(digest->belt);
    digest->n_bytes = 0;
}

/* Where to put the next @n_bytes, far less than a block holds. */
static uint8_t *
reserve(Digest *digest, guint n_bytes)
{
    if (digest->n_bytes + n_bytes > HC_BELT_BLOCK_BYTES)
        give_block(digest);
    uint8_t *at = digest->block + digest->n_bytes;
    digest->n_bytes += n_bytes;
    return at;
}

static void
put_bytes(Digest *digest, const uint8_t *bytes, uint32_t n_bytes)
{
    while (n_bytes > 0) {
        const uint32_t n = MIN(n_bytes, HC_BELT_BLOCK_BYTES / 4);
        memcpy(reserve(digest, n), bytes, n);
        bytes += n;
        n_bytes -= n;
    }
}

static void
put_u32(Digest *digest, uint32_t number)
{
    hc_put32(reserve(digest, 4), number);
}

static void
put_text(Digest *digest, const char *text)
{
    put_bytes(digest, (const uint8_t *) text, (uint32_t) strlen(text));
}

/* What may be absent: its length is then 0xffffffff. */
static void
put_blob(Digest *digest, HcBlob blob)
{
    put_u32(digest, blob.bytes != NULL ? blob.n_bytes : UINT32_MAX);
    if (blob.bytes != NULL)
        put_bytes(digest, blob.bytes, blob.n_bytes);
}

/* A name of any length, behind @tag. */
static void
put_long_name(Digest *digest, uint8_t tag, HcName name)
{
    *reserve(digest, 1) = tag;
    put_u32(digest, 2 * name.n_units);
    for (uint32_t start = 0; start < name.n_units; start += NAME_UNITS) {
        const HcName part = hc_name_part(name, start, MIN(name.n_units, start + NAME_UNITS));
        hc_name_put_folded(reserve(digest, 2 * part.n_units), part);
    }
}

/* Returns: where @n_more bytes are to be put behind it, which are few. */
static uint8_t *
put_name(Digest *digest, uint8_t tag, HcName name, guint n_more)
{
    if (name.n_units > NAME_UNITS) {
        put_long_name(digest, tag, name);
        return reserve(digest, n_more);
    }
    uint8_t *at = reserve(digest, 1 + 4 + 2 * name.n_units + n_more);
    at[0] = tag;
    hc_put32(at + 1, 2 * name.n_units);
    hc_name_put_folded(at + 5, name);
    return at + 5 + 2 * (gsize) name.n_units;
}

static void
put_preamble(Digest *digest)
{
    static const struct {
        guint bit;
        const char *name;
    } aspects[] = {
        {HC_IGNORE_TIMESTAMPS, " timestamps"}, {HC_IGNORE_SECURITY, " security"},
        {HC_IGNORE_CLASS, " class"},           {HC_IGNORE_FLAGS, " flags"},
        {HC_IGNORE_ORDER, " order"},
    };
    put_text(digest, "registry hive digest 1\nignored:");
    for (gsize i = 0; i < G_N_ELEMENTS(aspects); i++) {
        if ((digest->ignore & aspects[i].bit) != 0)
            put_text(digest, aspects[i].name);
    }
    put_text(digest, hc_hive_info(digest->hive)->is_differencing ? "\nkind: differencing\n"
                                                                 : "\nkind: ordinary\n");
}

static gint
compare_values(gconstpointer a, gconstpointer b)
{
    return hc_name_compare(((const HcValue *) a)->name, ((const HcValue *) b)->name);
}

/* The values of @key, by name unless their order counts. */
static gboolean
list_values(Digest *digest, const HcKey *key, GError **error)
{
    gboolean is_sorted = TRUE;
    HcValueIter iter;
    if (!hc_value_iter_init(&iter, digest->hive, key, error))
        return FALSE;
    g_array_set_size(digest->values, key->n_values);
    const gboolean is_any_order = (digest->ignore & HC_IGNORE_ORDER) != 0;
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue *value = &g_array_index(digest->values, HcValue, i);
        if (!hc_value_iter_next(&iter, value, error))
            return FALSE;
        if (is_any_order && i > 0 && compare_values(value - 1, value) >= 0)
            is_sorted = FALSE;
    }
    if (is_sorted)
        return TRUE;
    g_array_sort(digest->values, compare_values);
    for (guint i = 1; i < digest->values->len; i++) {
        const HcValue *value = &g_array_index(digest->values, HcValue, i);
        if (compare_values(value - 1, value) != 0)
            continue;
        return hc_fail(error, HC_ERROR_MALFORMED,
                       "%s: value at 0x%x: another value of the key has the same name",
                       hc_hive_file(digest->hive), value->offset + HC_BASE_BLOCK_BYTES);
    }
    return TRUE;
}

static gboolean
put_value(Digest *digest, const HcValue *value, GError **error)
{
    GError *failure = NULL;
    HcDataIter iter;
    HcBlob piece;
    if (!hc_walk_data(&digest->walk.budget[0], value, error) ||
        !hc_data_iter_init(&iter, digest->hive, value, error))
        return FALSE;
    uint8_t *at = put_name(digest, value->is_tombstone ? 'T' : 'V', value->name, 8);
    hc_put32(at, value->is_tombstone ? 0 : value->type);
    hc_put32(at + 4, value->is_tombstone ? 0 : value->n_bytes);
    if (value->is_tombstone)
        return TRUE;
    while (iter.n_left > 0 && hc_data_iter_next(&iter, &piece, &failure))
        put_bytes(digest, piece.bytes, piece.n_bytes);
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return TRUE;
}

/* A key, with what it carries besides values and subkeys. */
static gboolean
put_meta(Digest *digest, const HcKey *key, HcName name, GError **error)
{
    HcBlob class_name;
    HcBlob security;
    if (!hc_hive_class(digest->hive, key, &class_name, error) ||
        !hc_hive_security(digest->hive, key, &security, error))
        return FALSE;
    *put_name(digest, 'K', name, 1) = key->layer_bits;
    if ((digest->ignore & HC_IGNORE_FLAGS) == 0)
        hc_put16(reserve(digest, 2), key->flags & HC_KEY_FLAGS_COMPARED);
    if ((digest->ignore & HC_IGNORE_TIMESTAMPS) == 0)
        hc_put64(reserve(digest, 8), key->mtime_filetime);
    if ((digest->ignore & HC_IGNORE_CLASS) == 0)
        put_blob(digest, class_name);
    if ((digest->ignore & HC_IGNORE_SECURITY) == 0)
        put_blob(digest, security);
    return TRUE;
}

/* Recursion is as deep as the tree, which hc_walk_enter() caps. */
static gboolean
put_key(Digest *digest, const HcPair *pair, uint32_t depth, GError **error)
{
    const HcKey *key = pair->left.key;
    GError *failure = NULL;
    HcPairIter iter;
    HcPair below;
    if (!hc_pair_walk_enter(&digest->walk, pair, depth, error))
        return FALSE;
    if (!put_meta(digest, key, depth > 0 ? key->name : HC_NAME_EMPTY, error) ||
        !list_values(digest, key, error))
        return FALSE;
    put_u32(digest, digest->values->len);
    for (guint i = 0; i < digest->values->len; i++) {
        if (!put_value(digest, &g_array_index(digest->values, HcValue, i), error))
            return FALSE;
    }
    if (!hc_pair_walk_list(&digest->walk, pair, depth, &iter, error))
        return FALSE;
    put_u32(digest, hc_pair_iter_n_left(&iter));
    while (hc_pair_iter_next(&iter, &below, &failure)) {
        if (!put_key(digest, &below, depth + 1, error))
            return FALSE;
    }
    return failure == NULL || hc_fail_with(error, failure);
}

static char *
digest_hive(const HcHive *hive, guint ignore, HcBelt *belt, GError **error)
{
    g_autoptr(HcSha256) checksum = hc_sha256_new();
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(HcValue));
    Digest digest = {.hive = hive,
                     .ignore = ignore,
                     .checksum = checksum,
                     .values = values,
                     .belt = belt,
                     .block = hc_belt_block(belt)};
    HcKey root;
    put_preamble(&digest);
    if (!hc_hive_root(hive, &root, error))
        return NULL;
    hc_pair_walk_init(&digest.walk, hive, NULL);
    const gboolean is_done = put_key(&digest, &(const HcPair){.left = {&root, NULL}}, 0, error);
    hc_pair_walk_clear(&digest.walk);
    give_block(&digest);
    hc_belt_finish(belt);
    return is_done ? g_strdup(hc_sha256_hex(checksum)) : NULL;
}

/* What is done beside the walk, which needs nothing from it: the check of the hive. */
typedef struct {
    const HcHive *hive;
    GError *defect;
} Check;

static void
hash(gpointer to, const uint8_t *bytes, gsize n_bytes)
{
    hc_sha256_update(to, bytes, n_bytes);
}

/* @piece: (nullable): a belt; NULL: the check */
static void
do_piece(gpointer piece, G_GNUC_UNUSED guint thread, gpointer data)
{
    Check *check = data;
    if (piece != NULL)
        hc_belt_take(piece);
    else
        (void) hc_hive_check(check->hive, NULL, &check->defect); /* which is the answer */
}

char *
hc_digest_sound(const HcHive *hive, guint ignore, GError **error)
{
    Check check = {.hive = hive};
    GError *failure = NULL;
    char *text = NULL;
    HcParallel *parallel =
        hc_parallel_new(hc_hive_gains_by_threads(hive) ? MAX_THREADS : 1, do_piece, &check);
    HcBelt *belt = hc_belt_new(parallel, hash);
    const gboolean is_beside = hc_parallel_size(parallel) > 1;
    if (is_beside)
        hc_parallel_push(parallel, NULL);
    if (is_beside || hc_hive_check(hive, NULL, &check.defect))
        text = digest_hive(hive, ignore, belt, &failure);
    hc_parallel_finish(parallel);
    hc_belt_free(belt);
    if (check.defect == NULL && failure == NULL)
        return text;
    g_free(text);
    if (check.defect != NULL)
        g_clear_error(&failure);
    (void) hc_fail_with(error, check.defect != NULL ? check.defect : failure);
    return NULL;
}
