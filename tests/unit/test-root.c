#include "config.h"

#include <string.h>

#include "hivecore/base/root.h"
#include "hivecore/regf/hive.h"
#include "hivecore/regf/layout.h"
#include "tests/unit/cu.h"

static void
check_parse(const char *text, const char *expected, gsize n_names)
{
    GError *error = NULL;
    g_autoptr(HcRoot) root = hc_root_parse(text, &error);
    CHECK_NO_ERROR(error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CHECK_STRING(root->text, expected);
    CHECK_NUMBER(root->path.n, n_names);
    g_autoptr(GString) joined = g_string_new(NULL);
    for (gsize i = 0; i < root->path.n; i++) {
        g_string_append(joined, i > 0 ? "\\" : "");
        hc_name_append_utf8(joined, root->path.names[i]);
    }
    CHECK_STRING(joined->str, expected);
}

static void
parse(void)
{
    check_parse("HKLM\\Software", "HKEY_LOCAL_MACHINE\\Software", 2);
    check_parse("hkey_users\\.DEFAULT", "HKEY_USERS\\.DEFAULT", 2);
    check_parse("hkcu", "HKEY_CURRENT_USER", 1);
    check_parse("HKCR\\", "HKEY_CLASSES_ROOT", 1);
    check_parse("HKCC\\a\\b c\\", "HKEY_CURRENT_CONFIG\\a\\b c", 3);
    check_parse("HKU\\\xc3\xa9\xe2\x82\xac", "HKEY_USERS\\\xc3\xa9\xe2\x82\xac", 2);
}

static void
check_refused(const char *text, const char *message)
{
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_root_parse(text, &error));
    CHECK_ERROR(error, HC_ERROR_USAGE, message);
}

static void
refused(void)
{
#define ROOTS                                                                                      \
    "does not start with HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER, HKEY_CLASSES_ROOT, HKEY_USERS, "   \
    "HKEY_CURRENT_CONFIG or the abbreviation of one"
    check_refused("", "root '': " ROOTS);
    check_refused("SOFTWARE", "root 'SOFTWARE': " ROOTS);
    check_refused("HKLM//a", "root 'HKLM//a': has an empty part between backslashes");
    check_refused("HKLM\\\\a", "root 'HKLM\\\\a': has an empty part between backslashes");
    check_refused("HKLM\\a\xff", "root: is not valid UTF-8");
    g_autofree char *name = g_strnfill(257, 'n');
    g_autofree char *text = g_strconcat("HKLM\\", name, NULL);
    g_autofree char *message =
        g_strconcat("root '", text, "': has a part longer than 256 characters", NULL);
    check_refused(text, message);
}

static void
full_names(void)
{
    gboolean is_abbreviated = FALSE;
    CHECK_STRING(hc_root_full_name(HC_NAME_ASCII("HkLm"), &is_abbreviated), "HKEY_LOCAL_MACHINE");
    CU_ASSERT_TRUE(is_abbreviated);
    CHECK_STRING(hc_root_full_name(HC_NAME_ASCII("hkey_USERS"), &is_abbreviated), "HKEY_USERS");
    CU_ASSERT_FALSE(is_abbreviated);
    CU_ASSERT_PTR_NULL(hc_root_full_name(HC_NAME_ASCII("HKEY_USER"), NULL));
    CU_ASSERT_PTR_NULL(hc_root_full_name(HC_NAME_ASCII("HKEY_USERSX"), NULL));
    CU_ASSERT_PTR_NULL(hc_root_full_name(HC_NAME_EMPTY, NULL));
    /* Long s, whose upper case is S in Unicode: no root has it. */
    CU_ASSERT_PTR_NULL(hc_root_full_name((HcName){(const uint8_t *) "H\0K\0E\0Y\0_\0U\0\x7f\x01"
                                                                    "E\0R\0S\0",
                                                  10, FALSE},
                                         NULL));
}

/* The smallest hive that opens: a base block that names itself @embedded, one bin, a root key. */
static HcHive *
make_hive(const char *file, const char *embedded)
{
    guint8 *bytes = g_malloc0(HC_BASE_BLOCK_BYTES + HC_HBIN_ALIGN);
    memcpy(bytes, "regf", 4);
    hc_put32(bytes + HC_BASE_SEQUENCE1, 1);
    hc_put32(bytes + HC_BASE_SEQUENCE2, 1);
    hc_put32(bytes + HC_BASE_MAJOR, 1);
    hc_put32(bytes + HC_BASE_MINOR, 5);
    hc_put32(bytes + HC_BASE_FORMAT, 1);
    hc_put32(bytes + HC_BASE_ROOT, HC_HBIN_HEADER_BYTES);
    hc_put32(bytes + HC_BASE_BINS_BYTES, HC_HBIN_ALIGN);
    hc_put32(bytes + HC_BASE_CLUSTER, 1);
    for (gsize i = 0; i < strlen(embedded); i++)
        bytes[HC_BASE_NAME + 2 * i] = (guint8) embedded[i];
    uint32_t sum = 0;
    for (gsize i = 0; i < HC_BASE_CHECKSUM; i += 4)
        sum ^= hc_get32(bytes + i);
    hc_put32(bytes + HC_BASE_CHECKSUM, sum);
    guint8 *bin = bytes + HC_BASE_BLOCK_BYTES;
    memcpy(bin, "hbin", 4);
    hc_put32(bin + HC_HBIN_SIZE, HC_HBIN_ALIGN);
    hc_put32(bin + HC_HBIN_HEADER_BYTES, (uint32_t) - (HC_HBIN_ALIGN - HC_HBIN_HEADER_BYTES));
    GBytes *content = g_bytes_new_take(bytes, HC_BASE_BLOCK_BYTES + HC_HBIN_ALIGN);
    g_autoptr(HcMap) map = hc_map_from_bytes(file, content);
    GError *error = NULL;
    HcHive *hive = hc_hive_open_map(map, 0, &error);
    CHECK_NO_ERROR(error);
    return hive;
}

static void
check_guess(const char *file, const char *embedded, const char *expected)
{
    g_autoptr(HcHive) hive = make_hive(file, embedded);
    CU_ASSERT_PTR_NOT_NULL_FATAL(hive);
    g_autoptr(HcRoot) root = hc_root_guess(hc_hive_file(hive), hc_hive_info(hive)->name);
    CHECK_STRING(root ? root->text : NULL, expected);
}

static void
guess_from_file(void)
{
    check_guess("SOFTWARE", "", "HKEY_LOCAL_MACHINE\\SOFTWARE");
    check_guess("/a/b/system", "", "HKEY_LOCAL_MACHINE\\SYSTEM");
    check_guess("a/Sam", "SYSTEM", "HKEY_LOCAL_MACHINE\\SAM");
    check_guess("SECURITY.new", "", "HKEY_LOCAL_MACHINE\\SECURITY");
    check_guess("COMPONENTS", "", "HKEY_LOCAL_MACHINE\\COMPONENTS");
    check_guess("DRIVERS", "", "HKEY_LOCAL_MACHINE\\DRIVERS");
    check_guess("BCD", "", "HKEY_LOCAL_MACHINE\\BCD00000000");
    check_guess("DEFAULT", "", "HKEY_USERS\\.DEFAULT");
    check_guess("DefaultUser_Delta", "", "HKEY_USERS\\.DEFAULT");
    check_guess("Software_Base", "", "HKEY_LOCAL_MACHINE\\SOFTWARE");
    check_guess("SOFTWARE-patched", "", "HKEY_LOCAL_MACHINE\\SOFTWARE");
    check_guess("ntuser.dat", "", "HKEY_CURRENT_USER");
    check_guess("NTUSER.DAT.bak", "", "HKEY_CURRENT_USER");
    check_guess("UsrClass.dat", "", "HKEY_CURRENT_USER\\Software\\Classes");
}

static void
guess_from_hive(void)
{
    check_guess("x.hive", "emRoot\\System32\\Config\\SOFTWARE", "HKEY_LOCAL_MACHINE\\SOFTWARE");
    check_guess("x", "\\??\\C:\\Users\\x\\ntuser.dat", "HKEY_CURRENT_USER");
}

static void
no_guess(void)
{
    check_guess("x.hive", "", NULL);
    check_guess("SOFTWARES", "", NULL);
    check_guess("SYSTEM32/x", "", NULL);
    check_guess("SAMBA", "x", NULL);
    check_guess("NTUSER", "", NULL);
}

const char cu_suite[] = "root";
const CuCase cu_cases[] = {
    {"parse", parse},
    {"refused", refused},
    {"full names", full_names},
    {"guess from the file's name", guess_from_file},
    {"guess from the hive's name", guess_from_hive},
    {"no guess", no_guess},
    {NULL, NULL},
};
