#include "config.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hivecore/base/error.h"
#include "hivecore/base/json-text.h"
#include "hivecore/image/image-writer.h"
#include "hivecore/image/oci-index.h"
#include "hivecore/image/windows-name.h"
#include "layerpack/config-edit.h"
#include "tests/unit/cu.h"

/* In the place of GLib's, which gives NULL when it has no memory. */
static gboolean is_starved;

GRegex *
g_regex_new(const char *pattern, GRegexCompileFlags flags, GRegexMatchFlags match, GError **error)
{
    GRegex *(*real)(const char *, GRegexCompileFlags, GRegexMatchFlags, GError **);
    *(void **) &real = dlsym(RTLD_NEXT, "g_regex_new");
    return is_starved ? NULL : real(pattern, flags, match, error);
}

static void
no_memory_is_not_no(void)
{
    CU_ASSERT_TRUE(hc_reference_is("example/pause:3.9"));
    CU_ASSERT_FALSE(hc_reference_is("example/Pause:3.9"));
    const pid_t child = fork();
    if (child == 0) {
        is_starved = TRUE;
        (void) dup2(STDOUT_FILENO, STDERR_FILENO);
        (void) hc_reference_is("example/pause:3.9");
        cu_child_exit(1);
    }
    int status = 0;
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    CHECK_NUMBER(WEXITSTATUS(status), HC_EXIT_IO);
}

/* What is not asked for keeps its spelling: numbers that no double holds, escapes, order. */
static void
object_kept(void)
{
    g_autoptr(HcJsonObject) object = hc_json_object_new(
        " {\"b\" : 12345678901234567890123 ,\n\t\"\\u0061\":[1, {\"x\": \"} ]\\\"\"} ],"
        "\"n\":null,\"e\":{ },\"c\":\"\\u00e4\\/ \"}\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    CHECK_NUMBER(hc_json_object_n_members(object), 5);
    CHECK_STRING(hc_json_object_get(object, "a"), "[1,{\"x\":\"} ]\\\"\"}]");
    CHECK_STRING(hc_json_object_get(object, "n"), NULL);
    CHECK_STRING(hc_json_object_get(object, "z"), NULL);
    g_autofree char *string = hc_json_object_get_string(object, "c");
    CHECK_STRING(string, "\xc3\xa4/ ");
    CHECK_STRING(hc_json_object_get_string(object, "b"), NULL);

    hc_json_object_set(object, "n", g_strdup("1.50"));
    hc_json_object_set(object, "e", NULL);
    hc_json_object_set(object, "none", NULL);
    hc_json_object_set_string(object, "new", "a\"\\\n\x01\x7f\xc3\xa4");
    g_autofree char *text = hc_json_object_text(object);
    CHECK_STRING(text, "{\"b\":12345678901234567890123,\"\\u0061\":[1,{\"x\":\"} ]\\\"\"}],"
                       "\"n\":1.50,\"c\":\"\\u00e4\\/ \","
                       "\"new\":\"a\\\"\\\\\\u000a\\u0001\\u007f\xc3\xa4\"}");
}

static void
object_forms(void)
{
    static const char *const others[] = {"[]", "1", "\"a\"", "null", NULL};
    for (gsize i = 0; others[i] != NULL; i++)
        CU_ASSERT_PTR_NULL(hc_json_object_new(others[i]));
    g_autoptr(HcJsonObject) empty = hc_json_object_new(" { } ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(empty);
    g_autofree char *text = hc_json_object_text(empty);
    CHECK_STRING(text, "{}");
}

static void
array(void)
{
    g_autoptr(GPtrArray) elements =
        hc_json_array_parse(" [ 1 , \"a,]\" , [2, 3], {\"a\": [ ]}, true ] ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(elements);
    CHECK_NUMBER(elements->len, 5);
    CHECK_STRING(elements->pdata[1], "\"a,]\"");
    CHECK_STRING(elements->pdata[3], "{\"a\":[]}");
    g_autofree char *text = hc_json_array_text(elements);
    CHECK_STRING(text, "[1,\"a,]\",[2,3],{\"a\":[]},true]");
    g_autoptr(GPtrArray) empty = hc_json_array_parse("[ ]");
    CHECK_NUMBER(empty->len, 0);
    g_autoptr(GPtrArray) absent = hc_json_array_parse(NULL);
    CHECK_NUMBER(absent->len, 0);
    CU_ASSERT_PTR_NULL(hc_json_array_parse("{}"));
}

/* Source: RFC 8259, 7. */
static void
strings(void)
{
    g_autofree char *all =
        hc_json_string_parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\\ud83d\\ude00x\"");
    CHECK_STRING(all, "\"\\/\b\f\n\r\t\xe2\x82\xac\xf0\x9f\x98\x80x");
    g_autofree char *empty = hc_json_string_parse("\"\"");
    CHECK_STRING(empty, "");
    CHECK_STRING(hc_json_string_parse("1"), NULL);
    CHECK_STRING(hc_json_string_parse("null"), NULL);
}

static void
check_update(const char *old, const char *tag, const char *expected)
{
    GError *error = NULL;
    HcIndexEntry entry = {.media_type = "m",
                          .digest = "sha256:x",
                          .n_bytes = 5,
                          .tag = tag,
                          .platform = "{\"os\":1}"};
    const HcIndexPlace place = {.identity = entry.platform};
    g_autoptr(GBytes) bytes = g_bytes_new_static(old, strlen(old));
    g_autofree char *text = hc_index_update(bytes, "index.json", &entry, &place, &error);
    CHECK_NO_ERROR(error);
    CHECK_STRING(text, expected);
}

#define OURS(tag)                                                                                  \
    "{\"mediaType\":\"m\",\"digest\":\"sha256:x\",\"size\":5,\"platform\":{\"os\":1},"             \
    "\"annotations\":{\"org.opencontainers.image.ref.name\":\"" tag "\"}}"
#define UNNAMED "{\"mediaType\":\"m\",\"digest\":\"sha256:x\",\"size\":5,\"platform\":{\"os\":1}}"
#define OTHER(tag)                                                                                 \
    "{\"digest\":\"y\",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" tag "\"}}"

#define EXPORTED(name)                                                                             \
    "{\"digest\":\"y\",\"annotations\":{\"io.containerd.image.name\":\"" name "\"}}"
#define LINUX(tag)                                                                                 \
    "{\"digest\":\"y\",\"platform\":{\"os\":2},"                                                   \
    "\"annotations\":{\"org.opencontainers.image.ref.name\":\"" tag "\"}}"
#define INDEX(tag)                                                                                 \
    "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\","                                  \
    "\"annotations\":{\"org.opencontainers.image.ref.name\":\"" tag "\"}}"

/* The entry of the same name goes, ours takes its place; everything else stays. */
static void
index_update(void)
{
    check_update("{\"manifests\":[],\"a\":1}", "t", "{\"manifests\":[" OURS("t") "],\"a\":1}");
    check_update("{\"schemaVersion\":2}", "t",
                 "{\"schemaVersion\":2,\"manifests\":[" OURS("t") "]}");
    check_update("{\"manifests\":[" OTHER("a") "," OTHER("t") "," OTHER("b") "]}", "t",
                 "{\"manifests\":[" OTHER("a") "," OURS("t") "," OTHER("b") "]}");
    check_update("{\"manifests\":[" OTHER("t") "," OURS("t") "]}", "t",
                 "{\"manifests\":[" OTHER("t") "," OURS("t") "]}");
    /* The name that containerd gives counts as the reader counts it. */
    check_update("{\"manifests\":[" EXPORTED("t") "," EXPORTED("u") "]}", "t",
                 "{\"manifests\":[" OURS("t") "," EXPORTED("u") "]}");
    check_update("{\"manifests\":[" EXPORTED("t") "]}", NULL,
                 "{\"manifests\":[" EXPORTED("t") "," UNNAMED "]}");
    check_update("{\"manifests\":[" OTHER("t") ",{\"platform\":{\"os\":2}}]}", NULL,
                 "{\"manifests\":[" OTHER("t") ",{\"platform\":{\"os\":2}}," UNNAMED "]}");
    check_update("{\"manifests\":[{\"platform\": {\"os\" :1}},{\"a\":1}]}", NULL,
                 "{\"manifests\":[" UNNAMED ",{\"a\":1}]}");
}

static void
index_refused(void)
{
    GError *error = NULL;
    HcIndexEntry entry = {.media_type = "m", .digest = "sha256:x", .n_bytes = 5};
    const HcIndexPlace place = {.identity = NULL};
    g_autoptr(GBytes) list = g_bytes_new_static("[]", 2);
    CU_ASSERT_PTR_NULL(hc_index_update(list, "index.json", &entry, &place, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "index.json: is no JSON object");
    g_autoptr(GBytes) text = g_bytes_new_static("{\"manifests\":{}}", 16);
    CU_ASSERT_PTR_NULL(hc_index_update(text, "index.json", &entry, &place, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "index.json: manifests: is no array");
}

/* A tag is not taken from an image that ours is no successor of. */
static void
index_kept(void)
{
    static const char *const kept[] = {LINUX("t"), INDEX("t"), OTHER("t") "," OTHER("t"),
                                       LINUX("t") "," OTHER("t"), NULL};
    for (gsize i = 0; kept[i] != NULL; i++) {
        GError *error = NULL;
        HcIndexEntry entry = {.media_type = "m",
                              .digest = "sha256:x",
                              .n_bytes = 5,
                              .tag = "t",
                              .platform = "{\"os\":1}"};
        const HcIndexPlace place = {.identity = entry.platform, .replace = TRUE};
        g_autofree char *old = g_strdup_printf("{\"manifests\":[%s]}", kept[i]);
        g_autoptr(GBytes) bytes = g_bytes_new(old, strlen(old));
        CU_ASSERT_PTR_NULL(hc_index_update(bytes, "index.json", &entry, &place, &error));
        CHECK_ERROR(error, HC_ERROR_USAGE,
                    "index.json: 't' is the name of images for other platforms, which would lose "
                    "it; give another TAG");
    }
}

#define FOR_VERSION(n)                                                                             \
    "{\"digest\":\"y\",\"platform\":{\"os\":\"w\",\"architecture\":\"a\",\"os.version\":\"" n      \
    "\"},"                                                                                         \
    "\"annotations\":{\"org.opencontainers.image.ref.name\":\"t\"}}"
#define UNTOLD "{\"digest\":\"y\",\"annotations\":{\"org.opencontainers.image.ref.name\":\"t\"}}"

/* Stands for what an image says of itself. */
static char *
lookup(const void *data, const char *digest, GError **error)
{
    (void) error;
    CHECK_STRING(digest, "y");
    return g_strdup(data);
}

static void
check_version(const char *old, const char *says, gboolean replace, const char *failure)
{
    GError *error = NULL;
    const HcIndexPlace place = {.identity =
                                    "{\"os\":\"w\",\"architecture\":\"a\",\"os.version\":\"2\"}",
                                .replace = replace,
                                .lookup = lookup,
                                .data = says};
    g_autoptr(GBytes) bytes = g_bytes_new_static(old, strlen(old));
    const gboolean is_taken = hc_index_check(bytes, "index.json", "t", &place, &error);
    CU_ASSERT_EQUAL(is_taken, failure == NULL);
    if (failure == NULL)
        CHECK_NO_ERROR(error);
    else
        CHECK_ERROR(error, HC_ERROR_CONFLICT, failure);
}

/* An image for another version of Windows keeps its tag, unless it is said to lose it; also where
 * only the image says what it is for. */
static void
index_versions(void)
{
    static const char old[] =
        "index.json: 't' is the name of an image for w/a:1; --replace gives it to the new one, for "
        "w/a:2, or give another TAG";
    static const char none[] =
        "index.json: 't' is the name of an image for w/a without os.version; --replace gives it to "
        "the new one, for w/a:2, or give another TAG";
    check_version("{\"manifests\":[" FOR_VERSION("2") "]}", NULL, FALSE, NULL);
    check_version("{\"manifests\":[" FOR_VERSION("1") "]}", NULL, FALSE, old);
    check_version("{\"manifests\":[" FOR_VERSION("1") "]}", NULL, TRUE, NULL);
    check_version("{\"manifests\":[" FOR_VERSION("1") "," FOR_VERSION("2") "]}", NULL, FALSE, NULL);
    check_version("{\"manifests\":[" UNTOLD "]}",
                  "{\"os\":\"w\",\"architecture\":\"a\",\"os.version\":\"1\"}", FALSE, old);
    check_version("{\"manifests\":[" UNTOLD "]}",
                  "{\"os\":\"w\",\"architecture\":\"a\",\"os.version\":\"2\"}", FALSE, NULL);
    check_version("{\"manifests\":[" UNTOLD "]}", "{\"os\":\"w\",\"architecture\":\"a\"}", FALSE,
                  none);
    check_version("{\"manifests\":[" UNTOLD "]}", NULL, FALSE, NULL);
}

/* Source: Microsoft, "Naming Files, Paths, and Namespaces". */
static void
windows_names(void)
{
    static const char *const taken[] = {"a",    "a b.c", ".a",    "COM",    "COM0",     "COM10",
                                        "CONX", "LPT",   "X.con", "a'=;,!", "\xc3\xa4", NULL};
    static const char *const refused[] = {"a.",          "a ",
                                          ".",           "..",
                                          "CON",         "con",
                                          "Aux.txt",     "NUL .x",
                                          "COM1",        "lpt9.a.b",
                                          "prn",         "CONIN$",
                                          "a:b",         "a*",
                                          "a?",          "a\"b",
                                          "a<",          "a>",
                                          "a|",          "a\\b",
                                          "a/b",         "a\x1f",
                                          "\xff",        ".wh.a",
                                          "COM\xc2\xb9", "LPT\xc2\xb3.x",
                                          "a.$wcidirs$", NULL};
    for (gsize i = 0; taken[i] != NULL; i++)
        CHECK_STRING(hc_windows_name_fault(taken[i]), NULL);
    for (gsize i = 0; refused[i] != NULL; i++)
        CU_ASSERT_PTR_NOT_NULL(hc_windows_name_fault(refused[i]));
    g_autofree char *longest = g_strnfill(255, 'a');
    g_autofree char *longer = g_strnfill(256, 'a');
    CHECK_STRING(hc_windows_name_fault(longest), NULL);
    CHECK_STRING(hc_windows_name_fault(longer), "Windows takes no name of over 255 UTF-16 units");
}

static void
check_path(const char *text, const char *expected)
{
    GError *error = NULL;
    g_autofree char *name = hc_windows_path_parse(text, &error);
    CHECK_NO_ERROR(error);
    CHECK_STRING(name, expected);
}

static void
check_resolved(const char *text, const char *expected)
{
    GError *error = NULL;
    g_autofree char *name = hc_windows_path_resolve("Files/app/bin", text, &error);
    CHECK_STRING(name, expected);
    CU_ASSERT_EQUAL(error == NULL, expected != NULL);
    g_clear_error(&error);
}

/* Source: Microsoft, "File path formats on Windows systems": relative to a drive, "..". */
static void
windows_path_resolved(void)
{
    check_resolved("a.txt", "Files/app/bin/a.txt");
    check_resolved("..\\a", "Files/app/a");
    check_resolved("C:a", "Files/app/bin/a");
    check_resolved("c:\\x/.\\y\\..\\z", "Files/x/z");
    check_resolved("\\", "Files");
    check_resolved("..\\..\\..\\..\\Hives", "Files/Hives");
    check_resolved("", NULL);
    check_resolved("D:\\x", NULL);
    check_resolved("\\\\server\\share", NULL);
    check_resolved("\\\\?\\C:\\x", NULL);
    check_resolved("a*", NULL);
    g_autofree char *text = hc_windows_path_text("Files/A/b");
    CHECK_STRING(text, "C:\\A\\b");
    g_autofree char *root = hc_windows_path_text("Files");
    CHECK_STRING(root, "C:\\");
    g_autofree char *other = hc_windows_path_text("UtilityVM/Files/x");
    CHECK_STRING(other, "UtilityVM\\Files\\x");
}

static void
windows_paths(void)
{
    check_path("C:\\A b\\c.exe", "Files/A b/c.exe");
    check_path("c:/a/b", "Files/a/b");
    check_path("\\a//.\\b\\", "Files/a/b");
    check_path("/", "Files");
    check_path("C:\\", "Files");
}

/* A variable on Windows is the same in any case; labels are not. */
static void
environment(void)
{
    static const char base[] = "{\"config\":{\"Env\":[\"Path=1\",\"A=2\",\"PATH=3\",\"PATHEXT=4\"],"
                               "\"Labels\":{\"k\":\"1\"},\"Cmd\":[\"c\"],\"ArgsEscaped\":true,"
                               "\"unknown\":1e999},\"rootfs\":{\"diff_ids\":[]}}";
    char env[] = "pATH=x=y";
    char label[] = "K=";
    char entrypoint[] = "a b";
    char *env_list[] = {env, NULL};
    char *label_list[] = {label, NULL};
    LpConfigOptions options = {.env = env_list, .label = label_list, .entrypoint = entrypoint};
    LpConfigStep step = {.created_by = "test", .diff_id = "sha256:d"};
    g_autoptr(GBytes) bytes = g_bytes_new_static(base, strlen(base));
    GError *error = NULL;
    g_autofree char *config = lp_config_make(bytes, "image", &options, &step, &error);
    CHECK_NO_ERROR(error);
    CHECK_STRING(config,
                 "{\"config\":{\"Env\":[\"pATH=x=y\",\"A=2\",\"PATHEXT=4\"],"
                 "\"Labels\":{\"k\":\"1\",\"K\":\"\"},\"unknown\":1e999,\"Entrypoint\":[\"a b\"]},"
                 "\"rootfs\":{\"diff_ids\":[\"sha256:d\"]},\"created\":\"1970-01-01T00:00:00Z\","
                 "\"history\":[{\"created\":\"1970-01-01T00:00:00Z\",\"created_by\":\"test\"}]}");
}

/* A history of the new layer alone would name the wrong one. */
static void
no_history(void)
{
    static const char base[] = "{\"rootfs\":{\"diff_ids\":[\"a\"]}}";
    LpConfigOptions options = {NULL};
    LpConfigStep step = {.created_by = "test", .diff_id = "b"};
    g_autoptr(GBytes) bytes = g_bytes_new_static(base, strlen(base));
    GError *error = NULL;
    g_autofree char *config = lp_config_make(bytes, "image", &options, &step, &error);
    CHECK_NO_ERROR(error);
    CHECK_STRING(config,
                 "{\"rootfs\":{\"diff_ids\":[\"a\",\"b\"]},\"created\":\"1970-01-01T00:00:00Z\"}");
}

static void
platform(void)
{
    g_autofree char *text = hc_image_platform(
        "{\"os.features\":[\"win32k\"],\"os\":\"windows\",\"x\":1,\"architecture\":\"amd64\","
        "\"os.version\":\"10.0\"}");
    CHECK_STRING(text, "{\"architecture\":\"amd64\",\"os\":\"windows\",\"os.version\":\"10.0\","
                       "\"os.features\":[\"win32k\"]}");
}

const char cu_suite[] = "image-parts";
const CuCase cu_cases[] = {
    {"object_kept", object_kept},
    {"object_forms", object_forms},
    {"array", array},
    {"strings", strings},
    {"index_update", index_update},
    {"index_kept", index_kept},
    {"index_refused", index_refused},
    {"index_versions", index_versions},
    {"windows_names", windows_names},
    {"windows_paths", windows_paths},
    {"windows_path_resolved", windows_path_resolved},
    {"environment", environment},
    {"no_history", no_history},
    {"platform", platform},
    {"no_memory_is_not_no", no_memory_is_not_no},
    {NULL, NULL},
};
