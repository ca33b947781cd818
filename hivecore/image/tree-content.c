#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/sha256.h"
#include "hivecore/base/spool.h"
#include "hivecore/image/layer-reader.h"
#include "hivecore/image/tree-private.h"

enum {
    PIECE_BYTES = 256 * 1024,
};

/* --- fetching from layers --- */

/* Wanted: a content that lies in a layer. */
typedef struct {
    HcTreePlace *place;
    uint64_t n_bytes;
    uint64_t at;          /* in the spool */
    HcTreeDigest *digest; /* (nullable): it is not spooled, but this is filled in */
} Wanted;

static void
want_place(GArray *wanted, HcTreePlace *place, uint64_t n_bytes)
{
    const Wanted item = {place, n_bytes, 0, NULL};
    if (place->kind == HC_PLACE_LAYER && place->is_wanted)
        g_array_append_val(wanted, item);
}

static GArray *
collect_wanted(const HcTree *tree)
{
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(Wanted));
    for (HcTreeNode *at = tree->root; at != NULL; at = hc_tree_next(tree->root, at)) {
        want_place(wanted, &at->file->place, at->file->n_bytes);
        for (HcTreeStream *stream = at->file->streams; stream != NULL; stream = stream->next)
            want_place(wanted, &stream->place, stream->n_bytes);
    }
    return wanted;
}

/* By layers, and in a layer as they come; the order of origins does not show in what is read. */
static int
compare_wanted(gconstpointer a, gconstpointer b)
{
    const HcTreePlace *left = ((const Wanted *) a)->place;
    const HcTreePlace *right = ((const Wanted *) b)->place;
    if (left->u.origin != right->u.origin)
        return left->u.origin < right->u.origin ? -1 : 1;
    if (left->layer != right->layer)
        return left->layer < right->layer ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

/* Where the contents of a layer go. */
typedef struct {
    HcSpool *spool;   /* (nullable) */
    HcSha256 *digest; /* else */
    uint64_t n_bytes; /* so far */
} Catch;

static gboolean
catch_piece(void *data, const void *bytes, gsize n_bytes, G_GNUC_UNUSED GError **error)
{
    Catch *catch = data;
    if (catch->spool != NULL)
        hc_spool_append(catch->spool, bytes, n_bytes);
    else
        hc_sha256_update(catch->digest, bytes, n_bytes);
    catch->n_bytes += n_bytes;
    return TRUE;
}

/* The current entry, which is that of @wanted and maybe of some after it. */
static gboolean
catch_entry(HcLayerReader *reader, HcSpool *spool, Wanted *wanted, guint n_wanted, GError **error)
{
    g_autoptr(HcSha256) digest = spool == NULL ? hc_sha256_new() : NULL;
    Catch catch = {spool, digest, 0};
    const uint64_t at = spool != NULL ? hc_spool_size(spool) : 0;
    if (!hc_layer_reader_stream(reader, catch_piece, &catch, error))
        return FALSE;
    const guint8 *bytes = digest != NULL ? hc_sha256_digest(digest) : NULL;
    for (guint i = 0; i < n_wanted; i++) {
        wanted[i].at = at;
        if (bytes != NULL)
            memcpy(wanted[i].digest->bytes, bytes, sizeof(wanted[i].digest->bytes));
    }
    return TRUE;
}

static gboolean
fail_changed(const char *name, GError **error)
{
    return hc_fail(error, HC_ERROR_IO, "%s: changed while it was read", name);
}

static HcLayerReader *
open_layer(const HcTreePlace *place, GError **error)
{
    HcImage *image = hc_layer_stack_image(place->u.origin->stack);
    return image != NULL ? hc_image_layer_open(image, place->layer, error)
                         : hc_layer_reader_open(place->u.origin->source, error);
}

static gboolean
finish_layer(HcLayerReader *reader, const HcTreePlace *place, GError **error)
{
    HcLayerSummary summary;
    const HcLayerHives *layer = hc_layer_stack_layer(place->u.origin->stack, place->layer);
    if (!hc_layer_reader_finish(reader, &summary, error))
        return FALSE;
    g_autofree char *digest = g_strconcat("sha256:", summary.digests.digest, NULL);
    return g_strcmp0(digest, layer->digest) == 0 || fail_changed(layer->name, error);
}

/* Reads @n_wanted of one layer, in its order, into @spool; NULL: only their digests. */
static gboolean
read_wanted(Wanted *wanted, guint n_wanted, HcSpool *spool, GError **error)
{
    const HcTreePlace *first = wanted[0].place;
    const char *name = hc_layer_stack_layer(first->u.origin->stack, first->layer)->name;
    g_autoptr(HcLayerReader) reader = open_layer(first, error);
    const HcEntry *entry;
    GError *failure = NULL;
    guint i = 0;
    while (reader != NULL && hc_layer_reader_next(reader, &entry, &failure)) {
        if (i == n_wanted || entry->position != wanted[i].place->at)
            continue;
        guint end = i;
        while (end < n_wanted && wanted[end].place->at == entry->position) {
            if (wanted[end++].n_bytes != entry->n_file_bytes)
                return fail_changed(name, error);
        }
        if (!catch_entry(reader, spool, wanted + i, end - i, error))
            return FALSE;
        i = end;
    }
    if (failure != NULL)
        return hc_fail_with(error, failure);
    return reader != NULL && finish_layer(reader, first, error) &&
           (i == n_wanted || fail_changed(name, error));
}

static gboolean
fetch_layer(Wanted *wanted, guint n_wanted, GError **error)
{
    g_autoptr(HcSpool) spool = hc_spool_new();
    HcTreeOrigin *origin = wanted[0].place->u.origin;
    GBytes *bytes =
        read_wanted(wanted, n_wanted, spool, error) ? hc_spool_finish(spool, error) : NULL;
    if (bytes == NULL)
        return FALSE;
    g_ptr_array_add(origin->held, bytes);
    for (guint i = 0; i < n_wanted; i++) {
        /* A file that has several names is wanted several times. */
        if (wanted[i].place->kind == HC_PLACE_LAYER)
            *wanted[i].place =
                (HcTreePlace){.kind = HC_PLACE_BYTES, .at = wanted[i].at, .u.bytes = bytes};
    }
    return TRUE;
}

static gboolean
digest_layer(Wanted *wanted, guint n_wanted, GError **error)
{
    return read_wanted(wanted, n_wanted, NULL, error);
}

/* Hands what is wanted of each layer to @take. */
static gboolean
each_layer(GArray *wanted, gboolean (*take)(Wanted *, guint, GError **), GError **error)
{
    g_array_sort(wanted, compare_wanted);
    Wanted *items = (Wanted *) (void *) wanted->data;
    for (guint i = 0, end; i < wanted->len; i = end) {
        const HcTreePlace first = *items[i].place;
        for (end = i + 1; end < wanted->len; end++) {
            if (items[end].place->u.origin != first.u.origin ||
                items[end].place->layer != first.layer)
                break;
        }
        if (!take(items + i, end - i, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
hc_tree_fetch(HcTree *tree, GError **error)
{
    g_autoptr(GArray) wanted = collect_wanted(tree);
    return each_layer(wanted, fetch_layer, error);
}

void
hc_tree_want_file(HcTreeFile *file)
{
    file->place.is_wanted = TRUE;
    for (HcTreeStream *stream = file->streams; stream != NULL; stream = stream->next)
        stream->place.is_wanted = TRUE;
}

void
hc_tree_want(G_GNUC_UNUSED HcTree *tree, HcTreeNode *node)
{
    for (HcTreeNode *at = node; at != NULL; at = hc_tree_next(node, at))
        hc_tree_want_file(at->file);
}

/* --- reading --- */

static gboolean
stream_fd(int fd, const char *host, uint64_t n_bytes, HcContentSink sink, void *data,
          GError **error)
{
    g_autofree guint8 *piece = g_malloc(PIECE_BYTES);
    uint64_t n_read = 0;
    for (;;) {
        const ssize_t n = read(fd, piece, PIECE_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hc_fail_io(error, host, "cannot read", errno);
        n_read += (uint64_t) n;
        if (n_read > n_bytes || (n == 0 && n_read < n_bytes))
            return fail_changed(host, error);
        if (n == 0)
            return TRUE;
        if (!sink(data, piece, (gsize) n, error))
            return FALSE;
    }
}

static gboolean
stream_host(const HcTreePlace *place, uint64_t n_bytes, HcContentSink sink, void *data,
            GError **error)
{
    /* Should it have become a FIFO since it was looked at, opening does not wait for a writer. */
    const int fd = open(place->u.host, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
                                           (place->is_strict ? O_NOFOLLOW : 0));
    if (fd < 0)
        return hc_fail_io(error, place->u.host, "cannot open", errno);
    const gboolean is_read = stream_fd(fd, place->u.host, n_bytes, sink, data, error);
    /* Nothing was written through it. */
    (void) close(fd);
    return is_read;
}

static gboolean
stream_bytes(const HcTreePlace *place, uint64_t n_bytes, HcContentSink sink, void *data,
             GError **error)
{
    const guint8 *bytes = g_bytes_get_data(place->u.bytes, NULL);
    for (uint64_t at = 0; at < n_bytes;) {
        const gsize n = (gsize) MIN(n_bytes - at, PIECE_BYTES);
        if (!sink(data, bytes + place->at + at, n, error))
            return FALSE;
        at += n;
    }
    return TRUE;
}

gboolean
hc_tree_stream_place(HcTree *tree, HcTreePlace *place, uint64_t n_bytes, const char *name,
                     HcContentSink sink, void *data, GError **error)
{
    Wanted wanted = {place, n_bytes, 0, NULL};
    if (place->kind == HC_PLACE_LAYER && !fetch_layer(&wanted, 1, error))
        return FALSE;
    switch (place->kind) {
    case HC_PLACE_HOST:
        return stream_host(place, n_bytes, sink, data, error);
    case HC_PLACE_BYTES:
        return stream_bytes(place, n_bytes, sink, data, error);
    case HC_PLACE_LAYER:
    case HC_PLACE_NOWHERE:
        break;
    }
    return hc_fail(error, HC_ERROR_MALFORMED,
                   "%s: %s: is a hard link to what is not there, and so has no content", tree->name,
                   name);
}

gboolean
hc_tree_stream(HcTree *tree, HcTreeNode *node, HcContentSink sink, void *data, GError **error)
{
    g_autofree char *path = hc_tree_node_windows_path(node);
    HcTreeFile *file = node->file;
    if (file->kind != HC_TREE_FILE)
        return hc_fail(error, HC_ERROR_USAGE, "%s: %s: is no file", tree->name, path);
    return hc_tree_stream_place(tree, &file->place, file->n_bytes, path, sink, data, error);
}

/* A content that is collected in memory. */
static gboolean
take_piece(void *data, const void *bytes, gsize n_bytes, G_GNUC_UNUSED GError **error)
{
    g_byte_array_append(data, bytes, (guint) n_bytes);
    return TRUE;
}

GBytes *
hc_tree_read(HcTree *tree, HcTreeNode *node, uint64_t max, GError **error)
{
    if (node->file->n_bytes > MIN(max, G_MAXINT)) {
        g_autofree char *path = hc_tree_node_windows_path(node);
        return hc_fail_null(error, HC_ERROR_LIMIT,
                            "%s: %s: has %" PRIu64 " bytes, over the limit of %" PRIu64, tree->name,
                            path, node->file->n_bytes, max);
    }
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    return hc_tree_stream(tree, node, take_piece, bytes, error)
               ? g_byte_array_free_to_bytes(g_steal_pointer(&bytes))
               : NULL;
}

static gboolean
hash_piece(void *data, const void *bytes, gsize n_bytes, G_GNUC_UNUSED GError **error)
{
    hc_sha256_update(data, bytes, n_bytes);
    return TRUE;
}

gboolean
hc_tree_digest(HcTree *tree, const GPtrArray *nodes, HcTreeDigest *digests, GError **error)
{
    g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(Wanted));
    for (guint i = 0; i < nodes->len; i++) {
        HcTreeNode *node = nodes->pdata[i];
        const Wanted item = {&node->file->place, node->file->n_bytes, 0, &digests[i]};
        g_autoptr(HcSha256) digest = hc_sha256_new();
        if (item.place->kind == HC_PLACE_LAYER) {
            g_array_append_val(wanted, item);
            continue;
        }
        if (!hc_tree_stream(tree, node, hash_piece, digest, error))
            return FALSE;
        memcpy(digests[i].bytes, hc_sha256_digest(digest), sizeof(digests[i].bytes));
    }
    return each_layer(wanted, digest_layer, error);
}
