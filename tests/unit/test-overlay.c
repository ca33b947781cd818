#include "config.h"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#include "hivecore/base/limits.h"
#include "hivecore/delta/diff.h"
#include "hivecore/delta/proof.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/regf/layout.h"
#include "tests/unit/cu.h"
#include "tests/unit/hive-image.h"
#include "tests/unit/tree-text.h"

static const HcEpoch no_epoch = {FALSE, 0};

static HcDelta *
resolved(const HcHive *hive, const char *patch_text)
{
    g_autoptr(HcDelta) patch = hc_delta_new();
    tree_add_statements(patch, patch_text, "a.reg");
    GError *error = NULL;
    HcDelta *exact = hc_delta_resolve(patch, hive, &error);
    CHECK_NO_ERROR(error);
    return exact;
}

static HcHive *
open_bytes(GBytes *bytes)
{
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes("rebuilt", g_bytes_ref(bytes));
    HcHive *hive = hc_hive_open_map(map, 0, &error);
    CHECK_NO_ERROR(error);
    return hive;
}

/*
 * The hive of one text under a patch is, byte for byte, the hive of another: both are in canonical
 * layout, and every time is 1.
 */
static void
check_apply(const char *hive_text, guint minor, const char *patch_text, const char *wanted_text)
{
    g_autoptr(HcHive) hive = tree_open(hive_text, minor);
    g_autoptr(HcDelta) exact = resolved(hive, patch_text);
    g_autoptr(GBytes) wanted = tree_hive(wanted_text, minor);
    GError *error = NULL;
    g_autoptr(GBytes) bytes = hc_rebuild_apply(hive, exact, no_epoch, &error);
    CHECK_NO_ERROR(error);
    if (bytes != NULL)
        CHECK_BYTES(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes),
                    g_bytes_get_data(wanted, NULL), g_bytes_get_size(wanted));
}

static void
applies(void)
{
    const char *hive = "[A]\nv=1:41\nw=4:01000000\n!class=4100\n[A\\B\\C]\nx=3:0102030405\n[Z]";
    check_apply(hive, 5, "", hive);
    check_apply(hive, 5, "[a]\nN=b:01\nW=-\nV=1:4242424242\nM=3:",
                "[A]\nv=1:4242424242\nM=3:\nN=b:01\n!class=4100\n[A\\B\\C]\nx=3:0102030405\n[Z]");
    check_apply(hive, 5, "-[A]", "[Z]");
    check_apply(hive, 5, "-[A\\B]", "[A]\nv=1:41\nw=4:01000000\n!class=4100\n[Z]");
    check_apply(hive, 5, "-[A]\n[A\\New]\nq=3:", "[A\\New]\nq=3:\n[Z]");
    check_apply(hive, 5, "[B\\b\\c]\n=1:41\n[0]\n[_]\n[z\\y]",
                "[0]\n[A]\nv=1:41\nw=4:01000000\n!class=4100\n"
                "[A\\B\\C]\nx=3:0102030405\n[B\\b\\c]\n=1:41\n[Z\\y]\n[_]");
    check_apply(hive, 3, "=1:41\n[Z\\y]",
                "=1:41\n[A]\nv=1:41\nw=4:01000000\n!class=4100\n"
                "[A\\B\\C]\nx=3:0102030405\n[Z\\y]");
}

/* A tombstone with data and a type, which Windows does not write, becomes one without. */
static void
tombstone_with_data(void)
{
    Image image = image_new("v=3:0102030405\nw=1:41000000\n[A]", 6);
    hc_put32(image.bytes + HC_BASE_FLAGS, HC_BASE_FLAG_LAYERED);
    image_sign(&image);
    hc_put16(image_cell(&image, image_value(&image, 0)) + HC_VK_FLAGS,
             HC_VALUE_FLAG_LATIN1 | HC_VALUE_FLAG_TOMBSTONE);
    g_autoptr(HcHive) hive = image_open(image);
    GError *error = NULL;
    g_autoptr(GBytes) bytes = hc_rebuild_apply(hive, NULL, no_epoch, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    gsize n_bytes;
    const void *content = g_bytes_get_data(bytes, &n_bytes);
    Image rebuilt = {g_memdup2(content, n_bytes), n_bytes};
    const uint8_t *vk = image_cell(&rebuilt, image_value(&rebuilt, 0));
    CHECK_NUMBER(hc_get16(vk + HC_VK_FLAGS) & HC_VALUE_FLAG_TOMBSTONE, HC_VALUE_FLAG_TOMBSTONE);
    CHECK_NUMBER(hc_get32(vk + HC_VK_DATA_BYTES), 0);
    CHECK_NUMBER(hc_get32(vk + HC_VK_DATA), HC_NIL);
    CHECK_NUMBER(hc_get32(vk + HC_VK_TYPE), HC_REG_NONE);
    image_check(rebuilt, "");
}

/* What hivex cannot do (test-edit.c has its refusals). */
static void
what_hivex_cannot(void)
{
    g_autofree char *zeros = g_strnfill(2 * 16345, '0');
    g_autofree char *big = g_strdup_printf("[A]\nbig=3:%s\n[A\\S]", zeros);
    g_autofree char *big_and_v = g_strdup_printf("[A]\nbig=3:%s\nv=1:41\n[A\\S]", zeros);
    check_apply("[A]\n[A\\S]", 5, big, big);
    check_apply("[A]\n[A\\S]", 3, big, big);
    check_apply(big, 5, "[A]\nv=1:41", big_and_v);
    check_apply(big, 5, "[A]\nbig=1:41", "[A]\nbig=1:41\n[A\\S]");
    check_apply(big, 5, "[A]\nbig=-", "[A\\S]");
    check_apply(big, 5, "-[A]", "");
    check_apply("[\320\226]", 5, "[\320\266\\\320\260]\n[\320\257]\n[\303\251]",
                "[\303\251]\n[\320\226\\\320\260]\n[\320\257]");
    check_apply("[A]\nv=1:41", 5, "[A]\n!class=4100\n!flags=10\n[N]\n!flags=10\n!security=01020304",
                "[A]\nv=1:41\n!class=4100\n!flags=10\n[N]\n!flags=10\n!security=01020304");
    check_apply("[P\\S]\n[P]\n!flags=40", 5, "[P\\T]\n[Q]", "[P\\S]\n[P\\T]\n[P]\n!flags=40\n[Q]");
    check_apply("[P]\n!flags=40\n[Q]", 5, "-[P]", "[Q]");
    check_apply("[A]\n!security=01020304", 5, "[A\\B]", "[A]\n!security=01020304\n[A\\B]");
}

/* Into an index of leaves and out of it. */
static void
many_children(void)
{
    g_autoptr(GString) all = g_string_new(NULL);
    g_autoptr(GString) gone = g_string_new(NULL);
    for (guint i = 0; i < 5000; i++) {
        g_string_append_printf(all, "[A\\k%04u]\n", i);
        if (i > 0)
            g_string_append_printf(gone, "-[A\\K%04u]\n", i);
    }
    check_apply("[A]", 5, all->str, all->str);
    check_apply(all->str, 5, gone->str, "[A\\k0000]");
}

static void
check_refusal(const char *hive_text, const char *patch_text, HcErrorCode code, const char *message)
{
    g_autoptr(HcHive) hive = tree_open(hive_text, 5);
    g_autoptr(HcDelta) exact = resolved(hive, patch_text);
    GError *error = NULL;
    g_autoptr(GBytes) bytes = hc_rebuild_apply(hive, exact, no_epoch, &error);
    CU_ASSERT_PTR_NULL(bytes);
    CHECK_ERROR(error, code, message);
}

static void
refusals(void)
{
    check_refusal("[A]\n!flags=40", "[A]\nv=1:41", HC_ERROR_UNSUPPORTED,
                  "test.hive: key A: a key that stands for a predefined handle has no values");
    check_refusal("[A]", "[A]\n!flags=40", HC_ERROR_UNSUPPORTED,
                  "test.hive: A: the key becomes a predefined-handle key, whose handle the patch "
                  "does not say");
    check_refusal("[A]", "[B]\n!flags=40", HC_ERROR_UNSUPPORTED,
                  "test.hive: B: a new predefined-handle key, whose handle the patch does not say");
}

/* A delta of another hive. */
static void
conflicts(void)
{
    g_autoptr(HcHive) hive = tree_open("[A]", 5);
    g_autoptr(HcHive) other = tree_open("[B]\nv=1:41", 5);
    g_autoptr(HcDelta) change = resolved(other, "[B]\nv=-");
    g_autoptr(HcDelta) creation = resolved(other, "[A]");
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_rebuild_apply(hive, change, no_epoch, &error));
    CHECK_ERROR(error, HC_ERROR_CONFLICT, "test.hive: B: the hive does not have this key");
    CU_ASSERT_PTR_NULL(hc_rebuild_apply(hive, creation, no_epoch, &error));
    CHECK_ERROR(error, HC_ERROR_CONFLICT, "test.hive: A: the hive has this key already");
}

static void
open_key(HcWriter *writer, HcName name, const HcKeySpec *like)
{
    GError *error = NULL;
    HcKeySpec spec = *like;
    spec.name = name;
    CU_ASSERT_TRUE(hc_writer_open_key(writer, &spec, &error));
    CHECK_NO_ERROR(error);
}

/*
 * A hive whose keys carry all there is: bits 0x22 and user flags 0x0301 on each, a time of its own,
 * a predefined handle; in a differencing hive layer bits and a value tombstone.
 */
static GBytes *
make_laden(gboolean is_differencing, uint64_t last_time, uint8_t bits, const char *last_name)
{
    const HcWriterOptions options = {.minor = 6,
                                     .is_differencing = is_differencing,
                                     .file_name = HC_NAME_ASCII("\\Windows\\X_Delta"),
                                     .mtime_filetime = 5};
    HcKeySpec spec = {.security = hc_default_root_security(),
                      .flags = 0x82,
                      .access_bits = bits,
                      .user_flags = 0x0301,
                      .mtime_filetime = 77};
    const HcBlob data = {(const uint8_t *) "data", 4};
    GError *error = NULL;
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    open_key(writer, HC_NAME_ASCII("odd root name"), &spec);
    spec.layer_bits = is_differencing ? HC_LAYER_INHERIT_CLASS : 0;
    open_key(writer, HC_NAME_ASCII("first"), &spec);
    (void) hc_writer_value(writer, HC_NAME_ASCII("z"), 0xffff0012, data, &error);
    if (is_differencing)
        (void) hc_writer_value_tombstone(writer, HC_NAME_ASCII("gone"), &error);
    (void) hc_writer_value(writer, HC_NAME_ASCII("a"), 1, (HcBlob){NULL, 0}, &error);
    (void) hc_writer_close_key(writer, &error);
    spec.mtime_filetime = last_time;
    spec.flags |= HC_KEY_FLAG_PREDEFINED;
    spec.predefined_handle = 0x80000050;
    open_key(writer, (HcName){(const uint8_t *) last_name, 4, TRUE}, &spec);
    (void) hc_writer_close_key(writer, &error);
    (void) hc_writer_close_key(writer, &error);
    GBytes *bytes = hc_writer_finish(writer, &error);
    CHECK_NO_ERROR(error);
    return bytes;
}

static void
keeps_all(void)
{
    for (int is_differencing = 0; is_differencing <= 1; is_differencing++) {
        g_autoptr(GBytes) before = make_laden(is_differencing, 78, 0x22, "last");
        g_autoptr(HcHive) hive = open_bytes(before);
        GError *error = NULL;
        g_autoptr(GBytes) after = hc_rebuild_apply(hive, NULL, (HcEpoch){TRUE, 1}, &error);
        CHECK_NO_ERROR(error);
        CHECK_BYTES(g_bytes_get_data(after, NULL), g_bytes_get_size(after),
                    g_bytes_get_data(before, NULL), g_bytes_get_size(before));
    }
    g_autoptr(GBytes) layer = make_laden(TRUE, 78, 0x22, "last");
    g_autoptr(HcHive) hive = open_bytes(layer);
    g_autoptr(HcDelta) exact = resolved(hive, "[first]\nnew=1:41");
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_rebuild_apply(hive, exact, no_epoch, &error));
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "rebuilt: root key: a differencing hive, whose changes mean something only above "
                "its base");
}

static uint64_t
time_of(const HcHive *hive, const char *a, const char *b)
{
    const HcName path[] = {{(const uint8_t *) a, 1, TRUE}, {(const uint8_t *) b, 1, TRUE}};
    HcKey key;
    return hc_hive_lookup(hive, path, (a[0] != '\0') + (b[0] != '\0'), &key, NULL)
               ? key.mtime_filetime
               : 0;
}

/* SOURCE_DATE_EPOCH reaches what changes, nothing else; as in test-edit.c. */
static void
times(void)
{
    g_autoptr(HcHive) hive = tree_open("[A\\B]\nv=1:41\n[A\\C]\n[Z\\Y]\n[Q]", 5);
    g_autoptr(HcDelta) exact = resolved(hive, "[A\\N]\n[A\\C]\nw=1:41\n-[Z\\Y]\n[Q]\n!class=4100");
    const uint64_t then = UINT64_C(127806878450000000);
    GError *error = NULL;
    g_autoptr(GBytes) bytes = hc_rebuild_apply(hive, exact, (HcEpoch){TRUE, 1136214245}, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    g_autoptr(HcHive) after = open_bytes(bytes);
    CHECK_NUMBER(time_of(after, "", ""), 1);
    CHECK_NUMBER(time_of(after, "A", ""), then);
    CHECK_NUMBER(time_of(after, "A", "B"), 1);
    CHECK_NUMBER(time_of(after, "A", "C"), then);
    CHECK_NUMBER(time_of(after, "A", "N"), then);
    CHECK_NUMBER(time_of(after, "Z", ""), then);
    CHECK_NUMBER(time_of(after, "Q", ""), then);
}

/* The proof finds what is not as it was asked for. */
static void
check_proof(GBytes *before, GBytes *after, const char *patch_text, const char *defect)
{
    g_autoptr(HcHive) hive = open_bytes(before);
    g_autoptr(HcDelta) exact = resolved(hive, patch_text);
    GError *error = NULL;
    g_autofree char *message =
        g_strdup_printf("rebuilt: the new hive failed its proof: %s; nothing was written", defect);
    CU_ASSERT_FALSE(hc_proof(hive, NULL, after, exact, no_epoch, &error));
    CHECK_ERROR(error, HC_ERROR_INTERNAL, message);
}

static void
proof(void)
{
    g_autoptr(GBytes) plain = tree_hive("[A]\nv=1:41\nw=1:42", 5);
    g_autoptr(GBytes) reordered = tree_hive("[A]\nw=1:42\nv=1:41", 5);
    g_autoptr(GBytes) respelled = tree_hive("[A]\nV=1:41\nw=1:42", 5);
    g_autoptr(GBytes) more = tree_hive("[A]\nv=1:41\nw=1:42\n[B]", 5);
    check_proof(plain, reordered, "", "the order of values changed");
    check_proof(plain, respelled, "", "the spelling of a name changed");
    check_proof(plain, more, "", "its difference to the original is not the patch");
    check_proof(plain, plain, "[B]", "its difference to the original is not the patch");
    check_proof(plain, more, "[C]", "its difference to the original is not the patch");

    g_autoptr(GBytes) laden = make_laden(FALSE, 78, 0x22, "last");
    g_autoptr(GBytes) timed = make_laden(FALSE, 79, 0x22, "last");
    g_autoptr(GBytes) bits = make_laden(FALSE, 78, 0x23, "last");
    g_autoptr(GBytes) name = make_laden(FALSE, 78, 0x22, "LAST");
    g_autoptr(GBytes) layer = make_laden(TRUE, 78, 0x22, "last");
    check_proof(laden, timed, "", "a last-written time changed");
    check_proof(laden, bits, "", "bits that no patch speaks of changed");
    check_proof(laden, name, "", "the spelling of a name changed");
    check_proof(laden, layer, "", "it is of another kind");
}

/* The same bytes in the same places are the short way of diff: a change anywhere must show. */
static void
diff_in_place(void)
{
    g_autoptr(GBytes) bytes = tree_hive("[A]\nv=3:0102030405060708\nw=4:01000000\n[B]\nx=1:41", 5);
    gsize n_bytes = g_bytes_get_size(bytes);
    g_autoptr(HcHive) before = open_bytes(bytes);
    const HcName path[] = {HC_NAME_ASCII("A")};
    HcKey key;
    HcValue value;
    GError *error = NULL;
    CU_ASSERT_TRUE_FATAL(hc_hive_lookup(before, path, 1, &key, &error));
    CU_ASSERT_TRUE_FATAL(hc_hive_value(before, &key, 0, &value, &error));
    const gsize data = HC_BASE_BLOCK_BYTES + (gsize) hc_get32(value.vk + HC_VK_DATA) + 4;
    const gsize vk = HC_BASE_BLOCK_BYTES + (gsize) value.offset + 4;
    const struct {
        gsize at;
        const char *wanted;
    } cases[] = {
        {data + 7, " A\n  ~v 3:0102030405060708 -> 3:01020304050607f7\n"},
        {vk + HC_VK_TYPE, " A\n  ~v 3:0102030405060708 -> fc:0102030405060708\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t *copy = g_memdup2(g_bytes_get_data(bytes, NULL), n_bytes);
        copy[cases[i].at] ^= 0xff;
        g_autoptr(GBytes) changed = g_bytes_new_take(copy, n_bytes);
        g_autoptr(HcHive) after = open_bytes(changed);
        g_autoptr(HcDelta) difference = hc_diff(before, after, HC_IGNORE_DEFAULT, NULL, &error);
        CHECK_NO_ERROR(error);
        g_autofree char *text = tree_delta_text(difference);
        CHECK_STRING(text, cases[i].wanted);
    }
}

/* 16 keys of 64 values of 16,000 bytes each: 16 MB. */
static gboolean
write_large(HcWriter *writer, GError **error)
{
    g_autofree uint8_t *data = g_malloc0(16000);
    const HcKeySpec root = {.name = HC_NAME_ASCII("ROOT"), .security = hc_default_root_security()};
    if (!hc_writer_open_key(writer, &root, error))
        return FALSE;
    for (guint i = 0; i < 16; i++) {
        char name[4] = {'k', (char) ('a' + i), '\0'};
        const HcKeySpec spec = {.name = {(const uint8_t *) name, 2, TRUE}};
        if (!hc_writer_open_key(writer, &spec, error))
            return FALSE;
        for (guint j = 0; j < 64; j++) {
            name[0] = (char) ('0' + j);
            if (!hc_writer_value(writer, (HcName){(const uint8_t *) name, 1, TRUE}, 3,
                                 (HcBlob){data, 16000}, error))
                return FALSE;
        }
        if (!hc_writer_close_key(writer, error))
            return FALSE;
    }
    return hc_writer_close_key(writer, error);
}

static gsize
heap_bytes(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* The heap does not grow with the hive; a sanitizer has a heap of its own that says nothing. */
static void
memory(void)
{
    const HcWriterOptions options = {.minor = 5, .file_name = HC_NAME_EMPTY};
    GError *error = NULL;
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    const gsize heap = heap_bytes();
    CU_ASSERT_TRUE(write_large(writer, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(heap_bytes() - heap < 256 * 1024);
    g_autoptr(GBytes) bytes = hc_writer_finish(writer, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(g_bytes_get_size(bytes) > 16 * 1024 * 1000);

    g_autoptr(HcHive) hive = open_bytes(bytes);
    const HcWriterOptions again = hc_overlay_writer_options(hive);
    g_autoptr(HcWriter) second = hc_writer_new(&again);
    const gsize before = heap_bytes();
    CU_ASSERT_TRUE(hc_overlay_write(hive, NULL, no_epoch, second, &error));
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(heap_bytes() - before < 256 * 1024);
    g_autoptr(GBytes) rebuilt = hc_writer_finish(second, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE(g_bytes_equal(bytes, rebuilt));
}

/* No room is an error, not the end of the program: here a limit on file sizes stands for it. */
static void
no_room(void)
{
    struct rlimit old;
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit small = {1024 * 1024, old.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    const HcWriterOptions options = {.minor = 5, .file_name = HC_NAME_EMPTY};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    GError *error = NULL;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    const gboolean done = write_large(writer, &error);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void) signal(SIGXFSZ, handler);
    CU_ASSERT_FALSE(done);
    CHECK_ERROR(error, HC_ERROR_IO, "the new hive: cannot write: File too large");
}

const char cu_suite[] = "overlay";
const CuCase cu_cases[] = {{"applies", applies},
                           {"tombstone with data", tombstone_with_data},
                           {"what hivex cannot", what_hivex_cannot},
                           {"many children", many_children},
                           {"refusals", refusals},
                           {"conflicts", conflicts},
                           {"keeps all", keeps_all},
                           {"times", times},
                           {"proof", proof},
                           {"diff in place", diff_in_place},
                           {"memory", memory},
                           {"no room", no_room},
                           {NULL, NULL}};
