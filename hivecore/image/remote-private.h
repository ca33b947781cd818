#pragma once

#include "hivecore/base/output.h"
#include "hivecore/image/image.h"

G_BEGIN_DECLS

/*
 * What is in registries, reached through the program skopeo: its login, mirrors and policy are the
 * user's. Manifests come from `skopeo inspect --raw`, which is what the registry has, byte by byte;
 * blobs one by one from `skopeo experimental-image-proxy`. Source: skopeo(1), its
 * cmd/skopeo/proxy.go; docs/FORMATS-images.md, "Registries".
 */

/** hc_skopeo_check: whether there is a skopeo that can do what is needed; HC_ERROR_IO says what to
 * install. @operand: for whom */
gboolean hc_skopeo_check(const char *operand, GError **error);

/** hc_skopeo_is_loopback: whether the registry of @name is on this machine: there it needs no TLS,
 * as docker has it. */
gboolean hc_skopeo_is_loopback(const char *name);

/** hc_skopeo_raw: the manifest or index that @name ("docker://…") leads to. HC_ERROR_NOT_FOUND when
 * the registry says that there is none; HC_ERROR_IO: all else that skopeo tells. */
GBytes *hc_skopeo_raw(const char *name, GError **error);

/** hc_skopeo_list_tags: Returns: (transfer full) (nullable): what skopeo prints of the tags of
 * @repository ("docker://HOST/NAME") */
GBytes *hc_skopeo_list_tags(const char *repository);

/** hc_skopeo_tags_text: Returns: (transfer full) (nullable): which tags @repository has, for who
 * asked for @tag, which it has not */
char *hc_skopeo_tags_text(const char *repository, const char *tag);

/** hc_skopeo_copy: @is_all: all images of an index */
gboolean hc_skopeo_copy(const char *from, const char *to, gboolean is_all, GError **error);

/** HcSkopeoProxy: a skopeo that hands out the blobs of one repository. */
typedef struct HcSkopeoProxy HcSkopeoProxy;

HcSkopeoProxy *hc_skopeo_proxy_open(const char *name, GError **error);
void hc_skopeo_proxy_free(HcSkopeoProxy *proxy);

/** hc_skopeo_proxy_blob: writes the blob @digest, which has @n_bytes, to @output. Its digest is not
 * looked at here. */
gboolean hc_skopeo_proxy_blob(HcSkopeoProxy *proxy, const char *digest, uint64_t n_bytes,
                              HcOutput *output, GError **error);

/** HcRemote: an image in a registry, and the cache that its blobs come to. */
typedef struct HcRemote HcRemote;

/**
 * hc_remote_open:
 * @operand: "docker://NAME[:TAG|@DIGEST]", or what skopeo can only copy as a whole:
 *   "docker-daemon:…", "containers-storage:…"
 *
 * Asks the registry what the name leads to, unless it is a digest that is in the cache.
 */
HcRemote *hc_remote_open(const char *operand, GError **error);
void hc_remote_free(HcRemote *remote);

/** Returns: (transfer none): the folder of the cache, an OCI layout. */
const char *hc_remote_cache(const HcRemote *remote);

/** Returns: (transfer none): what stands in the place of an index.json: one entry, for the name. */
GBytes *hc_remote_index(const HcRemote *remote);

/**
 * hc_remote_need:
 * Sees to it that a blob is in the cache. It is fetched when it is not: as a whole, and of the
 * right digest, or not at all.
 *
 * @media_type: (nullable): of its descriptor: manifests are fetched otherwise than blobs
 *
 * HC_ERROR_MALFORMED: the registry gives something else for this digest.
 */
gboolean hc_remote_need(HcRemote *remote, const char *media_type, const char *digest,
                        uint64_t n_bytes, GError **error);

/** HcPush: an image on its way to a registry, or to a folder of dir:. */
typedef struct HcPush HcPush;

/**
 * hc_push_open:
 * Makes a layout to write the image to, with what the name leads to now, as far as documents go.
 *
 * @ref: HC_IMAGE_REMOTE or HC_IMAGE_DIR
 */
HcPush *hc_push_open(const HcImageRef *ref, const char *operand, GError **error);

/** hc_push_free: with the layout. */
void hc_push_free(HcPush *push);

/** Returns: (transfer none): the folder of the layout; the tag of the image in it. */
const char *hc_push_layout(const HcPush *push);
const char *hc_push_tag(const HcPush *push);

/** hc_push_defers: whether layers of an image in a registry need not be in the layout: they are
 * fetched when the target has not got them. Then hc_push_defer() for each. @base must live until
 * hc_push_finish(). */
gboolean hc_push_defers(const HcPush *push);
void hc_push_defer(HcPush *push, HcImage *base, guint index);

/** hc_push_renew: before what goes to a registry is made: from here to hc_push_free() no other
 * program of this cache writes the name, and the layout has what the name leads to now. @is_other:
 * (out): it is not what it was in hc_push_open(). @timeout_seconds: how long to wait for another */
gboolean hc_push_renew(HcPush *push, guint timeout_seconds, gboolean *is_other, GError **error);

/** hc_push_finish: HC_ERROR_CONFLICT when the name leads to something else afterwards. @root:
 * digest of the manifest or index that the name is to lead to */
gboolean hc_push_finish(HcPush *push, const char *root, gboolean is_index, GError **error);

/** Returns: (transfer full): the media type of a manifest or index, as it says or as it looks like;
 * NULL with HC_ERROR_MALFORMED. */
char *hc_document_type(const char *where, GBytes *text, GError **error);

/** Returns: (transfer full): the text of an index.json with one entry. */
GBytes *hc_index_of_one(const char *media_type, const char *hex, gsize n_bytes, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcSkopeoProxy, hc_skopeo_proxy_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcRemote, hc_remote_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HcPush, hc_push_free)

G_END_DECLS
