#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/delta/diff.h"
#include "hivecore/delta/rebuild.h"
#include "hivecore/delta/resolve.h"
#include "hivecore/edit/edit.h"
#include "hivecore/edit/wall.h"
#include "hivecore/regf/layout.h"
#include "tests/unit/cu.h"
#include "tests/unit/tree-text.h"

static const HcEpoch no_epoch = {FALSE, 0};

/* Applies @patch_text to @hive; NULL with @error. */
static HcHive *
apply(const HcHive *hive, const char *patch_text, HcEpoch epoch, GError **error)
{
    g_autoptr(HcDelta) patch = hc_delta_new();
    tree_add_statements(patch, patch_text, "a.reg");
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, hive, error);
    if (exact == NULL)
        return NULL;
    GBytes *bytes = hc_edit_apply(hive, exact, epoch, error);
    if (bytes == NULL)
        return NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes("edited", bytes);
    return hc_hive_open_map(map, 0, error);
}

/* The edited hive must hold what @wanted_text says, in values, classes and descriptors. */
static void
check_apply(const char *hive_text, guint minor, const char *patch_text, const char *wanted_text)
{
    g_autoptr(HcHive) hive = tree_open(hive_text, minor);
    g_autoptr(HcHive) wanted = tree_open(wanted_text, minor);
    GError *error = NULL;
    g_autoptr(HcHive) edited = apply(hive, patch_text, no_epoch, &error);
    CHECK_NO_ERROR(error);
    if (edited == NULL)
        return;
    g_autoptr(HcDelta) difference = hc_diff(wanted, edited, HC_IGNORE_ORDER, NULL, &error);
    CHECK_NO_ERROR(error);
    g_autofree char *text = tree_delta_text(difference);
    CHECK_STRING(text, "");
}

static void
applies(void)
{
    const char *hive = "[A]\nv=1:41\nw=4:01000000\n!class=4100\n[A\\B\\C]\nx=3:0102030405\n[Z]";
    check_apply(hive, 5, "[A]\nv=1:4242424242\nw=-\nn=b:01",
                "[A]\nv=1:4242424242\nn=b:01\n!class=4100\n[A\\B\\C]\nx=3:0102030405\n[Z]");
    check_apply(hive, 5, "-[A]", "[Z]");
    check_apply(hive, 5, "-[A\\B]", "[A]\nv=1:41\nw=4:01000000\n!class=4100\n[Z]");
    check_apply(hive, 5, "-[A]\n[A\\New]\nq=3:", "[A\\New]\nq=3:\n[Z]");
    check_apply(hive, 5, "[B\\b\\c]\n=1:41\n[0]\n[_]\n[z\\y]",
                "[A]\nv=1:41\nw=4:01000000\n!class=4100\n"
                "[A\\B\\C]\nx=3:0102030405\n[Z\\y]\n[B\\b\\c]\n=1:41\n[0]\n[_]");
    check_apply(hive, 5, "=1:41",
                "=1:41\n[A]\nv=1:41\nw=4:01000000\n!class=4100\n"
                "[A\\B\\C]\nx=3:0102030405\n[Z]");
    /* Siblings of a big value in one cell, and lf lists: version 1.3. */
    check_apply(hive, 3, "[Z\\y]\n[A\\C]\n-[A\\B]",
                "[A]\nv=1:41\nw=4:01000000\n!class=4100\n[A\\C]\n[Z\\y]");
}

static void
value_names(void)
{
    check_apply("[A]\ncaf\303\251=1:41", 5, "[A]\n\320\226=1:42\ncaf\303\251=1:43",
                "[A]\ncaf\303\251=1:43\n\320\226=1:42");
}

/* In a version 1.3 hive a new list must be lf, with the first four characters as hint. */
static void
old_lists(void)
{
    g_autoptr(HcHive) hive = tree_open("[A]", 3);
    GError *error = NULL;
    const HcName path[] = {HC_NAME_ASCII("A")};
    HcKey key;
    g_autoptr(HcHive) edited = apply(hive, "[A\\Subkey]\n[A\\ab]", no_epoch, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE_FATAL(hc_hive_lookup(edited, path, 1, &key, &error));
    const uint8_t *list =
        hc_hive_cell(edited, hc_get32(key.nk + HC_NK_SUBKEYS), 20, "subkey list", NULL, &error);
    CHECK_NO_ERROR(error);
    CHECK_BYTES(list, 4, "lf\2\0", 4);
    CHECK_BYTES(list + 8, 4, "ab\0\0", 4);
    CHECK_BYTES(list + 16, 4, "Subk", 4);
}

/* The last subkey gone, the key has no list, as in hives that Windows wrote. */
static void
empty_list(void)
{
    g_autoptr(HcHive) hive = tree_open("[A\\B]", 5);
    GError *error = NULL;
    const HcName path[] = {HC_NAME_ASCII("A")};
    HcKey key;
    g_autoptr(HcHive) edited = apply(hive, "-[A\\B]", no_epoch, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_TRUE_FATAL(hc_hive_lookup(edited, path, 1, &key, &error));
    CHECK_NUMBER(key.n_subkeys, 0);
    CHECK_NUMBER(hc_get32(key.nk + HC_NK_SUBKEYS), HC_NIL);
    g_autoptr(HcHive) again = apply(edited, "[A\\C]", no_epoch, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL(again);
}

static uint64_t
time_of(const HcHive *hive, const HcName *path, gsize n)
{
    HcKey key;
    return hc_hive_lookup(hive, path, n, &key, NULL) ? key.mtime_filetime : 0;
}

/* SOURCE_DATE_EPOCH reaches the keys whose values or list of subkeys change, no other. */
static void
times(void)
{
    g_autoptr(HcHive) hive = tree_open("[A\\B]\nv=1:41\n[A\\C]\n[Z\\Y]", 5);
    GError *error = NULL;
    const HcEpoch epoch = {TRUE, 1136214245};
    const uint64_t then = UINT64_C(127806878450000000);
    const HcName a_b[] = {HC_NAME_ASCII("A"), HC_NAME_ASCII("B")};
    const HcName a_b_n[] = {HC_NAME_ASCII("A"), HC_NAME_ASCII("B"), HC_NAME_ASCII("N")};
    const HcName a_c[] = {HC_NAME_ASCII("A"), HC_NAME_ASCII("C")};
    const HcName z[] = {HC_NAME_ASCII("Z")};
    g_autoptr(HcHive) edited = apply(hive, "[A\\B\\N]\n[A\\C]\nw=1:41\n-[Z\\Y]", epoch, &error);
    CHECK_NO_ERROR(error);
    CHECK_NUMBER(time_of(edited, a_b, 0), 1);
    CHECK_NUMBER(time_of(edited, a_b, 1), 1);
    CHECK_NUMBER(time_of(edited, a_b, 2), then);
    CHECK_NUMBER(time_of(edited, a_b_n, 3), then);
    CHECK_NUMBER(time_of(edited, a_c, 2), then);
    CHECK_NUMBER(time_of(edited, z, 1), then);
}

static void
check_refusal(const char *hive_text, guint minor, const char *patch_text, const char *message)
{
    g_autoptr(HcHive) hive = tree_open(hive_text, minor);
    GError *error = NULL;
    g_autoptr(HcHive) edited = apply(hive, patch_text, no_epoch, &error);
    CU_ASSERT_PTR_NULL(edited);
    g_autofree char *whole = g_strconcat("test.hive: ", message, NULL);
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED, whole);
}

static void
refusals(void)
{
    g_autofree char *zeros = g_strnfill(2 * 16345, '0');
    g_autofree char *big = g_strdup_printf("[A]\nbig=3:%s\n[A\\S]", zeros);
    g_autofree char *set_big = g_strdup_printf("[A]\nbig=3:%s", zeros);
    g_autofree char *largest = g_strdup_printf("[A]\nbig=3:%.*s", 2 * 16344, zeros);

    check_refusal(big, 5, "[A]\nv=1:41",
                  "A: hivex cannot do this safely: a value of the key has big data, which it would "
                  "write as one invalid cell");
    check_refusal(big, 5, "-[A]",
                  "A: hivex cannot do this safely: a value of the key has big data, which it would "
                  "write as one invalid cell");
    check_refusal("[A]", 5, set_big,
                  "A: hivex cannot do this safely: a value of over 16,344 bytes needs a big-data "
                  "record, which it does not write");
    check_apply("[A]", 5, largest, largest);
    check_apply("[A]", 3, set_big, set_big);
    check_refusal(
        "[A]", 5, "[A\\\303\211clair]",
        "A\\\303\211clair: hivex cannot do this safely: a new key name outside ASCII gets "
        "a wrong hash and place");
    check_refusal("[A]", 5, "[A]\n!class=4100",
                  "A: hivex cannot do this safely: it has no way to change a class, a security "
                  "descriptor or flags");
    check_refusal("[A]", 5, "[N]\n!flags=10",
                  "N: hivex cannot do this safely: a new key with its own class or flags");
    check_refusal("[A]\n!flags=40", 5, "[A]\nv=1:41",
                  "A: hivex cannot do this safely: a predefined-handle key, whose handle it takes "
                  "for a value count");
    /* A sibling that is not touched does not matter. */
    check_apply("[P]\n!flags=40\n[A]", 5, "[A]\nv=1:41", "[P]\n!flags=40\n[A]\nv=1:41");
}

/* A hive with key A, whose class name is said to be @n_bytes at @offset. */
static HcHive *
open_with_class(uint32_t offset, uint16_t n_bytes)
{
    g_autoptr(HcHive) plain = tree_open("[A]\nv=1:41\n[B]", 5);
    const HcName path[] = {HC_NAME_ASCII("A")};
    HcKey key;
    const HcMap *plain_map = hc_hive_map(plain);
    uint8_t *bytes = g_memdup2(hc_map_data(plain_map), (gsize) hc_map_size(plain_map));
    CU_ASSERT_TRUE_FATAL(hc_hive_lookup(plain, path, 1, &key, NULL));
    uint8_t *nk = bytes + HC_BASE_BLOCK_BYTES + key.offset + 4;
    hc_put32(nk + HC_NK_CLASS, offset);
    hc_put16(nk + HC_NK_CLASS_BYTES, n_bytes);
    g_autoptr(HcMap) map =
        hc_map_from_bytes("test.hive", g_bytes_new_take(bytes, (gsize) hc_map_size(plain_map)));
    return hc_hive_open_map(map, 0, NULL);
}

/* A class name with a cell and no length, which hivex frees: its assertion, or a cell in use. */
static void
class_without_length(void)
{
    const uint32_t offsets[] = {0, 0x20, 4, 0x7ffffff8, HC_NIL - 7};
    for (gsize i = 0; i < G_N_ELEMENTS(offsets); i++) {
        g_autoptr(HcHive) hive = open_with_class(offsets[i], 0);
        g_autoptr(HcDelta) patch = hc_delta_new();
        tree_add_statements(patch, "-[A]", "a.reg");
        GError *error = NULL;
        g_autoptr(HcDelta) exact = hc_delta_resolve(patch, hive, &error);
        CHECK_NO_ERROR(error);
        g_autoptr(GBytes) rebuilt = hc_rebuild_apply(hive, exact, no_epoch, &error);
        CHECK_NO_ERROR(error);
        CU_ASSERT_PTR_NOT_NULL(rebuilt);
        g_autoptr(GBytes) edited = hc_edit_apply(hive, exact, no_epoch, &error);
        CU_ASSERT_PTR_NULL(edited);
        CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                    "test.hive: A: hivex cannot do this safely: a class name of no length, whose "
                    "cell it would free whatever is there");
    }
    /* The other half, a length without a cell, is none for hivex either; nor is a key that stays.
     */
    g_autoptr(HcHive) no_cell = open_with_class(HC_NIL, 8);
    g_autoptr(HcHive) stays = open_with_class(0, 0);
    GError *error = NULL;
    g_autoptr(HcHive) one = apply(no_cell, "-[A]", no_epoch, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(HcHive) two = apply(stays, "[A]\nv=1:42\n[A\\C]\n-[B]", no_epoch, &error);
    CHECK_NO_ERROR(error);
}

/* hivex takes names as C strings, which a NUL ends. */
static void
new_name_with_nul(void)
{
    static const uint8_t name[] = {'B', 0, 0, 0};
    const HcName path[] = {HC_NAME_ASCII("A"), {name, 2, FALSE}};
    const HcOrigin origin = {0, 0};
    g_autoptr(HcHive) hive = tree_open("[A]", 5);
    g_autoptr(HcDelta) patch = hc_delta_new();
    GError *error = NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(hc_delta_ensure_key(patch, (HcPath){path, 2}, origin, &error));
    g_autoptr(HcDelta) exact = hc_delta_resolve(patch, hive, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(GBytes) rebuilt = hc_rebuild_apply(hive, exact, no_epoch, &error);
    CHECK_NO_ERROR(error);
    g_autoptr(GBytes) edited = hc_edit_apply(hive, exact, no_epoch, &error);
    CU_ASSERT_PTR_NULL(edited);
    CHECK_ERROR(error, HC_ERROR_UNSUPPORTED,
                "test.hive: A\\B\\u{0}: hivex cannot do this safely: a new key name holds a NUL or "
                "an unpaired surrogate");
}

/* Its program does not end: it is stopped, and so is all that it could still do. */
static void
hang(void)
{
    g_autofree char *program = g_strdup_printf("%s/hivetool-hang.%d", g_get_tmp_dir(), getpid());
    const int fd = memfd_create("some", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    GError *error = NULL;
    uint32_t n_done = 0;
    CU_ASSERT_TRUE_FATAL(
        g_file_set_contents(program, "#!/bin/sh\nkill -STOP $$\nkill -ABRT $$\n", -1, NULL));
    CU_ASSERT_EQUAL_FATAL(chmod(program, 0700), 0);
    const HcWallJob job = {program, fd, 1, fd, fd, 50};
    CU_ASSERT_FALSE(hc_wall_run(&job, &n_done, &error));
    CHECK_ERROR(error, HC_ERROR_IO, "hivex did not end within 1 s");
    CHECK_NUMBER(n_done, 1);
    CU_ASSERT_EQUAL(unlink(program), 0);
    CU_ASSERT_EQUAL(close(fd), 0);
}

/* New subkeys meet each other: 447 * 447 / 2 is the most below 100,000. */
static void
many_children(void)
{
    g_autoptr(GString) patch = g_string_new(NULL);
    for (guint i = 0; i < 447; i++)
        g_string_append_printf(patch, "[A\\k%04u]\n", i);
    check_apply("[A]", 5, patch->str, patch->str);
    g_string_append(patch, "[A\\z]");
    check_refusal("[A]", 5, patch->str,
                  "A: hivex cannot do this safely: so many new subkeys that it would copy lists of "
                  "subkeys over and over");
}

/* Into and out of an index of leaves: 1,013 children are the first that need one. */
static void
index_lists(void)
{
    g_autoptr(GString) hive = g_string_new(NULL);
    for (guint i = 0; i < 1013; i++)
        g_string_append_printf(hive, "[A\\k%04u]\n", i);
    g_autofree char *many = g_strconcat(hive->str, "[B]", NULL);
    g_autoptr(GString) beside = g_string_new(NULL);
    for (guint i = 0; i < 100; i++)
        g_string_append_printf(beside, "[A\\x%04u]\n", i);
    check_refusal(many, 5, beside->str,
                  "A: hivex cannot do this safely: so many new subkeys that it would copy lists of "
                  "subkeys over and over");
    g_autofree char *more = g_strconcat(hive->str, "[A\\k0500x]\n[A\\a]\n[A\\z]", NULL);
    check_apply(hive->str, 5, "[A\\k0500x]\n[A\\a]\n[A\\z]", more);
    check_apply(more, 5, "-[A\\a]\n-[A\\z]\n-[A\\k0500X]", hive->str);
}

/* Two runs over equal input give equal bytes, and the input stays as it was. */
static void
deterministic(void)
{
    g_autoptr(HcHive) hive = tree_open("[A]\nv=1:41\n[B]", 5);
    g_autoptr(GBytes) before =
        g_bytes_new(hc_map_data(hc_hive_map(hive)), hc_map_size(hc_hive_map(hive)));
    GError *error = NULL;
    g_autoptr(HcHive) one = apply(hive, "[C]\nx=1:41\n[A]\nv=-", no_epoch, &error);
    g_autoptr(HcHive) two = apply(hive, "[A]\nv=-\n[C]\nx=1:41", no_epoch, &error);
    CHECK_NO_ERROR(error);
    CHECK_BYTES(hc_map_data(hc_hive_map(one)), hc_map_size(hc_hive_map(one)),
                hc_map_data(hc_hive_map(two)), hc_map_size(hc_hive_map(two)));
    CHECK_BYTES(hc_map_data(hc_hive_map(hive)), hc_map_size(hc_hive_map(hive)),
                g_bytes_get_data(before, NULL), g_bytes_get_size(before));
}

const char cu_suite[] = "edit";
const CuCase cu_cases[] = {{"applies", applies},
                           {"value names", value_names},
                           {"lists of version 1.3", old_lists},
                           {"empty list", empty_list},
                           {"times", times},
                           {"refusals", refusals},
                           {"class without length", class_without_length},
                           {"new name with NUL", new_name_with_nul},
                           {"hang", hang},
                           {"many children", many_children},
                           {"index lists", index_lists},
                           {"deterministic", deterministic},
                           {NULL, NULL}};
