#include "config.h"

#include <string.h>

#include "hivecore/regf/layout.h"
#include "hivecore/regf/open.h"
#include "tests/unit/cu.h"
#include "tests/unit/log-images.h"

/* The hive is dirty with 6 and 5 unless a test says something else: entry 5 comes next. */

enum {
    ENTRY = 512 /* offset of a log's first entry */
};

/* The state that a replay must give: @image, clean with @sequence. */
static void
check_state(const HcMap *map, const MkImage *image, uint32_t sequence)
{
    g_autofree uint8_t *wanted = g_memdup2(image->bytes, image->n_bytes);
    mk_image_set_sequence(wanted, sequence, sequence);
    CHECK_BYTES(hc_map_data(map), hc_map_size(map), wanted, image->n_bytes);
}

/* Replays @log_a and @log_b (NULL for none; both taken) into @hive, which must give @image. */
static void
check_replay(const MkImage *hive, GByteArray *log_a, GByteArray *log_b, const MkImage *image,
             uint32_t sequence, const char *report_text)
{
    g_autoptr(HcMap) map = log_hive(hive);
    g_autoptr(HcMap) a = log_map("a", log_a);
    g_autoptr(HcMap) b = log_b != NULL ? log_map("b", log_b) : NULL;
    HcMap *logs[] = {a, b};
    g_auto(HcLogReport) report = {0};
    GError *error = NULL;
    g_autoptr(HcMap) result = hc_log_replay(map, logs, b != NULL ? 2 : 1, &report, &error);
    CHECK_NO_ERROR(error);
    if (result != NULL)
        check_state(result, image, sequence);
    g_autofree char *text = log_report_text(&report);
    CHECK_STRING(text, report_text);
}

/* The same where nothing may be applied. */
static void
check_refused(const MkImage *hive, GByteArray *log_a, GByteArray *log_b, HcErrorCode code,
              const char *message)
{
    g_autoptr(HcMap) map = log_hive(hive);
    g_autoptr(HcMap) a = log_a != NULL ? log_map("a", log_a) : NULL;
    g_autoptr(HcMap) b = log_b != NULL ? log_map("b", log_b) : NULL;
    HcMap *logs[] = {a, b};
    g_auto(HcLogReport) report = {0};
    GError *error = NULL;
    g_autoptr(HcMap) result = hc_log_replay(map, logs, (a != NULL) + (b != NULL), &report, &error);
    CU_ASSERT_PTR_NULL(result);
    CHECK_ERROR(error, code, message);
}

static void
new_format(void)
{
    LogImages images;
    log_images_init(&images, 5);
    const MkImage *before = &images.before;

    check_replay(before, log_entries(&images, 5, 1), NULL, &images.middle, 6,
                 "a: 1 entries from 5, 4 pages\n");
    check_replay(before, log_entries(&images, 5, 2), NULL, &images.after, 7,
                 "a: 2 entries from 5, 5 pages\n");
    /* Numbers later than the hive's: it was not written since. */
    check_replay(before, log_entries(&images, 80, 2), NULL, &images.after, 82,
                 "a: 2 entries from 80, 5 pages\n");
    /* Both logs, whichever comes first. */
    check_replay(before, log_entries(&images, 5, 1), log_last(&images, 6), &images.after, 7,
                 "a: 1 entries from 5, 4 pages\nb: 1 entries from 6, 1 pages\n");
    check_replay(before, log_last(&images, 6), log_entries(&images, 5, 1), &images.after, 7,
                 "a: 1 entries from 6, 1 pages\nb: 1 entries from 5, 4 pages\n");
    /* An empty second log, one that was applied before, and one of the older format. */
    check_replay(before, log_entries(&images, 5, 2), g_byte_array_new(), &images.after, 7,
                 "a: 2 entries from 5, 5 pages\nb: not used; is empty\n");
    check_replay(before, log_last(&images, 4), log_entries(&images, 5, 2), &images.after, 7,
                 "a: not used; its last entry, 4, is before the hive's number 5\n"
                 "b: 2 entries from 5, 5 pages\n");
    check_replay(before, log_entries(&images, 5, 2), log_dirt(&images, 1, 6), &images.after, 7,
                 "a: 2 entries from 5, 5 pages\nb: not used; is of the older format\n");
    log_images_clear(&images);
}

/* Where the sequence of entries ends. */
static void
entries_end(void)
{
    LogImages images;
    log_images_init(&images, 5);
    const MkImage *before = &images.before;

    GByteArray *log = log_entries(&images, 5, 1);
    const gsize second = log->len;
    GByteArray *last = log_last(&images, 3);
    g_byte_array_append(log, last->data + ENTRY, last->len - ENTRY);
    g_byte_array_unref(last);
    check_replay(before, log, NULL, &images.middle, 6, "a: 1 entries from 5, 4 pages\n");

    const struct {
        gsize offset; /* in the second entry */
        uint32_t value;
        const char *reason;
    } defects[] = {
        {HC_HVLE_HASH1, 1, "; entry 6: its hash is wrong"},
        {HC_HVLE_HASH2, 1, "; entry 6: its hash is wrong"},
        {HC_HVLE_FLAGS, 1, "; entry 6: its hash is wrong"},
        {HC_HVLE_REFERENCES + 100, 1, "; entry 6: its hash is wrong"},
        {HC_HVLE_BYTES, 0, "; entry 6: its size cannot be right"},
        {HC_HVLE_BYTES, 0x1fff, "; entry 6: its size cannot be right"},
        {HC_HVLE_BYTES, 0x10000, "; entry 6: it is cut off"},
        {HC_HVLE_BINS_BYTES, 0x5001, "; entry 6: its hive bins size cannot be right"},
        {HC_HVLE_SEQUENCE, 7, ""},
        {0, 0, ""}, /* the signature */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(defects); i++) {
        log = log_entries(&images, 5, 2);
        hc_put32(log->data + second + defects[i].offset, defects[i].value);
        g_autofree char *text =
            g_strconcat("a: 1 entries from 5, 4 pages", defects[i].reason, "\n", NULL);
        check_replay(before, log, NULL, &images.middle, 6, text);
    }

    /* What follows the missing entry in another log is not applied. */
    log = log_entries(&images, 5, 2);
    log->data[second + HC_HVLE_HASH1] ^= 1;
    check_replay(before, log, log_last(&images, 7), &images.middle, 6,
                 "a: 1 entries from 5, 4 pages; entry 6: its hash is wrong\n"
                 "b: not used; goes on at entry 7, 6 must come first\n");
    log_images_clear(&images);
}

static void
new_refused(void)
{
    LogImages images;
    log_images_init(&images, 5);
    const MkImage *before = &images.before;
#define NOT_FIT "x: the hive is dirty and no transaction log fits: "

    check_refused(before, NULL, NULL, HC_ERROR_UNSUPPORTED,
                  "x: the hive is dirty and there is no transaction log");
    check_refused(before, log_entries(&images, 3, 2), NULL, HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: its last entry, 4, is before the hive's number 5");
    check_refused(before, log_entries(&images, 4, 2), NULL, HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: starts with entry 4, before the hive's number 5");
    check_refused(before, g_byte_array_new(), NULL, HC_ERROR_UNSUPPORTED, NOT_FIT "a: is empty");

    GByteArray *log = log_entries(&images, 5, 1);
    log->data[ENTRY + HC_HVLE_HASH1] ^= 1;
    check_refused(before, log, log_last(&images, 6), HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: entry 5: its hash is wrong; "
                          "b: goes on at entry 6, 5 must come first");
    log = log_entries(&images, 5, 1);
    mk_image_set_sequence(log->data, 6, 6);
    check_refused(before, log, NULL, HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: log entry 6, with which it must start, is not there");
    log = log_entries(&images, 5, 1);
    mk_image_set_sequence(log->data, 6, 5);
    check_refused(before, log, NULL, HC_ERROR_MALFORMED,
                  NOT_FIT "a: its sequence numbers differ: it was not written to its end");

    /* One field of the base block, signed anew or not. */
    const struct {
        gsize offset;
        uint32_t value;
        gboolean is_signed;
        HcErrorCode code;
        const char *message;
    } defects[] = {
        {HC_BASE_ROOT, 0x80, TRUE, HC_ERROR_UNSUPPORTED,
         NOT_FIT "a: belongs to another hive: its version or root cell is another one"},
        {HC_BASE_MTIME, 0x12345, FALSE, HC_ERROR_MALFORMED,
         NOT_FIT "a: the checksum of its base block is wrong"},
        {HC_BASE_TYPE, 0, TRUE, HC_ERROR_MALFORMED, NOT_FIT "a: is a hive, no transaction log"},
        {HC_BASE_TYPE, 7, TRUE, HC_ERROR_MALFORMED,
         NOT_FIT "a: the file type in its base block is none of a transaction log"},
        {0, 0, FALSE, HC_ERROR_MALFORMED,
         NOT_FIT "a: is no transaction log: the signature \"regf\" is missing"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(defects); i++) {
        log = log_entries(&images, 5, 1);
        hc_put32(log->data + defects[i].offset, defects[i].value);
        if (defects[i].is_signed)
            mk_image_sign(log->data);
        check_refused(before, log, NULL, defects[i].code, defects[i].message);
    }
    log_images_clear(&images);
}

/* A log's or hive's base block with another file name and RmId (a byte, 0 for none). */
static void
set_identity(uint8_t *base, const char *name, uint8_t id)
{
    memset(base + HC_BASE_NAME, 0, HC_BASE_NAME_BYTES);
    for (gsize i = 0; name[i] != '\0'; i++)
        hc_put16(base + HC_BASE_NAME + 2 * i, (uint8_t) name[i]);
    memset(base + HC_BASE_RM_ID, id, HC_BASE_RM_ID_BYTES);
    mk_image_sign(base);
}

static GByteArray *
named(GByteArray *log, const char *name, uint8_t id)
{
    set_identity(log->data, name, id);
    return log;
}

/* Logs that lie beside the wrong hive: their numbers may well fit. */
static void
other_hive(void)
{
    LogImages images;
    log_images_init(&images, 5);
    MkImage *before = &images.before;
    set_identity(before->bytes, "a\\SAM", 3);
    set_identity(images.middle.bytes, "a\\SAM", 3);
    set_identity(images.after.bytes, "a\\SAM", 3);
#define FOREIGN "belongs to another hive: "

    check_replay(before, named(log_entries(&images, 5, 2), "A\\sam", 3), NULL, &images.after, 7,
                 "a: 2 entries from 5, 5 pages\n");
    check_replay(before, named(log_entries(&images, 5, 2), "", 3), NULL, &images.after, 7,
                 "a: 2 entries from 5, 5 pages\n");
    check_replay(before, named(log_entries(&images, 5, 2), "a\\SAM", 0), NULL, &images.after, 7,
                 "a: 2 entries from 5, 5 pages\n");
    check_refused(before, named(log_entries(&images, 5, 2), "a\\SAM", 4), NULL,
                  HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: " FOREIGN "its resource manager (RmId) is another one");
    check_refused(before, named(log_entries(&images, 5, 2), "a\\SAM2", 3), NULL,
                  HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: " FOREIGN "its file name is \"a\\SAM2\", not \"a\\SAM\"");
    check_refused(before, named(log_dirt(&images, 1, 6), "a\\SA", 3), NULL, HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: " FOREIGN "its file name is \"a\\SA\", not \"a\\SAM\"");
    /* One of two: the other is enough, or it is not. */
    check_replay(before, named(log_last(&images, 7), "b", 0), log_entries(&images, 5, 2),
                 &images.after, 7,
                 "a: not used; " FOREIGN "its file name is \"b\", not \"a\\SAM\"\n"
                 "b: 2 entries from 5, 5 pages\n");
    check_refused(before, named(log_entries(&images, 5, 1), "b", 0), log_last(&images, 6),
                  HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: " FOREIGN "its file name is \"b\", not \"a\\SAM\"; "
                          "b: starts at entry 6, the hive needs 5");

    /* Of a torn base block, what agrees counts. */
    MkImage torn = {g_memdup2(before->bytes, before->n_bytes), before->n_bytes};
    torn.bytes[HC_BASE_NAME] ^= 1;
    check_replay(&torn, log_entries(&images, 5, 2), NULL, &images.after, 7,
                 "base block\na: 2 entries from 5, 5 pages\n");
    torn.bytes[HC_BASE_RM_ID] ^= 2;
    check_refused(&torn, log_entries(&images, 5, 2), NULL, HC_ERROR_UNSUPPORTED,
                  "x: the base block is torn and no transaction log fits: "
                  "a: " FOREIGN "its file name is \"a\\SAM\", not \"`\\SAM\"");
    memset(torn.bytes, 0, 512);
    check_replay(&torn, named(log_last(&images, 4), "b", 3), log_entries(&images, 5, 2),
                 &images.after, 7,
                 "base block\na: not used; " FOREIGN "its file name is \"b\", not \"a\\SAM\"\n"
                 "b: 2 entries from 5, 5 pages\n");
    g_free(torn.bytes);
    log_images_clear(&images);
}

/* A first log that is lost: nobody knows what it held. */
static void
lost_first_log(void)
{
    LogImages images;
    log_images_init(&images, 5);
    const MkImage *before = &images.before;
    check_replay(&images.before, g_byte_array_new(), log_entries(&images, 6, 2), &images.after, 8,
                 "a: not used; is empty\nb: 2 entries from 6, 5 pages\n");
    for (guint i = 0; i < 3; i++) {
        const char *const reasons[] = {
            "a: is no transaction log: the signature \"regf\" is missing",
            "a: the checksum of its base block is wrong",
            "a: log entry 5, with which it must start, is not there",
        };
        GByteArray *log = log_entries(&images, 5, 1);
        if (i == 1)
            log->data[HC_BASE_NAME] ^= 1;
        else
            g_byte_array_set_size(log, i == 0 ? 511 : 512);
        g_autofree char *message = g_strconcat(NOT_FIT, reasons[i],
                                               i == 2 ? "; b: goes on at entry 6, 5 must come first"
                                                      : "; b: starts at entry 6, the hive needs 5",
                                               NULL);
        check_refused(before, log, log_entries(&images, 6, 2),
                      i == 2 ? HC_ERROR_UNSUPPORTED : HC_ERROR_MALFORMED, message);
    }
    /* A damaged one beside a log that starts where it must, and an old leftover, do not matter. */
    GByteArray *torn = log_last(&images, 7);
    torn->data[HC_BASE_NAME] ^= 1;
    check_replay(before, torn, log_entries(&images, 5, 2), &images.after, 7,
                 "a: not used; the checksum of its base block is wrong\n"
                 "b: 2 entries from 5, 5 pages\n");
    GByteArray *leftover = log_dirt(&images, 1, 3);
    g_byte_array_set_size(leftover, 512);
    check_replay(before, leftover, log_entries(&images, 6, 2), &images.after, 8,
                 "a: not used; its dirty vector is missing\nb: 2 entries from 6, 5 pages\n");
    log_images_clear(&images);
}

/* Numbers that somebody made up, with hashes that are right. */
static void
hostile_entries(void)
{
    LogImages images;
    log_images_init(&images, 5);
    const struct {
        gsize offset;
        uint32_t value;
        const char *reason;
    } defects[] = {
        {HC_HVLE_BINS_BYTES, 0x7ffff000, "its hive bins size cannot be right"},
        {HC_HVLE_BINS_BYTES, 0xfffff000, "its hive bins size cannot be right"},
        {HC_HVLE_BINS_BYTES, 0, "one of its pages is outside the hive bins"},
        {HC_HVLE_BINS_BYTES, 0x1000, "one of its pages is outside the hive bins"},
        {HC_HVLE_N_PAGES, UINT32_MAX, "it has no room for its pages"},
        {HC_HVLE_N_PAGES, 0x20000000, "it has no room for its pages"},
        {HC_HVLE_N_PAGES, 1000, "it has no room for its pages"},
        {HC_HVLE_REFERENCES, 0x3001, "one of its pages is outside the hive bins"},
        {HC_HVLE_REFERENCES, UINT32_MAX, "one of its pages is outside the hive bins"},
        {HC_HVLE_REFERENCES + 4, UINT32_MAX, "it has no room for its pages"},
        {HC_HVLE_REFERENCES + 4, 0x4001, "one of its pages is outside the hive bins"},
        {HC_HVLE_BYTES, UINT32_MAX, "its size cannot be right"},
        {HC_HVLE_BYTES, 0xfffffe00, "it is cut off"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(defects); i++) {
        GByteArray *log = log_entries(&images, 5, 1);
        hc_put32(log->data + ENTRY + defects[i].offset, defects[i].value);
        log_sign_entry(log, ENTRY);
        g_autofree char *message = g_strconcat(NOT_FIT "a: entry 5: ", defects[i].reason, NULL);
        check_refused(&images.before, log, NULL, HC_ERROR_UNSUPPORTED, message);
    }
    log_images_clear(&images);
}

/* Only the lowest flag of the base block is an entry's to set and to clear. */
static void
flags(void)
{
    LogImages images;
    log_images_init(&images, 5);
    hc_put32(images.before.bytes + HC_BASE_FLAGS, 5);
    mk_image_sign(images.before.bytes);
    hc_put32(images.middle.bytes + HC_BASE_FLAGS, 4);
    check_replay(&images.before, log_entries(&images, 5, 1), NULL, &images.middle, 6,
                 "a: 1 entries from 5, 4 pages\n");
    GByteArray *log = log_entries(&images, 5, 1);
    hc_put32(log->data + ENTRY + HC_HVLE_FLAGS, 3);
    log_sign_entry(log, ENTRY);
    hc_put32(images.middle.bytes + HC_BASE_FLAGS, 5);
    check_replay(&images.before, log, NULL, &images.middle, 6, "a: 1 entries from 5, 4 pages\n");
    log_images_clear(&images);
}

static void
old_format(void)
{
    LogImages images;
    log_images_init(&images, 5);
    const MkImage *before = &images.before;
    check_replay(before, log_dirt(&images, 1, 6), NULL, &images.after, 6,
                 "a: 0 entries from 6, 32 pages\n");
    /* Windows 2000; Windows XP, whose log is one behind. */
    check_replay(before, log_dirt(&images, 2, 5), NULL, &images.after, 6,
                 "a: 0 entries from 5, 32 pages\n");
    check_replay(before, log_dirt(&images, 1, 6), log_dirt(&images, 1, 6), &images.after, 6,
                 "a: 0 entries from 6, 32 pages\nb: not used; is not needed\n");

    GByteArray *log = log_dirt(&images, 1, 6);
    hc_put64(log->data + HC_BASE_MTIME, 43);
    mk_image_sign(log->data);
    check_refused(before, log, NULL, HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: belongs to another write: its time stamp is not the hive's");
    check_refused(before, log_dirt(&images, 1, 4), NULL, HC_ERROR_UNSUPPORTED,
                  NOT_FIT "a: its sequence number 4 is before the hive's");
    log = log_dirt(&images, 1, 6);
    log->data[ENTRY] = 'd';
    check_refused(before, log, NULL, HC_ERROR_MALFORMED, NOT_FIT "a: its dirty vector is missing");
    log = log_dirt(&images, 1, 6);
    g_byte_array_set_size(log, log->len - 1);
    check_refused(before, log, NULL, HC_ERROR_MALFORMED,
                  NOT_FIT "a: is cut off inside its dirty pages");
    log = log_dirt(&images, 1, 6);
    g_byte_array_set_size(log, ENTRY + 5);
    check_refused(before, log, NULL, HC_ERROR_MALFORMED,
                  NOT_FIT "a: is cut off inside its dirty vector");
    /* One that is no multiple of 4096, one that the vector has no room for, and one for which
     * the hive and the log do not hold enough. */
    const uint32_t sizes[] = {0x7ffff001, 0x7ffff000, 0x100000};
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        log = log_dirt(&images, 1, 6);
        hc_put32(log->data + HC_BASE_BINS_BYTES, sizes[i]);
        mk_image_sign(log->data);
        check_refused(before, log, NULL, HC_ERROR_MALFORMED,
                      i == 1 ? NOT_FIT "a: is cut off inside its dirty vector"
                             : NOT_FIT "a: the hive bins size in its base block cannot be right");
    }
    log_images_clear(&images);
}

/* A base block that was cut through by the crash comes from the log. */
static void
torn_base_block(void)
{
    LogImages images;
    log_images_init(&images, 5);
    MkImage torn = {g_memdup2(images.before.bytes, images.before.n_bytes), images.before.n_bytes};
    memset(torn.bytes, 0xee, 512);

    check_replay(&torn, log_entries(&images, 5, 2), NULL, &images.after, 7,
                 "base block\na: 2 entries from 5, 5 pages\n");
    check_replay(&torn, log_last(&images, 6), log_entries(&images, 5, 1), &images.after, 7,
                 "base block\na: 1 entries from 6, 1 pages\nb: 1 entries from 5, 4 pages\n");
    check_replay(&torn, log_last(&images, 9), log_entries(&images, 12, 2), &images.after, 14,
                 "base block\na: not used; does not lead up to entry 12\n"
                 "b: 2 entries from 12, 5 pages\n");
    check_replay(&torn, log_dirt(&images, 1, 6), NULL, &images.after, 6,
                 "base block\na: 0 entries from 6, 32 pages\n");
    torn.bytes[HC_BASE_BLOCK_BYTES + HC_HBIN_MTIME] ^= 1;
    check_refused(&torn, log_dirt(&images, 1, 6), NULL, HC_ERROR_UNSUPPORTED,
                  "x: the base block is torn and no transaction log fits: "
                  "a: belongs to another write: its time stamp is not the hive's");
    g_free(torn.bytes);
    log_images_clear(&images);
}

static void
clean_hive(void)
{
    LogImages images;
    log_images_init(&images, 5);
    check_replay(&images.middle, log_last(&images, 5), NULL, &images.middle, 1, "");
    log_images_clear(&images);
}

/* Any end or damage of a log: a result or an error, and no access outside. */
static void
try_log(const MkImage *hive, GByteArray *log)
{
    g_autoptr(HcMap) map = log_hive(hive);
    g_autoptr(HcMap) a = log_map("a", log);
    g_auto(HcLogReport) report = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(HcMap) result = hc_log_replay(map, &a, 1, &report, &error);
    CU_ASSERT((result != NULL) == (error == NULL));
}

static void
damaged_logs(void)
{
    LogImages images;
    log_images_init(&images, 5);
    g_autoptr(GRand) random = g_rand_new_with_seed(17);
    for (guint format = 0; format < 2; format++) {
        g_autoptr(GByteArray) whole =
            format == 0 ? log_entries(&images, 5, 2) : log_dirt(&images, 1, 6);
        for (guint n = 0; n <= whole->len; n += 512) {
            GByteArray *log = g_byte_array_new();
            try_log(&images.before, g_byte_array_append(log, whole->data, n));
        }
        for (guint i = 0; i < 3000; i++) {
            GByteArray *log = g_byte_array_new();
            g_byte_array_append(log, whole->data, whole->len);
            /* Mostly where the numbers are. */
            const gint32 end = i % 4 == 0 ? (gint32) whole->len : 600;
            for (gint32 k = g_rand_int_range(random, 1, 5); k > 0; k--)
                log->data[g_rand_int_range(random, 0, end)] = (uint8_t) g_rand_int(random);
            mk_image_sign(log->data);
            if (i % 2 == 0)
                log_sign_entry(log, ENTRY);
            try_log(&images.before, log);
        }
    }
    log_images_clear(&images);
}

const char cu_suite[] = "log";

const CuCase cu_cases[] = {
    {"new format", new_format},
    {"where the entries end", entries_end},
    {"new format refused", new_refused},
    {"another hive's", other_hive},
    {"first log lost", lost_first_log},
    {"hostile entries", hostile_entries},
    {"flags", flags},
    {"old format", old_format},
    {"torn base block", torn_base_block},
    {"clean hive", clean_hive},
    {"damaged logs", damaged_logs},
    {NULL, NULL},
};
