#include "config.h"

#include <string.h>

#include "hivecore/base/error.h"
#include "layerpack/dockerfile-build.h"

/* What the command line and the top of the Dockerfile give: arguments, contexts, platforms. */

#define DEFAULT_PLATFORM "windows/amd64"
/* What BUILDPLATFORM says: nothing of a stage is executed, and what is built shall not depend on
 * the machine. */
#define BUILD_OS   "linux"
#define BUILD_ARCH "amd64"

/* An image's name in full, by which names are compared: "alpine" is
 * "docker.io/library/alpine:latest". Source: distribution/reference, ParseNormalizedNamed(). */
char *
lp_docker_normal_name(const char *name)
{
    const char *slash = strchr(name, '/');
    g_autofree char *host = slash != NULL ? g_strndup(name, (gsize) (slash - name)) : NULL;
    const gboolean has_host =
        host != NULL && (strpbrk(host, ".:") != NULL || g_str_equal(host, "localhost"));
    const char *last = strrchr(name, '/');
    const gboolean has_tag = strpbrk(last != NULL ? last : name, ":@") != NULL;
    return g_strconcat(has_host ? "" : "docker.io/", has_host || slash != NULL ? "" : "library/",
                       name, has_tag ? "" : ":latest", NULL);
}

static gboolean
read_build_args(LpDockerBuild *build, GError **error)
{
    char **args = build->run->options->build_args;
    build->build_args = hc_docker_env_new(FALSE);
    build->used_args = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (gsize i = 0; args != NULL && args[i] != NULL; i++) {
        if (!g_utf8_validate(args[i], -1, NULL))
            return hc_fail(error, HC_ERROR_USAGE, "--build-arg: the argument is not UTF-8");
        if (strchr(args[i], '=') == NULL || *args[i] == '=')
            return hc_fail(error, HC_ERROR_USAGE,
                           "--build-arg '%s': not of the form NAME=VALUE; the environment is not "
                           "asked",
                           args[i]);
        hc_docker_env_set_pair(build->build_args, args[i]);
    }
    if (build->each_name != NULL)
        hc_docker_env_set(build->build_args, build->each_name, build->each_value);
    return TRUE;
}

/* What --build-context gives; images also as buildx spells them. */
static char *
context_operand(const char *what)
{
    static const char *const spellings[][2] = {{"oci-layout://", "oci:"},
                                               {"docker-image://", "docker://"}};
    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
        if (g_str_has_prefix(what, spellings[i][0]))
            return g_strconcat(spellings[i][1], what + strlen(spellings[i][0]), NULL);
    }
    return g_strdup(what);
}

static gboolean
read_build_contexts(LpDockerBuild *build, GError **error)
{
    char **args = build->run->options->build_contexts;
    build->contexts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (gsize i = 0; args != NULL && args[i] != NULL; i++) {
        const char *equals = strchr(args[i], '=');
        if (equals == NULL || equals == args[i] || equals[1] == '\0')
            return hc_fail(error, HC_ERROR_USAGE,
                           "--build-context '%s': not of the form NAME=DIR or NAME=IMAGE", args[i]);
        g_autofree char *name = g_strndup(args[i], (gsize) (equals - args[i]));
        g_autofree char *lower = g_ascii_strdown(name, -1);
        if (g_str_equal(lower, "scratch") || g_str_equal(lower, "context"))
            return hc_fail(error, HC_ERROR_USAGE, "--build-context '%s': %s cannot be replaced",
                           args[i], lower);
        char *operand = context_operand(equals + 1);
        g_hash_table_insert(build->contexts, lp_docker_normal_name(lower), operand);
        if (!hc_image_is_operand(operand) && !g_file_test(operand, G_FILE_TEST_IS_DIR))
            return hc_fail(error, HC_ERROR_USAGE,
                           "--build-context '%s': %s is neither a folder nor an image like "
                           "oci:DIR:TAG",
                           args[i], operand);
    }
    return TRUE;
}

/* "windows/amd64:10.0.20348.1", or as Docker writes it "windows(10.0.20348.1)/amd64". */
typedef struct {
    char *os;
    char *version; /* "" when there is none */
    char *architecture;
    char *variant;
} Platform;

static void
platform_clear(Platform *platform)
{
    g_free(platform->os);
    g_free(platform->version);
    g_free(platform->architecture);
    g_free(platform->variant);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Platform, platform_clear)

static Platform
split_platform(const char *text)
{
    g_autofree char *rest = g_strdup(text);
    Platform platform = {.version = g_strdup(""), .variant = g_strdup("")};
    char *open = strchr(rest, '(');
    char *close = open != NULL ? strchr(open, ')') : NULL;
    char *colon = strchr(rest, ':');
    if (close != NULL) {
        g_free(platform.version);
        platform.version = g_strndup(open + 1, (gsize) (close - open - 1));
        memmove(open, close + 1, strlen(close));
    } else if (colon != NULL) {
        g_free(platform.version);
        platform.version = g_strdup(colon + 1);
        *colon = '\0';
    }
    g_auto(GStrv) parts = g_strsplit(rest, "/", 3);
    const guint n = g_strv_length(parts);
    platform.os = g_strdup(n > 0 ? parts[0] : "");
    platform.architecture = g_strdup(n > 1 ? parts[1] : BUILD_ARCH);
    if (n > 2) {
        g_free(platform.variant);
        platform.variant = g_strdup(parts[2]);
    }
    return platform;
}

/* As hc_image_open() takes it. */
char *
lp_docker_platform_operand(const char *text)
{
    g_auto(Platform) platform = split_platform(text);
    return g_strconcat(platform.os, "/", platform.architecture,
                       *platform.version != '\0' ? ":" : "", platform.version, NULL);
}

/* The arguments that are there without being told. Source: docs of Docker, "Automatic platform
 * ARGs in the global scope"; frontend/dockerfile/dockerfile2llb/platform.go. */
static void
set_platforms(LpDockerBuild *build, const char *target_name)
{
    g_auto(Platform) target =
        split_platform(build->run->platform != NULL ? build->run->platform : DEFAULT_PLATFORM);
    const gboolean has_version = *target.version != '\0';
    g_autofree char *whole =
        g_strconcat(target.os, has_version ? "(" : "", target.version, has_version ? ")" : "", "/",
                    target.architecture, *target.variant != '\0' ? "/" : "", target.variant, NULL);
    const char *const pairs[][2] = {
        {"BUILDPLATFORM", BUILD_OS "/" BUILD_ARCH},
        {"BUILDOS", BUILD_OS},
        {"BUILDOSVERSION", ""},
        {"BUILDARCH", BUILD_ARCH},
        {"BUILDVARIANT", ""},
        {"TARGETPLATFORM", whole},
        {"TARGETOS", target.os},
        {"TARGETOSVERSION", target.version},
        {"TARGETARCH", target.architecture},
        {"TARGETVARIANT", target.variant},
        {"TARGETSTAGE", target_name},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        const char *given = hc_docker_env_get(build->build_args, pairs[i][0]);
        if (given != NULL)
            g_hash_table_add(build->used_args, g_strdup(pairs[i][0]));
        hc_docker_env_set(build->globals, pairs[i][0], given != NULL ? given : pairs[i][1]);
    }
}

/* ARG before the first FROM. */
static gboolean
set_global(LpDockerBuild *build, const HcDockerPair *pair, GError **error)
{
    const HcExpander expander = {
        .escape = build->file->escape, .env = build->globals, .n_bytes = &build->n_expanded};
    const char *given = hc_docker_env_get(build->build_args, pair->name);
    if (given != NULL) {
        g_hash_table_add(build->used_args, g_strdup(pair->name));
        hc_docker_env_set(build->globals, pair->name, given);
        return TRUE;
    }
    if (pair->value == NULL)
        return TRUE;
    g_autofree char *value = hc_docker_expand(&expander, pair->value, error);
    if (value == NULL)
        return FALSE;
    hc_docker_env_set(build->globals, pair->name, value);
    return TRUE;
}

gboolean
lp_docker_set_globals(LpDockerBuild *build, const char *target_name, GError **error)
{
    build->globals = hc_docker_env_new(TRUE);
    set_platforms(build, target_name != NULL ? target_name : "default");
    for (guint i = 0; i < build->file->args->len; i++) {
        const HcInstruction *arg = build->file->args->pdata[i];
        for (guint j = 0; j < arg->pairs->len; j++) {
            if (!set_global(build, arg->pairs->pdata[j], error))
                return lp_docker_place(build, arg->line, error);
        }
    }
    return TRUE;
}

gboolean
lp_docker_read_args(LpDockerBuild *build, GError **error)
{
    return read_build_args(build, error) && read_build_contexts(build, error);
}
