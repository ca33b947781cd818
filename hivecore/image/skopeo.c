#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/image/remote-private.h"

enum {
    /* Debian 12 has 1.9; `inspect --raw` of one of several images, and the proxy, need 1.5. */
    OLDEST_MAJOR = 1,
    OLDEST_MINOR = 5,
};

#define INSTALL "install skopeo, 1.5 or later (Debian: apt install skopeo)"

/* What a run of skopeo says of its failure: of lines like `time="…" level=fatal msg="…"` the
 * message of the last, else the last line. */
static char *
failure_text(const char *said)
{
    g_autofree char *whole = g_strchomp(g_strdup(said));
    g_auto(GStrv) lines = g_strsplit(whole, "\n", -1);
    const guint n = g_strv_length(lines);
    const char *last = n > 0 ? lines[n - 1] : "";
    const char *message = strstr(last, "msg=\"");
    g_autofree char *plain = NULL;
    if (message != NULL) {
        g_autofree char *quoted = g_strdup(message + strlen("msg=\""));
        char *end = strrchr(quoted, '"');
        if (end != NULL)
            *end = '\0';
        plain = g_strcompress(quoted);
        /* The name stands before it already. */
        char *rest =
            g_str_has_prefix(plain, "Error parsing image name ") ? strstr(plain, "\": ") : NULL;
        if (rest != NULL)
            memmove(plain, rest + 3, strlen(rest + 3) + 1);
    } else {
        plain = g_strdup(last);
    }
    g_autoptr(GString) text = g_string_new(NULL);
    hc_append_display(text, plain, strlen(plain));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean
is_not_found(const char *said)
{
    static const char *const words[] = {
        "manifest unknown", "name unknown", "NAME_UNKNOWN", "MANIFEST_UNKNOWN",
        /* of containers-storage: and docker-daemon: */
        "identifier is not an image", "does not resolve to an image ID", "No such image"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strstr(said, words[i]) != NULL)
            return TRUE;
    }
    return FALSE;
}

/* A command line; what is added is copied. */
static GPtrArray *
words_new(const char *command)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(words, g_strdup("skopeo"));
    g_ptr_array_add(words, g_strdup(command));
    return words;
}

static void
add_word(GPtrArray *words, const char *word)
{
    g_ptr_array_add(words, g_strdup(word));
}

/* Runs @words. @out: (out) (nullable) (transfer full): its standard output */
static gboolean
run(const char *operand, GPtrArray *words, GBytes **out, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *said = NULL;
    g_autofree char *output = NULL;
    int status;
    g_ptr_array_add(words, NULL);
    /* Where who started us ignores it, nobody would learn how the program ended. */
    const struct sigaction action = {.sa_handler = SIG_DFL};
    struct sigaction old;
    (void) sigaction(SIGCHLD, &action, &old);
    /* g_spawn_sync() takes all of both outputs; what skopeo prints of a manifest is 4 MiB at most.
     */
    const gboolean is_run = g_spawn_sync(NULL, (char **) words->pdata, NULL, G_SPAWN_SEARCH_PATH,
                                         NULL, NULL, &output, &said, &status, &failure);
    (void) sigaction(SIGCHLD, &old, NULL);
    if (!is_run)
        return hc_fail(error, HC_ERROR_IO, "%s: cannot run skopeo: %s", operand, failure->message);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        g_autofree char *text = failure_text(said);
        return hc_fail(error, is_not_found(said) ? HC_ERROR_NOT_FOUND : HC_ERROR_IO,
                       "%s: skopeo: %s", operand,
                       *text != '\0' ? text : "failed, and says no more");
    }
    if (out != NULL)
        *out = g_bytes_new(output, strlen(output));
    return TRUE;
}

gboolean
hc_skopeo_check(const char *operand, GError **error)
{
    static gboolean is_good;
    if (is_good)
        return TRUE;
    g_autofree char *program = g_find_program_in_path("skopeo");
    if (program == NULL)
        return hc_fail(error, HC_ERROR_IO, "%s: is reached through skopeo, which is not here: %s",
                       operand, INSTALL);
    g_autoptr(GPtrArray) words = words_new("--version");
    g_autoptr(GBytes) out = NULL;
    if (!run(operand, words, &out, error))
        return FALSE;
    g_autofree char *version = g_strndup(g_bytes_get_data(out, NULL), g_bytes_get_size(out));
    const char *digits = strpbrk(version, "0123456789");
    char *end = NULL;
    const guint64 major = digits != NULL ? g_ascii_strtoull(digits, &end, 10) : 0;
    const guint64 minor = digits != NULL && *end == '.' ? g_ascii_strtoull(end + 1, NULL, 10) : 0;
    is_good = major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR);
    return is_good || hc_fail(error, HC_ERROR_IO, "%s: skopeo is too old: %s", operand, INSTALL);
}

/* Whether @host is this machine by itself: a name that only begins like one is somebody else's. */
static gboolean
is_loopback_host(const char *host)
{
    return g_ascii_strcasecmp(host, "localhost") == 0 ||
           (g_str_has_prefix(host, "127.") && g_hostname_is_ip_address(host));
}

gboolean
hc_skopeo_is_loopback(const char *name)
{
    const char *start = g_str_has_prefix(name, "docker://") ? name + strlen("docker://") : "";
    const char *slash = strchr(start, '/');
    g_autofree char *host = slash != NULL ? g_strndup(start, (gsize) (slash - start)) : NULL;
    if (host == NULL)
        return FALSE;
    host[strcspn(host, ":")] = '\0';
    return is_loopback_host(host);
}

GBytes *
hc_skopeo_raw(const char *name, GError **error)
{
    g_autoptr(GPtrArray) words = words_new("inspect");
    GBytes *out = NULL;
    add_word(words, "--raw");
    if (hc_skopeo_is_loopback(name))
        add_word(words, "--tls-verify=false");
    add_word(words, name);
    return run(name, words, &out, error) ? out : NULL;
}

GBytes *
hc_skopeo_list_tags(const char *repository)
{
    g_autoptr(GPtrArray) words = words_new("list-tags");
    GBytes *out = NULL;
    if (hc_skopeo_is_loopback(repository))
        add_word(words, "--tls-verify=false");
    add_word(words, repository);
    return run(repository, words, &out, NULL) ? out : NULL;
}

gboolean
hc_skopeo_copy(const char *from, const char *to, gboolean is_all, GError **error)
{
    g_autoptr(GPtrArray) words = words_new("copy");
    add_word(words, "--quiet");
    if (g_str_has_prefix(from, "dir:"))
        add_word(words, "--preserve-digests");
    if (is_all)
        add_word(words, "--all");
    if (hc_skopeo_is_loopback(from))
        add_word(words, "--src-tls-verify=false");
    if (hc_skopeo_is_loopback(to))
        add_word(words, "--dest-tls-verify=false");
    add_word(words, from);
    add_word(words, to);
    /* The other one is a folder of ours, which nobody has heard of. */
    return run(g_str_has_prefix(from, "dir:") ? to : from, words, NULL, error);
}
