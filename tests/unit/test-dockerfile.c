#include "config.h"

#include <string.h>

#include "hivecore/base/limits.h"
#include "hivecore/dockerfile/dockerfile.h"
#include "hivecore/dockerfile/glob.h"
#include "tests/unit/cu.h"

/* Source: moby/buildkit 73ed6825c, util/system/path_test.go, TestNormalizeWorkdirWindows and
 * TestNormalizeWorkdir. */
static void
workdirs(void)
{
    static const struct {
        const char *current;
        const char *path;
        gboolean is_windows;
        const char *wanted;
    } rows[] = {
        {"", "test", TRUE, "\\test"},
        {"", "\\strippedWd", TRUE, "\\strippedWd"},
        {"", "C:\\withDriveLetter", TRUE, "\\withDriveLetter"},
        {"", "C:/withDriveLetterAndForwardSlash", TRUE, "\\withDriveLetterAndForwardSlash"},
        {"", "C:/first\\second/third", TRUE, "\\first\\second\\third"},
        {"testing", "", TRUE, "\\testing"},
        {"testing", "newTesting", TRUE, "\\testing\\newTesting"},
        {"testing/with\\mixed/slashes", "newTesting", TRUE,
         "\\testing\\with\\mixed\\slashes\\newTesting"},
        {"C:\\testing/with\\mixed/slashes", "newTesting", TRUE,
         "\\testing\\with\\mixed\\slashes\\newTesting"},
        {"C:\\testing/with\\mixed/slashes", "", TRUE, "\\testing\\with\\mixed\\slashes"},
        {"D:\\IWillErrorOut", "doesNotMatter", TRUE, NULL},
        {"C:\\testing", "D:\\testing", TRUE, NULL},
        {"C:", "testing", TRUE, NULL},
        {"/test", "C:", TRUE, NULL},
        {"/test", "C:testing", TRUE, "\\test\\testing"},
        {"C:\\..\\test\\..\\", "", TRUE, "\\"},
        {"/test", "relative/path", TRUE, "\\test\\relative\\path"},
        {"/test", "..\\..\\..\\up", TRUE, "\\up"},
        {"/test", "\\\\.\\C$\\test", TRUE, NULL},
        {"", "test", FALSE, "/test"},
        {"/test", "subdir", FALSE, "/test/subdir"},
        {"/test", "../subdir", FALSE, "/subdir"},
        {"/test", "/current", FALSE, "/current"},
        {"test", "", FALSE, "/test"},
        {"/test", "a\\b", FALSE, "/test/a\\b"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path =
            hc_docker_workdir(rows[i].current, rows[i].path, rows[i].is_windows, NULL);
        CHECK_STRING(path, rows[i].wanted);
    }
}

/* Destinations keep a slash at the end. Source: the same, CheckSystemDriveAndRemoveDriveLetter and
 * pathRelativeToWorkingDir. */
static void
destinations(void)
{
    static const struct {
        const char *path;
        const char *wanted;
    } rows[] = {
        {"\\a\\b\\..\\c\\", "/a/c/"},
        {"C:\\tools\\", "/tools/"},
        {"c:/", "/"},
        {".", "/app/"},
        {"", "/app/"},
        {"./", "/app/"},
        {"bin/", "/app/bin/"},
        {"bin", "/app/bin"},
        {"C:tools", "/app/tools"},
        {"..", "/"},
        {"bin/.", "/app/bin/"},
        {"/", "/"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = hc_docker_path("\\app", rows[i].path, TRUE, TRUE, NULL);
        CHECK_STRING(path, rows[i].wanted);
    }
    GError *error = NULL;
    CHECK_STRING(hc_docker_path(NULL, "d:\\x", TRUE, TRUE, &error), NULL);
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "d:\\x: an image has no other drive than C:");
}

/* Rows: a pattern alone, a path, whether it is left out. Source: moby/patternmatcher, its tests
 * and rules; docs of docker build, ".dockerignore files". */
static void
ignored(void)
{
    static const struct {
        const char *patterns;
        const char *path;
        gboolean wanted;
    } rows[] = {
        {"**", "file", TRUE},
        {"**", "dir/file", TRUE},
        {"**/", "file", TRUE},
        {"**/**", "dir/file", TRUE},
        {"dir/**", "dir/file", TRUE},
        {"dir/**", "dir", FALSE},
        {"**/dir", "dir", TRUE},
        {"**/dir", "a/b/dir", TRUE},
        {"**/dir2/*", "dir/dir2/file", TRUE},
        {"**file", "dir/otherfile", TRUE},
        {"**/file", "dir/otherfile", FALSE},
        {"**/*.txt", "a/b.txt", TRUE},
        {"a**b", "a/x/b", TRUE},
        {"*.md", "README.md", TRUE},
        {"*.md", "docs/README.md", FALSE},
        {"docs", "docs/README.md", TRUE},
        {"/docs", "docs", TRUE},
        {"docs/", "docs/x", TRUE},
        {"./docs/../bin", "bin/x", TRUE},
        {"../bin", "bin", FALSE},
        {"a?c", "abc", TRUE},
        {"a?c", "a/c", FALSE},
        {"[a-c]x", "bx", TRUE},
        {"[^a-c]x", "bx", FALSE},
        {"\\*x", "*x", TRUE},
        {"\\*x", "ax", FALSE},
        {"#docs", "#docs", FALSE},
        {"  docs  ", "docs", TRUE},
        {"*\n!README.md", "README.md", FALSE},
        {"*\n!README.md", "x", TRUE},
        {"*.md\n!README*.md\nREADME-secret.md", "README-secret.md", TRUE},
        {"docs\n!docs/keep", "docs/keep", FALSE},
        {"docs\n!docs/keep", "docs/other", TRUE},
        {"!a\na", "a", TRUE},
        {".", "a", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(HcDockerIgnore) ignore =
            hc_ignore_new("x", rows[i].patterns, strlen(rows[i].patterns), NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(ignore);
        g_auto(GStrv) parts = g_strsplit(rows[i].path, "/", -1);
        g_autofree guint8 *marks = NULL;
        g_autoptr(GString) path = g_string_new(NULL);
        gboolean is_ignored = FALSE;
        for (gsize j = 0; parts[j] != NULL; j++) {
            guint8 *below;
            g_string_append_printf(path, "%s%s", j > 0 ? "/" : "", parts[j]);
            is_ignored = hc_ignore_matches(ignore, path->str, marks, &below);
            g_free(marks);
            marks = below;
        }
        CHECK_NUMBER(is_ignored, rows[i].wanted);
        if (is_ignored != rows[i].wanted)
            g_printerr("of: %s, %s\n", rows[i].patterns, rows[i].path);
    }
    GError *error = NULL;
    CU_ASSERT_PTR_NULL(hc_ignore_new(".dockerignore", "a\n[x\n", 5, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED,
                ".dockerignore:2: [x: a [ that no ] ends, or with nothing in it");
}

/* Instructions of a text in one line each: the line, the word, flags, words and pairs. */
static char *
dump(const char *text, GError **error)
{
    g_autoptr(HcFindings) remarks = hc_findings_new("Dockerfile", 10);
    g_autoptr(HcDockerfile) file =
        hc_dockerfile_read("Dockerfile", text, strlen(text), remarks, error);
    if (file == NULL)
        return NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    for (guint i = 0; i < file->stages->len; i++) {
        const HcDockerStage *stage = file->stages->pdata[i];
        g_string_append_printf(out, "%u FROM %s", stage->line, stage->base);
        if (stage->name != NULL)
            g_string_append_printf(out, " as %s", stage->name);
        g_string_append_c(out, '\n');
        for (guint j = 0; j < stage->instructions->len; j++) {
            const HcInstruction *own = stage->instructions->pdata[j];
            g_string_append_printf(out, "%u %s", own->line, hc_docker_word_name(own->word));
            for (gsize k = 0; own->flags[k] != NULL; k++)
                g_string_append_printf(out, " -%s", own->flags[k]);
            if (own->kind != NULL)
                g_string_append_printf(out, " %s:", own->kind);
            for (gsize k = 0; own->args != NULL && own->args[k] != NULL; k++)
                g_string_append_printf(out, " (%s)", own->args[k]);
            for (guint k = 0; own->pairs != NULL && k < own->pairs->len; k++) {
                const HcDockerPair *pair = own->pairs->pdata[k];
                g_string_append_printf(out, " (%s)=(%s)", pair->name,
                                       pair->value != NULL ? pair->value : "-");
            }
            g_string_append(out, own->is_json ? " json\n" : "\n");
        }
    }
    for (guint i = 0; i < remarks->list->len; i++) {
        const HcFinding *finding = remarks->list->pdata[i];
        g_string_append_printf(out, "remark %u: %s\n", finding->line, finding->text);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Sources: moby/buildkit, frontend/dockerfile/parser: testfiles and line_parsers_test.go, facts. */
static void
instructions(void)
{
    static const struct {
        const char *text;
        const char *wanted;
    } rows[] = {
        {"\xef\xbb\xbf# escape=`\r\nFROM a\r\nCOPY C:\\x C:\\y\r\nRUN a `\r\n  # no\r\n\r\n b\r\n",
         "2 FROM a\n3 COPY (C:\\x) (C:\\y)\n4 RUN (a  b)\n"},
        {"#escape = \\\n# Syntax=docker/dockerfile:1\nFROM a as B\nfrom b\n",
         "3 FROM a as b\n4 FROM b\nremark 2: syntax=docker/dockerfile:1 is not heeded: the "
         "language is the one of docker/dockerfile:1\n"},
        {"# a comment\n# escape=`\nFROM a\nRUN x \\\n y\n", "3 FROM a\n4 RUN (x  y)\n"},
        {"FROM a\nRUN x \\\\\nRUN y\\  \n\nCMD z", "1 FROM a\n2 RUN (x \\\\)\n3 RUN (yCMD z)\n"},
        {"FROM a\nENV A b  c \nENV X=1 Y=\"a b\" Z=a\\ b\nENV Q 'a'\n",
         "1 FROM a\n2 ENV (A)=(b  c)\n3 ENV (X)=(1) (Y)=(\"a b\") (Z)=(a\\ b)\n4 ENV (Q)=('a')\n"},
        {"FROM a\nARG A B=1 C=\n", "1 FROM a\n2 ARG (A)=(-) (B)=(1) (C)=()\n"},
        {"FROM a\nCOPY --link --from=b [\"a b\", \"c\"]\nADD --chown=1 x y z/\n",
         "1 FROM a\n2 COPY -link -from=b (a b) (c) json\n3 ADD -chown=1 (x) (y) (z/)\n"},
        {"FROM a\nCMD [\"C:\\app.exe\"]\nENTRYPOINT []\n",
         "1 FROM a\n2 CMD ([\"C:\\app.exe\"])\n3 ENTRYPOINT json\nremark 2: CMD: is no array of "
         "JSON, so it is read as a command line; in JSON a backslash is \\\\\n"},
        {"FROM a\nHEALTHCHECK --interval=5s CMD a b\nHEALTHCHECK none\nONBUILD RUN x\n",
         "1 FROM a\n2 HEALTHCHECK -interval=5s CMD: (a b)\n3 HEALTHCHECK NONE:\n4 ONBUILD RUN:\n"},
        {"FROM --platform=\"$X\" a\nRUN --mount=type=cache,target=C:\\x -- --y\n",
         "1 FROM a\n2 RUN -mount=type=cache,target=C:x (--y)\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        GError *error = NULL;
        g_autofree char *text = dump(rows[i].text, &error);
        CHECK_NO_ERROR(error);
        CHECK_STRING(text, rows[i].wanted);
    }
}

static void
refused(void)
{
    static const struct {
        const char *text;
        HcErrorCode code;
        const char *wanted;
    } rows[] = {
        {"", HC_ERROR_MALFORMED, "Dockerfile: has no FROM"},
        {"RUN x\n", HC_ERROR_MALFORMED,
         "Dockerfile:1: RUN before the first FROM, where only ARG can be"},
        {"FROM a\n\nCOPPY a b\n", HC_ERROR_MALFORMED,
         "Dockerfile:3: 'COPPY' is no instruction; is COPY meant?"},
        {"FROM a\nCOPY a\n", HC_ERROR_MALFORMED,
         "Dockerfile:2: COPY: a source and a destination must follow"},
        {"FROM a\nCOPY --frm=x a b\n", HC_ERROR_MALFORMED, "Dockerfile:2: COPY has no flag --frm"},
        {"FROM a\nCOPY --from a b\n", HC_ERROR_MALFORMED,
         "Dockerfile:2: COPY: --from lacks its value"},
        {"FROM a\nRUN [\"a\", 1]\n", HC_ERROR_MALFORMED,
         "Dockerfile:2: RUN: an array of JSON has strings and nothing else"},
        {"FROM a\nSHELL powershell\n", HC_ERROR_MALFORMED,
         "Dockerfile:2: SHELL: an array of JSON must follow, like [\"cmd\", \"/S\", \"/C\"]"},
        {"FROM a\nENV A=1 B\n", HC_ERROR_MALFORMED,
         "Dockerfile:2: ENV: 'B' is not of the form NAME=VALUE"},
        {"FROM a\nENV A\n", HC_ERROR_MALFORMED, "Dockerfile:2: ENV: a name without a value"},
        {"FROM a b\n", HC_ERROR_MALFORMED,
         "Dockerfile:1: FROM: IMAGE or IMAGE AS NAME must follow"},
        {"FROM a AS 1x\n", HC_ERROR_MALFORMED,
         "Dockerfile:1: '1x' is no name for a stage: a letter, then letters, digits and - _ ."},
        {"# escape=x\nFROM a\n", HC_ERROR_MALFORMED,
         "Dockerfile:1: escape is \\ or ` and nothing else"},
        {"# escape=`\n# escape=`\nFROM a\n", HC_ERROR_MALFORMED,
         "Dockerfile:2: a second directive 'escape'"},
        {"FROM a\nCOPY <<EOF C:\\x\nEOF\n", HC_ERROR_UNSUPPORTED,
         "Dockerfile:2: COPY with a here document (<<) is not done here; put the text in a file of "
         "the context"},
        {"FROM a\nONBUILD FROM b\n", HC_ERROR_MALFORMED, "Dockerfile:2: ONBUILD takes no FROM"},
        {"FROM a\n\xff\n", HC_ERROR_MALFORMED, "Dockerfile:2: bytes that are not UTF-8"},
        {"\xff\xfe"
         "F",
         HC_ERROR_MALFORMED,
         "Dockerfile: is UTF-16; a Dockerfile is UTF-8 (in PowerShell: Set-Content -Encoding "
         "utf8)"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        GError *error = NULL;
        g_autofree char *text = dump(rows[i].text, &error);
        CHECK_STRING(text, NULL);
        CHECK_ERROR(error, rows[i].code, rows[i].wanted);
    }
    g_autofree char *long_line = g_strnfill(HC_MAX_DOCKERFILE_LINE_BYTES + 1, 'x');
    GError *error = NULL;
    CHECK_STRING(dump(long_line, &error), NULL);
    CHECK_ERROR(error, HC_ERROR_LIMIT, "Dockerfile:1: a line of over 65535 bytes");
}

static void
values(void)
{
    gint64 time;
    CU_ASSERT_TRUE(hc_docker_duration("1m30s", &time));
    CHECK_NUMBER(time, 90000000000);
    CU_ASSERT_TRUE(hc_docker_duration("1.5h", &time));
    CHECK_NUMBER(time, 5400000000000);
    CU_ASSERT_TRUE(hc_docker_duration("250ms", &time));
    CHECK_NUMBER(time, 250000000);
    CU_ASSERT_FALSE(hc_docker_duration("5", &time));
    CU_ASSERT_FALSE(hc_docker_duration("", &time));
    CU_ASSERT_FALSE(hc_docker_duration("-5s", &time));
    g_autoptr(GPtrArray) ports = g_ptr_array_new_with_free_func(g_free);
    CU_ASSERT_TRUE(hc_docker_ports("80", ports, NULL));
    CU_ASSERT_TRUE(hc_docker_ports("7000-7001/UDP", ports, NULL));
    CHECK_NUMBER(ports->len, 3);
    CHECK_STRING(ports->pdata[0], "80/tcp");
    CHECK_STRING(ports->pdata[2], "7001/udp");
    GError *error = NULL;
    CU_ASSERT_FALSE(hc_docker_ports("9-1", ports, &error));
    CHECK_ERROR(error, HC_ERROR_MALFORMED, "'9-1' is no port, like 80 or 7000-7010/udp");
    CU_ASSERT_TRUE(hc_docker_signal_is("SIGTERM"));
    CU_ASSERT_TRUE(hc_docker_signal_is("9"));
    CU_ASSERT_FALSE(hc_docker_signal_is("SIGNOTHING"));
}

const char cu_suite[] = "dockerfile";

const CuCase cu_cases[] = {
    {"WORKDIR", workdirs},
    {"destinations", destinations},
    {".dockerignore", ignored},
    {"instructions", instructions},
    {"what is refused", refused},
    {"durations, ports, signals", values},
    {NULL, NULL},
};
