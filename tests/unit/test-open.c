#include "config.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "hivecore/regf/layout.h"
#include "hivecore/regf/open.h"
#include "tests/unit/cu.h"
#include "tests/unit/log-images.h"

/* A folder with a dirty hive, 6 and 5, named "Hive". */
typedef struct {
    char *folder;
    char *hive;
    LogImages images;
} Place;

static void
put(const Place *place, const char *name, const void *bytes, gsize n_bytes)
{
    g_autofree char *file = g_build_filename(place->folder, name, NULL);
    CU_ASSERT_TRUE(g_file_set_contents(file, n_bytes > 0 ? bytes : "", (gssize) n_bytes, NULL));
}

/* Takes @log. */
static void
put_log(const Place *place, const char *name, GByteArray *log)
{
    put(place, name, log->data, log->len);
    g_byte_array_unref(log);
}

static void
place_init(Place *place)
{
    place->folder = cu_temp_dir();
    place->hive = g_build_filename(place->folder, "Hive", NULL);
    log_images_init(&place->images, 5);
    put(place, "Hive", place->images.before.bytes, place->images.before.n_bytes);
}

static void
place_clear(Place *place)
{
    cu_remove_tree(place->folder);
    g_free(place->folder);
    g_free(place->hive);
    log_images_clear(&place->images);
}

/* @text with "%" for the hive's path. */
static char *
fill_in(const Place *place, const char *text)
{
    GString *out = g_string_new(text);
    g_string_replace(out, "%", place->hive, 0);
    return g_string_free(out, FALSE);
}

static void
check_opens(const Place *place, HcDirtyPolicy policy, const MkImage *image, uint32_t sequence,
            const char *wanted)
{
    GError *error = NULL;
    g_autofree char *note = NULL;
    HcHive *hive = hc_hive_open_recovered(place->hive, policy, 0, &note, &error);
    CHECK_NO_ERROR(error);
    g_autofree char *text = wanted != NULL ? fill_in(place, wanted) : NULL;
    CHECK_STRING(note, text);
    if (hive == NULL)
        return;
    const HcMap *map = hc_hive_map(hive);
    g_autofree uint8_t *bytes = g_memdup2(image->bytes, image->n_bytes);
    mk_image_set_sequence(bytes, sequence, sequence);
    CHECK_BYTES(hc_map_data(map), hc_map_size(map), bytes, image->n_bytes);
    CU_ASSERT_FALSE(hc_hive_info(hive)->is_dirty);
    CHECK_NUMBER(hc_hive_info(hive)->is_made_clean, wanted != NULL);
    hc_hive_unref(hive);
}

static void
check_refuses(const Place *place, HcDirtyPolicy policy, HcErrorCode code, const char *message)
{
    GError *error = NULL;
    g_autofree char *note = NULL;
    g_autoptr(HcHive) hive = hc_hive_open_recovered(place->hive, policy, 0, &note, &error);
    CU_ASSERT_PTR_NULL(hive);
    CHECK_STRING(note, NULL);
    g_autofree char *text = fill_in(place, message);
    CHECK_ERROR(error, code, text);
}

static void
policies(void)
{
    Place place;
    place_init(&place);
    check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_UNSUPPORTED,
                  "%: the hive is dirty and there is no transaction log "
                  "(--ignore-dirty reads it as it stands)");
    put_log(&place, "Hive.LOG1", log_entries(&place.images, 5, 1));
    put_log(&place, "Hive.LOG2", log_last(&place.images, 6));
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 7,
                "%: dirty, replayed in memory: 1 log entry (4 pages) from Hive.LOG1, "
                "1 log entry (1 page) from Hive.LOG2");
    check_refuses(&place, HC_DIRTY_REFUSE, HC_ERROR_UNSUPPORTED,
                  "%: the hive is dirty (sequence numbers 6 and 5): changes are still in its "
                  "transaction logs");
    check_opens(&place, HC_DIRTY_AS_IS, &place.images.before, 6, "%: dirty, read as it stands");

    put_log(&place, "Hive.LOG1", log_entries(&place.images, 1, 1));
    put(&place, "Hive.LOG2", "", 0);
    check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_UNSUPPORTED,
                  "%: the hive is dirty and no transaction log fits: %.LOG1: its last entry, 1, is "
                  "before the hive's number 5; %.LOG2: is empty "
                  "(--ignore-dirty reads it as it stands)");
    /* A damaged log is no damaged hive. */
    put(&place, "Hive.LOG1", "regf", 4);
    check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_UNSUPPORTED,
                  "%: the hive is dirty and no transaction log fits: %.LOG1: is no transaction "
                  "log: the signature \"regf\" is missing; %.LOG2: is empty "
                  "(--ignore-dirty reads it as it stands)");

    /* A clean hive does not look at them. */
    put(&place, "Hive", place.images.middle.bytes, place.images.middle.n_bytes);
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.middle, 1, NULL);
    check_opens(&place, HC_DIRTY_REFUSE, &place.images.middle, 1, NULL);
    check_opens(&place, HC_DIRTY_AS_IS, &place.images.middle, 1, NULL);
    place_clear(&place);
}

static void
torn_base_block(void)
{
    Place place;
    place_init(&place);
    place.images.before.bytes[HC_BASE_MTIME] ^= 1;
    put(&place, "Hive", place.images.before.bytes, place.images.before.n_bytes);
    place.images.before.bytes[HC_BASE_MTIME] ^= 1;
    check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_MALFORMED,
                  "%: base block: the checksum is wrong");
    put_log(&place, "Hive.LOG1", log_last(&place.images, 4));
    check_refuses(&place, HC_DIRTY_REFUSE, HC_ERROR_MALFORMED,
                  "%: base block: the checksum is wrong");
    check_refuses(&place, HC_DIRTY_AS_IS, HC_ERROR_MALFORMED,
                  "%: base block: the checksum is wrong");
    put_log(&place, "Hive.LOG1", log_entries(&place.images, 5, 2));
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 7,
                "%: dirty, replayed in memory: the base block, "
                "2 log entries (5 pages) from Hive.LOG1");
    place_clear(&place);
}

/* What a replay may lack is said in its one line. */
static void
doubts(void)
{
    Place place;
    place_init(&place);
    put_log(&place, "Hive.LOG2", log_entries(&place.images, 8, 2));
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 10,
                "%: dirty, replayed in memory: 2 log entries (5 pages) from Hive.LOG2; "
                "the logs start at 8, the hive needs 5");
    put(&place, "Hive.LOG1", "", 0);
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 10,
                "%: dirty, replayed in memory: 2 log entries (5 pages) from Hive.LOG2; "
                "the logs start at 8, the hive needs 5");
    put(&place, "Hive.LOG1", "regf", 4);
    check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_UNSUPPORTED,
                  "%: the hive is dirty and no transaction log fits: %.LOG1: is no transaction "
                  "log: the signature \"regf\" is missing; %.LOG2: starts at entry 8, the hive "
                  "needs 5 (--ignore-dirty reads it as it stands)");

    GByteArray *log = log_entries(&place.images, 5, 2);
    log->data[log->len - 1] ^= 1;
    put_log(&place, "Hive.LOG1", log);
    put_log(&place, "Hive.LOG2", log_last(&place.images, 7));
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.middle, 6,
                "%: dirty, replayed in memory: 1 log entry (4 pages) from Hive.LOG1; Hive.LOG1 "
                "stopped at entry 6: its hash is wrong; Hive.LOG2 not used: goes on at entry 7, "
                "6 must come first");
    /* What is in the hive already is not missed. */
    put_log(&place, "Hive.LOG1", log_entries(&place.images, 5, 2));
    put_log(&place, "Hive.LOG2", log_last(&place.images, 4));
    put_log(&place, "Hive.LOG", log_dirt(&place.images, 1, 4));
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 7,
                "%: dirty, replayed in memory: 2 log entries (5 pages) from Hive.LOG1");
    place_clear(&place);
}

/* Logs that fit by their numbers and leave no hive. */
static void
broken_result(void)
{
    Place place;
    place_init(&place);
    GByteArray *log = log_entries(&place.images, 5, 1);
    /* The second of four pages does not start a bin. */
    log->data[512 + HC_HVLE_REFERENCES + 4 * HC_HVLE_REFERENCE_BYTES] = 'H';
    log_sign_entry(log, 512);
    put_log(&place, "Hive.LOG1", log);
    check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_MALFORMED,
                  "after its transaction logs were replayed: %: hive bin at 0x1000: the signature "
                  "is not \"hbin\"");
    place_clear(&place);
}

/* The names of the logs that are found, one on each line. */
static char *
find_names(const Place *place)
{
    GString *names = g_string_new(NULL);
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_open(place->hive, UINT64_MAX, NULL);
    g_autoptr(HcMap) none = hc_map_from_bytes(place->hive, g_bytes_new_static("", 0));
    g_autoptr(GPtrArray) logs = hc_log_find(map != NULL ? map : none, &error);
    CHECK_NO_ERROR(error);
    for (guint i = 0; logs != NULL && i < logs->len; i++) {
        g_autofree char *name = g_path_get_basename(hc_map_name(g_ptr_array_index(logs, i)));
        g_string_append_printf(names, "%s\n", name);
    }
    return g_string_free(names, FALSE);
}

static void
finding(void)
{
    Place place;
    place_init(&place);
    const char *const others[] = {"Hive.LOG3", "Hive.LOG1.bak", "Hive2.LOG1", "xHive.LOG1", "LOG1"};
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        put(&place, others[i], "x", 1);
    g_autofree char *none = find_names(&place);
    CHECK_STRING(none, "");

    put(&place, "hive.log", "x", 1);
    put(&place, "HIVE.log2", "x", 1);
    put(&place, "hIVE.Log1", "x", 1);
    g_autofree char *any_case = find_names(&place);
    CHECK_STRING(any_case, "hIVE.Log1\nHIVE.log2\nhive.log\n");

    /* Of several, the hive's own spelling first, then the first by bytes. */
    put(&place, "Hive.log1", "x", 1);
    put(&place, "hive.LOG2", "x", 1);
    g_autofree char *several = find_names(&place);
    CHECK_STRING(several, "Hive.log1\nHIVE.log2\nhive.log\n");

    place_clear(&place);
}

/* Whatever cannot be read in the place of a log: the hive is older without it, which must not be
 * the silent answer. */
static void
unreadable_logs(void)
{
    static const char *const whats[] = {"is a directory", "is not a regular file",
                                        "cannot open: No such file or directory",
                                        "cannot open: Too many levels of symbolic links"};
    for (gsize i = 0; i < G_N_ELEMENTS(whats); i++) {
        Place place;
        place_init(&place);
        put_log(&place, "Hive.LOG1", log_entries(&place.images, 5, 2));
        g_autofree char *file = g_build_filename(place.folder, "Hive.LOG2", NULL);
        CHECK_NUMBER(i == 0   ? g_mkdir(file, 0777)
                     : i == 1 ? mkfifo(file, 0600)
                              : symlink(i == 2 ? "nowhere" : "Hive.LOG2", file),
                     0);
        g_autofree char *message = g_strdup_printf(
            "%%: dirty, and a transaction log cannot be used: %%.LOG2: %s (--ignore-dirty reads it "
            "as it stands)",
            whats[i]);
        check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_IO, message);
        check_opens(&place, HC_DIRTY_AS_IS, &place.images.before, 6, "%: dirty, read as it stands");
        /* A torn base block says what it is, and why no log mends it. */
        place.images.before.bytes[HC_BASE_MTIME] ^= 1;
        put(&place, "Hive", place.images.before.bytes, place.images.before.n_bytes);
        g_autofree char *torn = g_strdup_printf("%%: base block: the checksum is wrong (and a "
                                                "transaction log cannot be used: %%.LOG2: %s)",
                                                whats[i]);
        check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_MALFORMED, torn);
        /* A clean hive does not look at them. */
        put(&place, "Hive", place.images.middle.bytes, place.images.middle.n_bytes);
        check_opens(&place, HC_DIRTY_REPLAY, &place.images.middle, 1, NULL);
        place_clear(&place);
    }
}

enum {
    SOMEBODY = 12345,
    SOMEBODY_ELSE = 12346
};

static void
give(const Place *place, const char *name, uid_t owner)
{
    g_autofree char *file = g_build_filename(place->folder, name, NULL);
    CHECK_NUMBER(lchown(file, owner, owner), 0);
}

/* Only root can give files away, so only root can see what is made of those of others. */
static void
planted_logs(void)
{
    Place place;
    if (geteuid() != 0) {
        cu_unproven("not root", "logs of others");
        return;
    }
    place_init(&place);
    put_log(&place, "Hive.LOG1", log_entries(&place.images, 5, 2));
    const char *const replayed =
        "%: dirty, replayed in memory: 2 log entries (5 pages) from Hive.LOG1";
    const char *const refused =
        "%: dirty, and a transaction log cannot be used: %.LOG1: is a file of user 12345 in a "
        "folder that everybody can write, not replayed (--ignore-dirty reads it as it stands)";
    give(&place, "Hive.LOG1", SOMEBODY);
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 7, replayed);
    CHECK_NUMBER(g_chmod(place.folder, 0777), 0);
    check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_UNSUPPORTED, refused);
    CHECK_NUMBER(g_chmod(place.folder, 01777), 0);
    check_refuses(&place, HC_DIRTY_REPLAY, HC_ERROR_UNSUPPORTED, refused);
    /* Of the hive's owner, and of the folder's, with a hive of root's. */
    give(&place, "Hive", SOMEBODY);
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 7, replayed);
    give(&place, "Hive", 0);
    give(&place, ".", SOMEBODY);
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 7, replayed);
    give(&place, "Hive", SOMEBODY_ELSE);
    give(&place, "Hive.LOG1", 0);
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 7, replayed);

    /* A log of root's that somebody has linked to. */
    g_autofree char *file = g_build_filename(place.folder, "Hive.LOG1", NULL);
    g_autofree char *real = g_build_filename(place.folder, "real", NULL);
    CHECK_NUMBER(rename(file, real), 0);
    CHECK_NUMBER(symlink("real", file), 0);
    give(&place, ".", 0);
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.after, 7, replayed);
    give(&place, "Hive.LOG1", SOMEBODY);
    check_refuses(
        &place, HC_DIRTY_REPLAY, HC_ERROR_UNSUPPORTED,
        "%: dirty, and a transaction log cannot be used: %.LOG1: is a symbolic link of user 12345 "
        "in a folder that everybody can write, not replayed (--ignore-dirty reads it as it "
        "stands)");
    /* A clean hive does not look at them. */
    put(&place, "Hive", place.images.middle.bytes, place.images.middle.n_bytes);
    check_opens(&place, HC_DIRTY_REPLAY, &place.images.middle, 1, NULL);
    place_clear(&place);
}

/* Of a disk that begins with a hive, the hive is read and not the disk. */
static void
large_file(void)
{
    enum {
        N_BYTES = 1 << 28,
    };
    Place place;
    place_init(&place);
    CU_ASSERT_EQUAL(truncate(place.hive, N_BYTES), 0);
    struct rusage before;
    struct rusage after;
    CU_ASSERT_EQUAL(getrusage(RUSAGE_SELF, &before), 0);
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_open(place.hive, N_BYTES, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcHive) hive = hc_hive_open_map(map, HC_HIVE_ALLOW_DIRTY, NULL);
    CU_ASSERT_PTR_NOT_NULL(hive);
    CU_ASSERT_EQUAL(getrusage(RUSAGE_SELF, &after), 0);
    /* In KiB. */
    CU_ASSERT_TRUE(after.ru_maxrss - before.ru_maxrss < N_BYTES / 1024 / 4);
    place_clear(&place);
}

const char cu_suite[] = "open";

const CuCase cu_cases[] = {
    {"policies", policies},
    {"torn base block", torn_base_block},
    {"what may be missing", doubts},
    {"broken result", broken_result},
    {"logs that cannot be read", unreadable_logs},
    {"logs that somebody planted", planted_logs},
    {"finding logs", finding},
    {"a hive that a large file begins with", large_file},
    {NULL, NULL},
};
