#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hivecore/base/display.h"
#include "hivecore/base/error.h"
#include "hivecore/base/interrupt.h"
#include "hivecore/base/json-writer.h"
#include "hivecore/base/json.h"
#include "hivecore/image/remote-private.h"

/* The other end of `skopeo experimental-image-proxy`: requests and replies are JSON, one in each
 * packet of a socket; what is long comes through a pipe that a reply brings with it. */

enum {
    SOCKET_FD = 3,           /* of the socket in skopeo */
    REPLY_BYTES = 64 * 1024, /* skopeo's packets have 32 KiB at most */
    PIECE_BYTES = 256 * 1024,
};

struct HcSkopeoProxy {
    char *name;
    pid_t pid;
    int fd;
    uint64_t image; /* its handle */
};

/* What a request gave. */
typedef struct {
    uint64_t value; /* when it is a number */
    uint64_t pipe_id;
    int fd; /* of the pipe, -1: none */
} Reply;

static void
close_read(int fd)
{
    if (fd >= 0)
        (void) close(fd); /* only read from */
}

static gboolean
fail_talk(const HcSkopeoProxy *proxy, const char *what, int number, GError **error)
{
    return hc_fail(error, HC_ERROR_IO, "%s: skopeo: %s: %s", proxy->name, what, g_strerror(number));
}

static gboolean
send_request(const HcSkopeoProxy *proxy, const char *method, const char *arguments, GError **error)
{
    g_autofree char *request =
        g_strdup_printf("{\"method\":\"%s\",\"args\":[%s]}", method, arguments);
    ssize_t n;
    do
        n = send(proxy->fd, request, strlen(request), MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n >= 0 || fail_talk(proxy, "cannot talk to it", errno, error);
}

/* The descriptor that came with a packet; -1: none. */
static int
take_descriptor(struct msghdr *message)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
         part = CMSG_NXTHDR(message, part)) {
        int fd = -1;
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS ||
            part->cmsg_len < CMSG_LEN(sizeof(fd)))
            continue;
        memcpy(&fd, CMSG_DATA(part), sizeof(fd));
        return fd;
    }
    return -1;
}

static ssize_t
receive(const HcSkopeoProxy *proxy, char *bytes, gsize n_bytes, int *fd)
{
    char control[CMSG_SPACE(sizeof(int) * 4)];
    struct iovec place = {.iov_base = bytes, .iov_len = n_bytes};
    struct msghdr message = {.msg_iov = &place,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    ssize_t n;
    do
        n = recvmsg(proxy->fd, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    *fd = n > 0 ? take_descriptor(&message) : -1;
    return n;
}

static gboolean
fail_reply(const HcSkopeoProxy *proxy, HcJson document, GError **error)
{
    HcJson said = hc_json_find(document, "error");
    g_autofree char *plain =
        hc_json_is(said, HC_JSON_STRING) ? hc_json_string_dup(said) : g_strdup("says no more");
    g_autoptr(GString) text = g_string_new(NULL);
    hc_append_display(text, plain, strlen(plain));
    return hc_fail(error, HC_ERROR_IO, "%s: skopeo: %s", proxy->name, text->str);
}

static gboolean
read_reply(const HcSkopeoProxy *proxy, const char *text, gsize n_bytes, Reply *reply,
           GError **error)
{
    HcJson document;
    if (!hc_json_parse(proxy->name, text, n_bytes, NULL, &document, error) ||
        !hc_json_need_object(proxy->name, document, error))
        return FALSE;
    gboolean is_success = FALSE;
    if (!hc_json_get_boolean(proxy->name, document, "success", &is_success, error))
        return FALSE;
    if (!is_success)
        return fail_reply(proxy, document, error);
    HcJson value = hc_json_find(document, "value");
    if (hc_json_is(value, HC_JSON_NUMBER) &&
        !hc_json_get_size(proxy->name, document, "value", &reply->value, error))
        return FALSE;
    HcJson pipe = hc_json_find(document, "pipeid");
    return pipe.text == NULL ||
           hc_json_get_size(proxy->name, document, "pipeid", &reply->pipe_id, error);
}

static gboolean
receive_reply(const HcSkopeoProxy *proxy, Reply *reply, GError **error)
{
    *reply = (Reply){.fd = -1};
    g_autofree char *bytes = g_malloc(REPLY_BYTES);
    const ssize_t n = receive(proxy, bytes, REPLY_BYTES, &reply->fd);
    if (n < 0)
        return fail_talk(proxy, "cannot hear it", errno, error);
    if (n == 0)
        return hc_fail(error, HC_ERROR_IO, "%s: skopeo: has ended, and says nothing", proxy->name);
    if (read_reply(proxy, bytes, (gsize) n, reply, error))
        return TRUE;
    close_read(reply->fd);
    reply->fd = -1;
    return FALSE;
}

static gboolean
call(const HcSkopeoProxy *proxy, const char *method, const char *arguments, Reply *reply,
     GError **error)
{
    return send_request(proxy, method, arguments, error) && receive_reply(proxy, reply, error);
}

/* Its standard error goes to ours: what it says there is about the network, as it happens. */
static gboolean
spawn(HcSkopeoProxy *proxy, int socket_fd, GError **error)
{
    char tls[] = "--tls-verify=false";
    char program[] = "skopeo";
    char command[] = "experimental-image-proxy";
    char socket_option[] = "--sockfd=3";
    char *words[] = {program, command, socket_option,
                     hc_skopeo_is_loopback(proxy->name) ? tls : NULL, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    (void) sigemptyset(&signals);
    (void) sigaddset(&signals, SIGPIPE);
    (void) sigaddset(&signals, SIGXFSZ);
    int number = posix_spawn_file_actions_init(&actions);
    if (number != 0)
        return fail_talk(proxy, "cannot be started", number, error);
    number = posix_spawnattr_init(&attributes);
    if (number == 0) {
        (void) posix_spawnattr_setsigdefault(&attributes, &signals);
        (void) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        number = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (number == 0)
            number = posix_spawn_file_actions_adddup2(&actions, socket_fd, SOCKET_FD);
        if (number == 0)
            number = posix_spawnp(&proxy->pid, program, &actions, &attributes, words, environ);
        (void) posix_spawnattr_destroy(&attributes);
    }
    (void) posix_spawn_file_actions_destroy(&actions);
    return number == 0 || fail_talk(proxy, "cannot be started", number, error);
}

static gboolean
open_image(HcSkopeoProxy *proxy, GError **error)
{
    Reply reply;
    g_autoptr(GString) name = g_string_new(NULL);
    hc_json_append_string(name, proxy->name);
    if (!call(proxy, "Initialize", "", &reply, error) ||
        !call(proxy, "OpenImage", name->str, &reply, error))
        return FALSE;
    proxy->image = reply.value;
    return TRUE;
}

HcSkopeoProxy *
hc_skopeo_proxy_open(const char *name, GError **error)
{
    int fds[2];
    g_autoptr(HcSkopeoProxy) proxy = g_new0(HcSkopeoProxy, 1);
    proxy->name = g_strdup(name);
    proxy->fd = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
        (void) fail_talk(proxy, "cannot be talked to", errno, error);
        return NULL;
    }
    proxy->fd = fds[0];
    const gboolean is_started = spawn(proxy, fds[1], error);
    (void) close(fds[1]); /* it is skopeo's now */
    return is_started && open_image(proxy, error) ? g_steal_pointer(&proxy) : NULL;
}

void
hc_skopeo_proxy_free(HcSkopeoProxy *proxy)
{
    if (proxy == NULL)
        return;
    if (proxy->fd >= 0)
        (void) close(proxy->fd);
    /* It has nothing to finish, and does not see that nobody is at the other end any more. */
    if (proxy->pid > 0)
        (void) kill(proxy->pid, SIGTERM);
    while (proxy->pid > 0 && waitpid(proxy->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    g_free(proxy->name);
    g_free(proxy);
}

/* All that comes through the pipe; more than @n_bytes is more than anybody asked for. */
static gboolean
read_pipe(const HcSkopeoProxy *proxy, int fd, uint64_t n_bytes, HcOutput *output, GError **error)
{
    g_autofree char *piece = g_malloc(PIECE_BYTES);
    for (uint64_t n_done = 0;;) {
        const ssize_t n = read(fd, piece, PIECE_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_talk(proxy, "cannot read what it fetches", errno, error);
        if (n == 0)
            return TRUE;
        n_done += (uint64_t) n;
        if (n_done > n_bytes)
            return hc_fail(error, HC_ERROR_MALFORMED,
                           "%s: the registry gives more than the %" PRIu64 " bytes of the blob",
                           proxy->name, n_bytes);
        if (!hc_interrupt_check(error) || !hc_output_write(output, piece, (gsize) n, error))
            return FALSE;
    }
}

gboolean
hc_skopeo_proxy_blob(HcSkopeoProxy *proxy, const char *digest, uint64_t n_bytes, HcOutput *output,
                     GError **error)
{
    Reply reply;
    g_autofree char *arguments =
        g_strdup_printf("%" PRIu64 ",\"%s\",%" PRIu64, proxy->image, digest, n_bytes);
    if (!call(proxy, "GetBlob", arguments, &reply, error))
        return FALSE;
    if (reply.fd < 0)
        return hc_fail(error, HC_ERROR_IO, "%s: skopeo: gives no data", proxy->name);
    /* It closes its end of the pipe when it is asked how that went, and answers when all was read.
     */
    g_autofree char *pipe = g_strdup_printf("%" PRIu64, reply.pipe_id);
    const gboolean is_read = send_request(proxy, "FinishPipe", pipe, error) &&
                             read_pipe(proxy, reply.fd, n_bytes, output, error);
    close_read(reply.fd);
    return is_read && receive_reply(proxy, &reply, error);
}
