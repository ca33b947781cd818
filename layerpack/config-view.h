#pragma once

#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/** LpConfigView: what an image's config says beside its layers. Members may be NULL. */
typedef struct {
    char *created;
    char *user;
    char *working_dir;
    char **entrypoint;
    char **cmd;
    char **env;
    char **labels; /* "NAME=VALUE", sorted */
    char **os_features;
    guint n_history;        /* entries of the history */
    guint n_history_layers; /* those that stand for a layer */
} LpConfigView;

/**
 * lp_config_view_read:
 * @config: of an image that is open
 *
 * Source: OCI image-spec 1.1, config.md. HC_ERROR_MALFORMED when a member is of another type.
 *
 * Returns: (transfer full): the view, or NULL
 */
LpConfigView *lp_config_view_read(GBytes *config, GError **error);
void lp_config_view_free(LpConfigView *view);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LpConfigView, lp_config_view_free)

G_END_DECLS
