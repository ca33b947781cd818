#include "config.h"

#include <string.h>

#include "hivecore/delta/differencing.h"
#include "hivecore/regf/check.h"
#include "hivecore/regf/types.h"
#include "hivecore/regf/writer.h"
#include "tests/unit/cu.h"

/* Times of the base: the root's, and that of the keys A, B, C. */
enum {
    ROOT_TIME = 100,
    KEY_TIME = 200,
};

static const uint8_t own_security[20] = {1, 0, 0, 0x80};
static const uint8_t new_security[20] = {1, 0, 0, 0x84};

#define OWN ((HcBlob){own_security, sizeof(own_security)})
#define NEW ((HcBlob){new_security, sizeof(new_security)})

static HcName
name_of(const char *ascii)
{
    return (HcName){(const uint8_t *) ascii, (uint32_t) strlen(ascii), TRUE};
}

static HcBlob
blob_of(const char *ascii)
{
    return (HcBlob){(const uint8_t *) ascii, (uint32_t) strlen(ascii)};
}

static HcHive *
hive_of(GBytes *bytes)
{
    GError *error = NULL;
    g_autoptr(HcMap) map = hc_map_from_bytes("made", bytes);
    HcHive *hive = hc_hive_open_map(map, 0, &error);
    CHECK_NO_ERROR(error);
    hc_hive_check(hive, NULL, &error);
    CHECK_NO_ERROR(error);
    return hive;
}

/* A key of the base, with two values and one key below it. */
static void
add_base_key(HcWriter *writer, const char *name, uint16_t flags)
{
    GError *error = NULL;
    const HcKeySpec spec = {
        .name = name_of(name),
        .security = OWN,
        .class_name = {(const uint8_t *) "c\0", 2},
        .user_flags = 0x00a0,
        .flags = flags,
        .predefined_handle = 0x80000050,
        .mtime_filetime = KEY_TIME,
    };
    CU_ASSERT_TRUE(hc_writer_open_key(writer, &spec, &error));
    if (!(flags & HC_KEY_FLAG_PREDEFINED))
        CU_ASSERT_TRUE(hc_writer_value(writer, name_of("One"), 3, blob_of("first"), &error) &&
                       hc_writer_value(writer, name_of("Two"), 3, blob_of("second"), &error));
    const HcKeySpec below = {.name = name_of("Below"), .mtime_filetime = KEY_TIME + 1};
    CU_ASSERT_TRUE(hc_writer_open_key(writer, &below, &error) &&
                   hc_writer_close_key(writer, &error) && hc_writer_close_key(writer, &error));
    CHECK_NO_ERROR(error);
}

/* Keys Alpha, Bravo, Charlie and the predefined-handle key Handle. */
static HcHive *
base_hive(void)
{
    GError *error = NULL;
    const HcWriterOptions options = {.minor = 5, .file_name = name_of("BASE")};
    g_autoptr(HcWriter) writer = hc_writer_new(&options);
    const HcKeySpec root = {
        .name = name_of("BaseRoot"), .security = NEW, .mtime_filetime = ROOT_TIME};
    CU_ASSERT_TRUE(hc_writer_open_key(writer, &root, &error));
    add_base_key(writer, "Alpha", HC_KEY_FLAG_SYMLINK);
    add_base_key(writer, "Bravo", 0);
    add_base_key(writer, "Charlie", 0);
    add_base_key(writer, "Handle", HC_KEY_FLAG_PREDEFINED);
    CU_ASSERT_TRUE(hc_writer_close_key(writer, &error));
    GBytes *bytes = hc_writer_finish(writer, &error);
    CHECK_NO_ERROR(error);
    return hive_of(bytes);
}

static void
describe_key(GString *out, const HcHive *hive, const HcKey *key, guint depth)
{
    GError *error = NULL;
    HcBlob class_name;
    HcBlob security;
    CU_ASSERT_TRUE(hc_hive_class(hive, key, &class_name, &error) &&
                   hc_hive_security(hive, key, &security, &error));
    CHECK_NO_ERROR(error);
    for (guint i = 0; i < depth; i++)
        g_string_append_c(out, ' ');
    hc_name_append_display(out, key->name);
    g_string_append_printf(out, " %02x t%u", key->layer_bits, (guint) key->mtime_filetime);
    g_string_append(out, hc_blob_equal(security, OWN)   ? " own"
                         : hc_blob_equal(security, NEW) ? " new"
                                                        : " default");
    if (class_name.bytes != NULL)
        g_string_append_printf(out, " class %c", class_name.bytes[0]);
    g_string_append_printf(out, " flags %02x user %02x", key->flags, key->user_flags);
    for (uint32_t i = 0; i < key->n_values; i++) {
        HcValue value;
        HcBlob data;
        CU_ASSERT_TRUE(
            hc_hive_value(hive, key, i, &value, &error) &&
            (value.is_tombstone || hc_hive_value_data(hive, &value, NULL, &data, &error)));
        CHECK_NO_ERROR(error);
        g_string_append_c(out, ' ');
        hc_name_append_display(out, value.name);
        if (value.is_tombstone)
            g_string_append(out, "=-");
        else
            g_string_append_printf(out, "=%u:%.*s", value.type, (int) data.n_bytes,
                                   (const char *) data.bytes);
    }
    g_string_append_c(out, '\n');
    HcSubkeyIter iter;
    HcKey subkey;
    CU_ASSERT_TRUE(hc_subkey_iter_init(&iter, hive, key, &error));
    while (hc_subkey_iter_next(&iter, &subkey, &error))
        describe_key(out, hive, &subkey, depth + 1);
    CHECK_NO_ERROR(error);
}

/* Every key of what @delta gives over @base, one per line. */
static void
check_written(const HcDelta *delta, const HcHive *base, HcEpoch epoch, const char *expected)
{
    GError *error = NULL;
    const HcDifferencingOptions options = {.file_name = name_of("Test_Delta"), .epoch = epoch};
    GBytes *bytes = hc_differencing_write(delta, base, &options, &error);
    CHECK_NO_ERROR(error);
    if (bytes == NULL)
        return;
    g_autoptr(HcHive) hive = hive_of(bytes);
    CU_ASSERT_TRUE(hc_hive_info(hive)->is_differencing);
    HcKey root;
    g_autoptr(GString) out = g_string_new(NULL);
    CU_ASSERT_TRUE(hc_hive_root(hive, &root, &error));
    describe_key(out, hive, &root, 0);
    CHECK_STRING(out->str, expected);
}

static const HcEpoch no_epoch = {FALSE, 0};

static HcDeltaKey *
add_child(HcDelta *delta, HcDeltaKey *parent, const char *name, HcKeyOp op)
{
    return hc_delta_add_child(delta, parent, name_of(name), op);
}

static void
set_value(HcDelta *delta, HcDeltaKey *key, const char *name, const char *data)
{
    HcDeltaValue *value = hc_delta_add_value(delta, key, name_of(name), HC_VALUE_SET, FALSE);
    value->after = (HcDatum){TRUE, HC_REG_BINARY, blob_of(data)};
}

static void
delete_value(HcDelta *delta, HcDeltaKey *key, const char *name)
{
    hc_delta_add_value(delta, key, name_of(name), HC_VALUE_DELETE, FALSE);
}

/* The sum is of a hive put together byte by byte from the format's description. */
static void
test_empty(void)
{
    const HcDifferencingOptions options = {.file_name = name_of("Software_Delta"),
                                           .epoch = {TRUE, 0}};
    g_autoptr(HcDelta) nothing = hc_delta_new();
    g_autoptr(HcHive) base = base_hive();
    const HcDelta *deltas[] = {NULL, nothing, nothing};
    const HcHive *bases[] = {NULL, NULL, base};
    for (guint i = 0; i < 3; i++) {
        GError *error = NULL;
        g_autoptr(GBytes) bytes = hc_differencing_write(deltas[i], bases[i], &options, &error);
        CHECK_NO_ERROR(error);
        g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
        CHECK_STRING(sum, "58185000df2c248d65ab32d81828ac2e391fa9d102d2123f0ec67c35db425abb");
    }
}

static void
test_kept(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *alpha = add_child(delta, hc_delta_root(delta), "ALPHA", HC_KEY_KEEP);
    set_value(delta, alpha, "new", "n");
    set_value(delta, alpha, "ONE", "1");
    delete_value(delta, alpha, "two");
    HcDeltaKey *bravo = add_child(delta, hc_delta_root(delta), "bravo", HC_KEY_KEEP);
    set_value(delta, add_child(delta, bravo, "below", HC_KEY_KEEP), "", "x");
    check_written(delta, base, no_epoch,
                  "ROOT 00 t100 default flags 2c user 00\n"
                  " Alpha 80 t200 own flags 30 user a0 new=3:n One=3:1 Two=-\n"
                  " Bravo 80 t200 own flags 20 user a0\n"
                  "  Below 80 t201 own flags 20 user 00 =3:x\n");
}

/* Keys right below the root get the base root's descriptor, not that of the ROOT key. */
static void
test_created(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *bravo = add_child(delta, hc_delta_root(delta), "Bravo", HC_KEY_KEEP);
    HcDeltaKey *fresh = add_child(delta, bravo, "Fresh", HC_KEY_CREATE);
    set_value(delta, fresh, "v", "w");
    HcDeltaKey *deeper = add_child(delta, fresh, "Deeper", HC_KEY_CREATE);
    deeper->after.security = NEW;
    deeper->after.class_name = (HcBlob){(const uint8_t *) "d\0", 2};
    deeper->after.flags = HC_KEY_FLAG_SYMLINK;
    add_child(delta, hc_delta_root(delta), "Top", HC_KEY_CREATE);
    check_written(delta, base, no_epoch,
                  "ROOT 00 t100 default flags 2c user 00\n"
                  " Bravo 80 t200 own flags 20 user a0\n"
                  "  Fresh 00 t200 own flags 20 user a0 v=3:w\n"
                  "   Deeper 00 t200 new class d flags 30 user a0\n"
                  " Top 00 t100 new flags 20 user 00\n");
}

static void
test_deleted_and_replaced(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) delta = hc_delta_new();
    add_child(delta, hc_delta_root(delta), "alpha", HC_KEY_DELETE);
    HcDeltaKey *charlie = add_child(delta, hc_delta_root(delta), "Charlie", HC_KEY_REPLACE);
    set_value(delta, charlie, "v", "w");
    add_child(delta, charlie, "Again", HC_KEY_CREATE);
    check_written(delta, base, no_epoch,
                  "ROOT 00 t100 default flags 2c user 00\n"
                  " Alpha 01 t0 own flags 20 user 00\n"
                  " Charlie 03 t200 new flags 20 user a0 v=3:w\n"
                  "  Again 03 t200 new flags 20 user a0\n");
}

static void
test_security_and_class(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *alpha = add_child(delta, hc_delta_root(delta), "Alpha", HC_KEY_KEEP);
    alpha->changed = HC_CHANGED_SECURITY;
    alpha->after.security = NEW;
    set_value(delta, alpha, "Three", "3");
    set_value(delta, alpha, "TWO", "2");
    delete_value(delta, alpha, "one");
    HcDeltaKey *bravo = add_child(delta, hc_delta_root(delta), "Bravo", HC_KEY_KEEP);
    bravo->changed = HC_CHANGED_CLASS;
    bravo->after.class_name = (HcBlob){(const uint8_t *) "e\0", 2};
    add_child(delta, bravo, "Fresh", HC_KEY_CREATE);
    HcDeltaKey *charlie = add_child(delta, hc_delta_root(delta), "Charlie", HC_KEY_KEEP);
    charlie->changed = HC_CHANGED_SECURITY | HC_CHANGED_CLASS;
    charlie->after.security = NEW;
    check_written(delta, base, no_epoch,
                  "ROOT 00 t100 default flags 2c user 00\n"
                  " Alpha 02 t200 new class c flags 30 user a0 Two=3:2 Three=3:3\n"
                  " Bravo 00 t200 own class e flags 20 user a0\n"
                  "  Fresh 00 t200 own flags 20 user a0\n"
                  " Charlie 02 t200 new flags 20 user a0 One=3:first Two=3:second\n");
}

/* A key gets its flags when it is made: it is made anew, with all that it has afterwards. */
static void
test_flags(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *bravo = add_child(delta, hc_delta_root(delta), "bravo", HC_KEY_KEEP);
    bravo->changed = HC_CHANGED_FLAGS | HC_CHANGED_CLASS;
    bravo->after.flags = HC_KEY_FLAG_SYMLINK;
    set_value(delta, bravo, "TWO", "2");
    set_value(delta, bravo, "Added", "a");
    delete_value(delta, bravo, "One");
    add_child(delta, bravo, "Above", HC_KEY_CREATE);
    set_value(delta, add_child(delta, bravo, "Below", HC_KEY_KEEP), "", "x");
    HcDeltaKey *charlie = add_child(delta, hc_delta_root(delta), "Charlie", HC_KEY_KEEP);
    charlie->changed = HC_CHANGED_FLAGS | HC_CHANGED_SECURITY;
    charlie->after.flags = HC_KEY_FLAG_SYMLINK;
    charlie->after.security = NEW;
    add_child(delta, charlie, "Below", HC_KEY_DELETE);
    HcDeltaKey *handle = add_child(delta, hc_delta_root(delta), "Handle", HC_KEY_KEEP);
    handle->changed = HC_CHANGED_FLAGS;
    check_written(delta, base, no_epoch,
                  "ROOT 00 t100 default flags 2c user 00\n"
                  " Bravo 03 t200 own flags 30 user a0 Two=3:2 Added=3:a\n"
                  "  Above 03 t200 own flags 20 user a0\n"
                  "  Below 03 t201 own flags 20 user 00 =3:x\n"
                  " Charlie 03 t200 new class c flags 30 user a0 One=3:first Two=3:second\n"
                  " Handle 03 t200 own class c flags 20 user a0\n"
                  "  Below 03 t201 own flags 20 user 00\n");
}

/* As Windows writes a key that was renamed: 0x83, and no class of its own. */
static void
test_replaced_but_class(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *charlie = add_child(delta, hc_delta_root(delta), "Charlie", HC_KEY_REPLACE);
    charlie->kept = HC_CHANGED_CLASS;
    charlie->after.class_name = (HcBlob){(const uint8_t *) "c\0", 2};
    add_child(delta, charlie, "Again", HC_KEY_CREATE);
    check_written(delta, base, no_epoch,
                  "ROOT 00 t100 default flags 2c user 00\n"
                  " Charlie 83 t200 new flags 20 user a0\n"
                  "  Again 03 t200 new flags 20 user a0\n");
}

/* Tombstones below new keys would hide nothing. */
static void
test_void_tombstones(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) delta = hc_delta_new();
    HcDeltaKey *fresh = add_child(delta, hc_delta_root(delta), "Fresh", HC_KEY_CREATE);
    delete_value(delta, fresh, "v");
    add_child(delta, fresh, "Gone", HC_KEY_DELETE);
    check_written(delta, base, no_epoch,
                  "ROOT 00 t100 default flags 2c user 00\n"
                  " Fresh 00 t100 new flags 20 user 00\n");
}

static void
test_epoch(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) delta = hc_delta_new();
    add_child(delta, hc_delta_root(delta), "Alpha", HC_KEY_DELETE);
    HcDeltaKey *bravo = add_child(delta, hc_delta_root(delta), "Bravo", HC_KEY_KEEP);
    add_child(delta, bravo, "Fresh", HC_KEY_CREATE);
    /* The low 32 bits of 116444736000000000 + 10^7. */
    check_written(delta, base, (HcEpoch){TRUE, 1},
                  "ROOT 00 t3587643008 default flags 2c user 00\n"
                  " Alpha 01 t0 own flags 20 user 00\n"
                  " Bravo 80 t3587643008 own flags 20 user a0\n"
                  "  Fresh 00 t3587643008 own flags 20 user a0\n");
}

static void
check_refused(const HcDelta *delta, const HcHive *base, HcErrorCode code, const char *message)
{
    GError *error = NULL;
    const HcDifferencingOptions options = {.file_name = name_of("D"), .epoch = no_epoch};
    CU_ASSERT_PTR_NULL(hc_differencing_write(delta, base, &options, &error));
    CHECK_ERROR(error, code, message);
}

static void
test_refused(void)
{
    g_autoptr(HcHive) base = base_hive();
    g_autoptr(HcDelta) flags = hc_delta_new();
    HcDeltaKey *bravo = add_child(flags, hc_delta_root(flags), "Bravo", HC_KEY_KEEP);
    bravo->changed = HC_CHANGED_FLAGS;
    bravo->after.flags = HC_KEY_FLAG_PREDEFINED;
    check_refused(flags, base, HC_ERROR_UNSUPPORTED,
                  "key Bravo: a new key that stands for a predefined handle has no form in a "
                  "differencing hive");

    g_autoptr(HcDelta) root = hc_delta_new();
    hc_delta_root(root)->changed = HC_CHANGED_SECURITY;
    check_refused(root, base, HC_ERROR_UNSUPPORTED,
                  "key \\: a differencing hive cannot change the root's class, security "
                  "descriptor or flags");

    g_autoptr(HcDelta) absent = hc_delta_new();
    add_child(absent, hc_delta_root(absent), "Nowhere", HC_KEY_DELETE);
    check_refused(absent, base, HC_ERROR_CONFLICT, "key Nowhere: it is not in the base hive");

    g_autoptr(HcDelta) handle = hc_delta_new();
    set_value(handle, add_child(handle, hc_delta_root(handle), "Handle", HC_KEY_KEEP), "v", "w");
    check_refused(handle, base, HC_ERROR_UNSUPPORTED,
                  "key Handle: a key that stands for a predefined handle has no values");
}

const char cu_suite[] = "differencing";
const CuCase cu_cases[] = {
    {"no change: the empty hive of the specification", test_empty},
    {"existing keys: 0x80, the base's spelling, only what changes", test_kept},
    {"new keys: 0x00", test_created},
    {"deleted keys: 0x01; replaced ones: 0x03", test_deleted_and_replaced},
    {"security: 0x02 with all values; class: 0x00", test_security_and_class},
    {"flags: 0x03 with all that the key holds", test_flags},
    {"a replaced key that keeps its class: 0x83", test_replaced_but_class},
    {"no tombstones below new keys", test_void_tombstones},
    {"the epoch is every time but a tombstone's", test_epoch},
    {"what is refused", test_refused},
    {NULL, NULL},
};
