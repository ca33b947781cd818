#include "config.h"

#include <errno.h>
#include <hivex.h>
#include <iconv.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hivecore/base/bytes.h"
#include "hivecore/edit/script.h"

/*
 * The program edit-hivex: makes the calls of hivex that a script lists, see script.h. It is a
 * program of its own because hivex can end the one it runs in. Nobody starts it by hand.
 */

#ifdef __SANITIZE_ADDRESS__
/* What a sanitizer finds ends the program by a signal, as without one; a program that cannot be
 * traced cannot look for leaks. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "abort_on_error=1:detect_leaks=0";
}
#endif

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} Script;

typedef struct {
    hive_h *hivex;
    uint8_t *record;   /* mapped */
    hive_node_h *made; /* by call, of HC_CALL_ADD */
    uint32_t n_calls;  /* of the script */
    uint32_t n_done;
} Run;

/* The end of the program, whose status says nothing. */
__attribute__((noreturn)) static void
end(const Run *run, HcRecordState state)
{
    hc_put32(run->record + HC_RECORD_ERRNO, (uint32_t) errno);
    hc_put32(run->record + HC_RECORD_STATE, (uint32_t) state);
    _exit(state == HC_RECORD_DONE ? 0 : 1);
}

/* --- the script: nothing is read past its end --- */

static const uint8_t *
take(const Run *run, Script *script, uint64_t n_bytes)
{
    const uint8_t *at = script->at;
    if (n_bytes > (uint64_t) (script->end - at))
        end(run, HC_RECORD_BAD_SCRIPT);
    script->at += n_bytes;
    return at;
}

static uint32_t
take_number(const Run *run, Script *script)
{
    return hc_get32(take(run, script, 4));
}

static const char *
take_text(const Run *run, Script *script)
{
    const uint32_t n_bytes = take_number(run, script);
    const uint8_t *text = take(run, script, (uint64_t) n_bytes + 1);
    if (memchr(text, 0, (size_t) n_bytes + 1) != text + n_bytes)
        end(run, HC_RECORD_BAD_SCRIPT);
    return (const char *) text;
}

static hive_node_h
take_key(const Run *run, Script *script)
{
    const uint64_t key = hc_get64(take(run, script, 8));
    if ((key & HC_SCRIPT_MADE) == 0)
        return (hive_node_h) key;
    const uint64_t call = key & ~HC_SCRIPT_MADE;
    if (call >= run->n_done || run->made[call] == 0)
        end(run, HC_RECORD_BAD_SCRIPT);
    return run->made[call];
}

/* --- the calls --- */

static void *
allocate(const Run *run, size_t n, size_t size)
{
    void *memory = calloc(n > 0 ? n : 1, size);
    if (memory == NULL)
        end(run, HC_RECORD_CALL_FAILED);
    return memory;
}

static int
set_values(const Run *run, Script *script, hive_node_h key)
{
    enum {
        LEAST_BYTES = 13 /* of a value: three numbers and a NUL */
    };
    const uint32_t n = take_number(run, script);
    if (n > (uint64_t) (script->end - script->at) / LEAST_BYTES)
        end(run, HC_RECORD_BAD_SCRIPT);
    hive_set_value *values = allocate(run, n, sizeof(*values));
    for (uint32_t i = 0; i < n; i++) {
        values[i].t = (hive_type) take_number(run, script);
        /* hivex writes to neither, whatever its types say. */
        values[i].key = (char *) (uintptr_t) take_text(run, script);
        values[i].len = take_number(run, script);
        values[i].value = (char *) (uintptr_t) take(run, script, values[i].len);
    }
    const int result = hivex_node_set_values(run->hivex, key, n, values, 0);
    const int saved_errno = errno;
    free(values);
    errno = saved_errno;
    return result;
}

static void
make_call(const Run *run, Script *script)
{
    const uint32_t call = take_number(run, script);
    const hive_node_h key = take_key(run, script);
    int result = -1;
    if (call == HC_CALL_ADD) {
        run->made[run->n_done] = hivex_node_add_child(run->hivex, key, take_text(run, script));
        result = run->made[run->n_done] != 0 ? 0 : -1;
    } else if (call == HC_CALL_DELETE) {
        result = hivex_node_delete_child(run->hivex, key);
    } else if (call == HC_CALL_VALUES) {
        result = set_values(run, script, key);
    } else {
        end(run, HC_RECORD_BAD_SCRIPT);
    }
    if (result == -1)
        end(run, HC_RECORD_CALL_FAILED);
}

/* --- before and after them --- */

/* What was inherited goes: this program has no secrets, and dies without a trace. */
static void
shut_in(void)
{
    const struct rlimit none = {0, 0};
    /* Each fails only where the kernel is too old for it; then it was not to be had. */
    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void) prctl(PR_SET_DUMPABLE, 0);
    (void) setrlimit(RLIMIT_CORE, &none);
    (void) syscall(SYS_close_range, HC_EDIT_OUTPUT_FD + 1, ~0u, 0);
    /* Past `ulimit -f`, hivex shall see EFBIG. */
    (void) signal(SIGXFSZ, SIG_IGN);
}

/*
 * Without these conversions hivex fails half-way, or writes names otherwise. They stay open, so
 * that hivex, which opens them for itself, finds the C library's modules loaded.
 */
static void
open_conversions(const Run *run)
{
    static const char *const pairs[][2] = {
        {"LATIN1", "UTF-8"}, {"UTF-8", "LATIN1"}, {"UTF-16LE", "UTF-8"}, {"UTF-8", "UTF-16LE"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        /* (iconv_t) -1 is how the C library says it. */
        if (iconv_open(pairs[i][0], pairs[i][1]) == (iconv_t) -1) /* NOLINT */
            end(run, HC_RECORD_NO_ICONV);
    }
}

/*
 * hivex reads the hive into one block of malloc(), beside one of a 32nd of its size, and lets it
 * grow by realloc(), page by page. By itself malloc() takes memory of such a size from mmap() in
 * pages of 4 KiB, and has the kernel move it when it grows: to open, change and commit a hive took
 * four to ten times as long. So both blocks find room on the heap, the large one last and in huge
 * pages, where it can grow. All of this is advice, without which everything works too.
 */
static void
prepare_memory(size_t n_bytes)
{
#ifdef M_MMAP_MAX /* not of every C library */
    const uintptr_t huge_bytes = (uintptr_t) 2 << 20;
    const size_t n_small = n_bytes / 32 + (1u << 20); /* and what else hivex needs */
    const size_t n_large = n_bytes + 2 * huge_bytes;
    const size_t n_between = 1u << 20;
    if (n_bytes < 2 * huge_bytes)
        return;
    (void) mallopt(M_MMAP_MAX, 0);
    (void) mallopt(M_TRIM_THRESHOLD, -1); /* nothing is given back */
    /* The compiler is not to see that nothing is done with them. */
    void *volatile small = malloc(n_small);
    /* Keeps what is freed from becoming one block; too large for any gap before. */
    void *volatile between = malloc(n_between);
    void *volatile large = malloc(n_large);
    const uintptr_t start = ((uintptr_t) large + huge_bytes - 1) & ~(huge_bytes - 1);
    if (large != NULL)
        (void) madvise((uint8_t *) large + (start - (uintptr_t) large), n_bytes, MADV_HUGEPAGE);
    free(small);
    free(large);
    (void) between;
#else
    (void) n_bytes;
#endif
}

/* A whole file, of @n_bytes at least; NULL when it is none. */
static uint8_t *
map(int fd, size_t *n_bytes, int protection)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < (off_t) *n_bytes)
        return NULL;
    *n_bytes = (size_t) status.st_size;
    uint8_t *bytes = (uint8_t *) mmap(NULL, *n_bytes, protection, MAP_SHARED, fd, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

static void
open_hive(Run *run)
{
    struct stat status;
    if (fstat(HC_EDIT_HIVE_FD, &status) == 0)
        prepare_memory((size_t) status.st_size);
    run->hivex = hivex_open("/proc/self/fd/3", HIVEX_OPEN_WRITE);
    if (run->hivex == NULL)
        end(run, HC_RECORD_OPEN_FAILED);
}

static Script
open_script(Run *run)
{
    size_t n_bytes = HC_SCRIPT_HEADER_BYTES;
    const uint8_t *bytes = map(HC_EDIT_SCRIPT_FD, &n_bytes, PROT_READ);
    if (bytes == NULL)
        end(run, HC_RECORD_BAD_SCRIPT);
    Script script = {bytes, bytes + n_bytes};
    const uint8_t *header = take(run, &script, HC_SCRIPT_HEADER_BYTES);
    run->n_calls = hc_get32(header + HC_SCRIPT_HEADER_N_CALLS);
    if (hc_get32(header + HC_SCRIPT_HEADER_MAGIC) != HC_SCRIPT_MAGIC || run->n_calls > n_bytes)
        end(run, HC_RECORD_BAD_SCRIPT);
    /* Who started this died before it could be told to die too. */
    if (hc_get32(header + HC_SCRIPT_HEADER_PARENT) != (uint32_t) getppid())
        _exit(1);
    return script;
}

static void
commit(const Run *run)
{
    struct stat status;
    if (hivex_commit(run->hivex, "/proc/self/fd/4", 0) == -1 ||
        fstat(HC_EDIT_OUTPUT_FD, &status) != 0)
        end(run, HC_RECORD_COMMIT_FAILED);
    hc_put64(run->record + HC_RECORD_N_BYTES, (uint64_t) status.st_size);
}

int
main(void)
{
    Run run = {NULL, NULL, NULL, 0, 0};
    size_t record_bytes = HC_RECORD_BYTES;
    shut_in();
    run.record = map(HC_EDIT_RECORD_FD, &record_bytes, PROT_READ | PROT_WRITE);
    if (run.record == NULL) {
        (void) fputs("edit-hivex: hivetool runs this, it does nothing by hand\n", stderr);
        return 1;
    }
    hc_put32(run.record + HC_RECORD_MAGIC, HC_SCRIPT_MAGIC);
    Script script = open_script(&run);
    open_conversions(&run);
    run.made = (hive_node_h *) allocate(&run, run.n_calls, sizeof(*run.made));
    open_hive(&run);
    hc_put32(run.record + HC_RECORD_STATE, HC_RECORD_CALLING);
    while (run.n_done < run.n_calls) {
        make_call(&run, &script);
        hc_put32(run.record + HC_RECORD_N_CALLS, ++run.n_done);
    }
    commit(&run);
    end(&run, HC_RECORD_DONE);
}
