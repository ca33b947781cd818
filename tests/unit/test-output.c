#include "config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/output.h"
#include "tests/unit/cu.h"
#include "tests/unit/output-place.h"

/* What a file is that is written: its mode, its owner, its bytes, and when it is seen. */

static mode_t
mode_of(const char *file)
{
    struct stat status;
    CU_ASSERT_EQUAL(stat(file, &status), 0);
    return status.st_mode & 07777;
}

static void
new_file_has_the_umask_mode(void)
{
    OutputPlace place = output_place_new();
    mode_t old = umask(027);
    output_write_text(place.file, FALSE, "new");
    CHECK_NUMBER(umask(old), 027);
    output_check_content(place.file, "new");
    CHECK_NUMBER(mode_of(place.file), 0640);
    output_check_names(&place, "file ");
    output_place_clear(&place);
}

static void
existing_file_keeps_its_mode(void)
{
    OutputPlace place = output_place_new();
    static const mode_t modes[] = {0604, 0666, 04755};
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_file_set_contents(place.file, "a longer old content", -1, NULL);
        CU_ASSERT_EQUAL(chmod(place.file, modes[i]), 0);
        output_write_text(place.file, TRUE, "new");
        output_check_content(place.file, "new");
        CHECK_NUMBER(mode_of(place.file), modes[i]);
    }
    output_check_names(&place, "file ");
    output_place_clear(&place);
}

static void
new_file_hides_what_stood_there_hid(void)
{
    OutputPlace place = output_place_new();
    static const struct {
        mode_t old;
        mode_t expected;
    } cases[] = {{0600, 0600}, {0640, 0640}, {0644, 0644},
                 {0666, 0644}, {0777, 0644}, {04755, 0644}};
    mode_t old = umask(022);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_file_set_contents(place.file, "old", 3, NULL);
        CU_ASSERT_EQUAL(chmod(place.file, cases[i].old), 0);
        output_write_text(place.file, FALSE, "new");
        CHECK_NUMBER(mode_of(place.file), cases[i].expected);
    }
    umask(old);
    output_place_clear(&place);
}

/* Every file that the content comes from hides what it hides, and a pipe nothing. */
static void
secrets_stay_secret(void)
{
    OutputPlace place = output_place_new();
    GError *error = NULL;
    static const mode_t modes[] = {0644, 0640, 0604, 0400};
    static const mode_t expected[] = {0644, 0640, 0600, 0600};
    mode_t old = umask(022);
    g_autofree char *like = g_build_filename(place.folder, "like", NULL);
    g_autofree char *pipe = g_build_filename(place.folder, "pipe", NULL);
    CU_ASSERT_EQUAL(mkfifo(pipe, 0600), 0);
    g_file_set_contents(like, "", 0, NULL);
    HcOutput *output = hc_output_open(place.file, NULL, &error);
    CU_ASSERT_TRUE(hc_output_hide_like(output, pipe, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        int fd;
        const char *path;
        CU_ASSERT_EQUAL(chmod(like, modes[i]), 0);
        CU_ASSERT_TRUE(hc_output_hide_like(output, like, &error));
        CU_ASSERT_TRUE(hc_output_sync(output, &fd, &path, &error));
        CHECK_NUMBER(mode_of(path), expected[i]);
    }
    CHECK_NO_ERROR(error);
    CU_ASSERT_FALSE(hc_output_hide_like(output, "/nowhere", &error));
    CHECK_ERROR(error, HC_ERROR_IO, "/nowhere: cannot look at its mode: No such file or directory");
    hc_output_free(output);
    umask(old);
    output_place_clear(&place);
}

/* What a file gives to its group is not for another group; owner and set-id bits of what stood
 * there mean nothing for a new file. Only root can make such files. */
static void
files_of_others(void)
{
    enum {
        SOMEBODY = 12345
    };
    if (geteuid() != 0) {
        cu_unproven("not root", "targets of others");
        return;
    }
    OutputPlace place = output_place_new();
    GError *error = NULL;
    struct stat status;
    mode_t old = umask(022);
    g_autofree char *like = g_build_filename(place.folder, "like", NULL);
    g_file_set_contents(like, "", 0, NULL);
    CU_ASSERT_EQUAL(chown(like, SOMEBODY, SOMEBODY), 0);
    CU_ASSERT_EQUAL(chmod(like, 0640), 0);
    HcOutput *output = hc_output_open(place.file, NULL, &error);
    CU_ASSERT_TRUE(hc_output_hide_like(output, like, &error));
    CU_ASSERT_TRUE(hc_output_commit(output, &error));
    hc_output_free(output);
    CHECK_NUMBER(mode_of(place.file), 0600);

    /* One that waits for us to write a secret into it. */
    CU_ASSERT_EQUAL(chmod(like, 04666), 0);
    output_write_text(like, FALSE, "new");
    CU_ASSERT_EQUAL(stat(like, &status), 0);
    CHECK_NUMBER(status.st_uid, 0);
    CHECK_NUMBER(status.st_gid, getegid());
    CHECK_NUMBER(status.st_mode & 07777, 0644);
    /* The group of one of ours stays. */
    CU_ASSERT_EQUAL(chown(like, 0, SOMEBODY), 0);
    CU_ASSERT_EQUAL(chmod(like, 0640), 0);
    output_write_text(like, FALSE, "new");
    CU_ASSERT_EQUAL(stat(like, &status), 0);
    CHECK_NUMBER(status.st_gid, SOMEBODY);
    CHECK_NUMBER(status.st_mode & 07777, 0640);
    umask(old);
    output_place_clear(&place);
}

/* Only root may give files away, so only root can see whether the owner is kept. */
static void
owner_is_kept(void)
{
    enum {
        SOMEBODY = 12345
    };
    if (geteuid() != 0) {
        cu_unproven("not root", "owners of targets");
        return;
    }
    OutputPlace place = output_place_new();
    output_write_text(place.file, FALSE, "old");
    CU_ASSERT_EQUAL(chown(place.file, SOMEBODY, SOMEBODY + 1), 0);
    output_write_text(place.file, TRUE, "new");
    struct stat status;
    CU_ASSERT_EQUAL(stat(place.file, &status), 0);
    CHECK_NUMBER(status.st_uid, SOMEBODY);
    CHECK_NUMBER(status.st_gid, SOMEBODY + 1);
    output_place_clear(&place);
}

static void
nothing_shows_before_commit(void)
{
    OutputPlace place = output_place_new();
    output_write_text(place.file, FALSE, "old");
    GError *error = NULL;
    HcOutput *output = hc_output_open(place.file, NULL, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(hc_output_write(output, "new", 3, &error));
    output_check_content(place.file, "old");
    hc_output_free(output);
    output_check_content(place.file, "old");
    output_check_names(&place, "file ");
    hc_output_free(NULL);
    output_place_clear(&place);
}

/* Sizes around the buffer's. */
static void
pieces_of_any_size(void)
{
    static const gsize sizes[] = {0, 1, 1000, 262144, 262143, 262145, 3, 1000000, 0, 5};
    OutputPlace place = output_place_new();
    g_autoptr(GByteArray) expected = g_byte_array_new();
    GError *error = NULL;
    g_autoptr(HcOutput) output = hc_output_open(place.file, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree guint8 *piece = g_malloc(sizes[i] + 1);
        for (gsize k = 0; k < sizes[i]; k++)
            piece[k] = (guint8) (k * 7 + i);
        g_byte_array_append(expected, piece, (guint) sizes[i]);
        CU_ASSERT_TRUE(hc_output_write(output, piece, sizes[i], &error));
    }
    CU_ASSERT_TRUE(hc_output_commit(output, &error));
    CHECK_NO_ERROR(error);
    g_autofree char *content = NULL;
    gsize n_bytes = 0;
    CU_ASSERT_TRUE(g_file_get_contents(place.file, &content, &n_bytes, NULL));
    CHECK_BYTES(content, n_bytes, expected->data, expected->len);
    output_place_clear(&place);
}

enum {
    MOST_BYTES = 11 << 20,
    N_PLACES = 4000
};

/* One write of a hive as it is made: mostly behind the last, at times before it or further on. */
static void
write_somewhere(HcOutput *output, guint8 *expected, gsize *end, guint32 *random)
{
    guint8 piece[8192];
    *random = *random * 1664525u + 1013904223u;
    const guint32 kind = *random >> 28;
    gsize n_bytes = (*random >> 8) % sizeof(piece);
    gsize offset = *end;
    if (kind == 0)
        offset = (gsize) (*random >> 4) * 7919 % (*end + 1);
    else if (kind == 1)
        offset = *end > n_bytes ? *end - n_bytes : 0;
    else if (kind == 2)
        offset = *end > 100 ? *end - 100 : 0;
    else if (kind == 3)
        offset = *end + (*random >> 6) % 300000 % 5000;
    n_bytes = MIN(n_bytes, MOST_BYTES - offset);
    for (gsize i = 0; i < n_bytes; i++)
        piece[i] = (guint8) (*random + i * 13);
    memcpy(expected + offset, piece, n_bytes);
    *end = MAX(*end, offset + n_bytes);
    CU_ASSERT_TRUE(hc_output_write_at(output, offset, piece, n_bytes, NULL));
}

static void
check_mapped(HcOutput *output, const guint8 *expected, gsize n_bytes)
{
    g_autoptr(GBytes) bytes = hc_output_map(output, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CHECK_NUMBER(g_bytes_get_size(bytes), n_bytes);
    CU_ASSERT_EQUAL(memcmp(g_bytes_get_data(bytes, NULL), expected, n_bytes), 0);
    /* What is written now is seen in what was mapped before. */
    CU_ASSERT_TRUE(hc_output_write_at(output, n_bytes / 2, "seen", 4, NULL));
    CHECK_BYTES((const guint8 *) g_bytes_get_data(bytes, NULL) + n_bytes / 2, 4, "seen", 4);
}

/* In a file and in memory, twice each: what was taken back leaves nothing. */
static void
places_of_any_order(void)
{
    OutputPlace place = output_place_new();
    g_autofree guint8 *expected = g_malloc(MOST_BYTES);
    guint32 random = 1;
    for (guint run = 0; run < 2; run++) {
        g_autoptr(HcOutput) output = run == 0 ? hc_output_open(place.file, NULL, NULL)
                                              : hc_output_open_memory("memory", NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(output);
        for (guint again = 0; again < 2; again++) {
            gsize end = 0;
            memset(expected, 0, MOST_BYTES);
            for (guint i = 0; i < N_PLACES && end < MOST_BYTES; i++)
                write_somewhere(output, expected, &end, &random);
            check_mapped(output, expected, end);
            CU_ASSERT_TRUE(hc_output_clear(output, NULL));
        }
    }
    output_place_clear(&place);
}

const char cu_suite[] = "output";
const CuCase cu_cases[] = {
    {"a new file has the umask's mode", new_file_has_the_umask_mode},
    {"a file replaced in place keeps its mode", existing_file_keeps_its_mode},
    {"a new file hides what stood there hid", new_file_hides_what_stood_there_hid},
    {"secrets stay secret", secrets_stay_secret},
    {"files of others", files_of_others},
    {"the owner is kept", owner_is_kept},
    {"nothing shows before commit", nothing_shows_before_commit},
    {"pieces of any size", pieces_of_any_size},
    {"places of any order", places_of_any_order},
    {NULL, NULL},
};
