#include "config.h"

#include "hivecore/dockerfile/expand.h"
#include "tests/unit/cu.h"

/* A form of a word and what it becomes; NULL: an error. */
typedef struct {
    const char *word;
    const char *wanted;
} WordRow;

/* @escape and the variables PWD=/home, SHELL=bash, KOREAN, NULL= of the tests of BuildKit. */
static void
check_words(const WordRow *rows, gsize n_rows, gunichar escape, gboolean is_windows)
{
    g_autoptr(HcDockerEnv) env = hc_docker_env_new(is_windows);
    hc_docker_env_set_pair(env, "PWD=/home");
    hc_docker_env_set_pair(env, "SHELL=bash");
    hc_docker_env_set_pair(env, "KOREAN=한국어");
    hc_docker_env_set_pair(env, "NULL=");
    const HcExpander expander = {.escape = escape, .env = env};
    for (gsize i = 0; i < n_rows; i++) {
        g_autofree char *word = hc_docker_expand(&expander, rows[i].word, NULL);
        CHECK_STRING(word, rows[i].wanted);
        if (g_strcmp0(word, rows[i].wanted) != 0)
            g_printerr("of: %s\n", rows[i].word);
    }
}

/* Source of all rows: moby/buildkit 73ed6825c, frontend/dockerfile/shell/envVarTest. */
static void
words_expanded(void)
{
    static const WordRow rows[] = {
        {"hello", "hello"},
        {"he'll'o", "hello"},
        {"he'llo", NULL},
        {"he\\'llo", "he'llo"},
        {"he\\\\'llo", NULL},
        {"abc\\tdef", "abctdef"},
        {"\"abc\\tdef\"", "abc\\tdef"},
        {"\"abc\\\\tdef\"", "abc\\tdef"},
        {"'abc\\tdef'", "abc\\tdef"},
        {"hello\\", "hello"},
        {"hello\\\\", "hello\\"},
        {"\"hello", NULL},
        {"\"hello\\\"", NULL},
        {"\"hel'lo\"", "hel'lo"},
        {"'hello\\'", "hello\\"},
        {"'hello\\there'", "hello\\there"},
        {"\"''\"", "''"},
        {"$.", "$."},
        {"he$1x", "hex"},
        {"he$.x", "he$.x"},
        {"he$PWD", "he/home"},
        {"he\\$PWD", "he$PWD"},
        {"he\\\\$PWD", "he\\/home"},
        {"\"he\\$PWD\"", "he$PWD"},
        {"\"he\\\\$PWD\"", "he\\/home"},
        {"\\${}", "${}"},
        {"he\\${}xx", "he${}xx"},
        {"${}", NULL},
        {"he${}xx", NULL},
        {"he${hi}xx", "hexx"},
        {"he${PWD}", "he/home"},
        {"he${.}", NULL},
        {"he${XXX:-000}xx", "he000xx"},
        {"he${PWD:-000}xx", "he/homexx"},
        {"he${XXX:-$PWD}xx", "he/homexx"},
        {"he${XXX:-${PWD:-yyy}}xx", "he/homexx"},
        {"he${XXX:-${YYY:-yyy}}xx", "heyyyxx"},
        {"he${XXX:YYY}", NULL},
        {"he${XXX?}", NULL},
        {"he${XXX:?}", NULL},
        {"he${PWD?}", "he/home"},
        {"he${NULL?}", "he"},
        {"he${NULL:?}", NULL},
        {"he${XXX:+${PWD}}xx", "hexx"},
        {"he${PWD:+${SHELL}}xx", "hebashxx"},
        {"he${PWD:+000}xx", "he000xx"},
        {"'he${XX}'", "he${XX}"},
        {"\"he'$PWD'\"", "he'/home'"},
        {"'\\$PWD'", "\\$PWD"},
        {"'\"hello\"'", "\"hello\""},
        {"he${PWD", NULL},
        {"he${PWD:=000}xx", NULL},
        {"he${PWD:+${PWD}:}xx", "he/home:xx"},
        {"he${XXX:-\\$PWD:}xx", "he$PWD:xx"},
        {"he${XXX:-\\${PWD}z}xx", "he${PWDz}xx"},
        {"안'녕'하세요", "안녕하세요"},
        {"안녕$KOREAN", "안녕한국어"},
        {"${{aaa}", NULL},
        {"${aaa}}", "}"},
        {"${aaa", NULL},
        {"${aaa:-bbb}}", "bbb}"},
        {"${aaa:-${bbb:-ccc}}", "ccc"},
        {"${aaa:-bbb ${foo}", NULL},
        {"${aaa:-bbb {foo}", "bbb {foo"},
        {"${:}", NULL},
        {"${:-bbb}", NULL},
        {"$1", ""},
        {"${1:-bbb}", "bbb"},
        {"$999aaa", "aaa"},
        {"$@@@", "@@"},
        {"${@:-bbb}aaa", "bbbaaa"},
        {"${#:-bbb}", "bbb"},
        {"${$}", ""},
        {"${0:+bbb}", ""},
    };
    check_words(rows, G_N_ELEMENTS(rows), '\\', FALSE);
    /* The row marked W: on Windows $pwd is $PWD; on Linux, U, it is not. */
    static const WordRow windows[] = {{"he$pwd.", "he/home."}};
    static const WordRow posix[] = {{"he$pwd.", "he."}};
    check_words(windows, 1, '\\', TRUE);
    check_words(posix, 1, '\\', FALSE);
}

/* With "# escape=`" a backslash is a letter like others: the paths of Windows stay. */
static void
words_with_backticks(void)
{
    static const WordRow rows[] = {
        {"C:\\app\\x", "C:\\app\\x"},    {"C:\\$PWD", "C:\\/home"}, {"`$PWD", "$PWD"},
        {"\"C:\\a b`\"\"", "C:\\a b\""}, {"\"a`b\"", "a`b"},        {"'`'", "`"},
    };
    check_words(rows, G_N_ELEMENTS(rows), '`', TRUE);
}

/* Source: moby/buildkit, frontend/dockerfile/shell/lex_test.go and docs/reference.md, where the
 * value of str is "foobarbaz". */
static void
words_cut(void)
{
    g_autoptr(HcDockerEnv) env = hc_docker_env_new(TRUE);
    hc_docker_env_set_pair(env, "str=foobarbaz");
    hc_docker_env_set_pair(env, "path=C:\\a\\b\\c");
    static const WordRow rows[] = {
        {"${str#f*b}", "arbaz"},
        {"${str##f*b}", "az"},
        {"${str%b*}", "foobar"},
        {"${str%%b*}", "foo"},
        {"${str/ba/fo}", "fooforbaz"},
        {"${str//ba/fo}", "fooforfoz"},
        {"${str#x}", "foobarbaz"},
        {"${str##*}", ""},
        {"${str#?}", "oobarbaz"},
        {"${str/b?r/}", "foobaz"},
        {"${str//a*/X}", "foobX"},
        {"${str/nothing/x}", "foobarbaz"},
        {"${none#x}", ""},
        {"${str:#f}", NULL},
        {"${str/a}", NULL},
        {"${str#[f]}", "foobarbaz"},
        {"${path//\\\\/\\/}", "C:\\/a\\/b\\/c"},
    };
    const HcExpander expander = {.escape = '\\', .env = env};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *word = hc_docker_expand(&expander, rows[i].word, NULL);
        CHECK_STRING(word, rows[i].wanted);
        if (g_strcmp0(word, rows[i].wanted) != 0)
            g_printerr("of: %s\n", rows[i].word);
    }
}

static void
words_split(void)
{
    g_autoptr(HcDockerEnv) env = hc_docker_env_new(TRUE);
    hc_docker_env_set_pair(env, "PORTS=80 443/tcp");
    const HcExpander expander = {.escape = '\\', .env = env};
    g_autoptr(GPtrArray) words =
        hc_docker_expand_words(&expander, "1 $PORTS \"$PORTS\" a\\ b", NULL);
    CHECK_NUMBER(words->len, 5);
    g_ptr_array_add(words, NULL);
    g_autofree char *joined = g_strjoinv("|", (char **) words->pdata);
    CHECK_STRING(joined, "1|80|443/tcp|80 443/tcp|a b");
}

static void
growth_ends(void)
{
    g_autoptr(HcDockerEnv) env = hc_docker_env_new(TRUE);
    gsize n_bytes = 0;
    const HcExpander expander = {.escape = '\\', .env = env, .n_bytes = &n_bytes};
    GError *error = NULL;
    hc_docker_env_set(env, "A", "0123456789");
    for (int i = 0; i < 40 && error == NULL; i++) {
        g_autofree char *value = hc_docker_expand(&expander, "$A$A", &error);
        if (value != NULL)
            hc_docker_env_set(env, "A", value);
    }
    CHECK_ERROR(error, HC_ERROR_LIMIT, "'$A$A': becomes longer than 65535 bytes");
    g_autoptr(GString) deep = g_string_new(NULL);
    for (int i = 0; i < 10000; i++)
        g_string_append(deep, "${x:-");
    CU_ASSERT_PTR_NULL(hc_docker_expand(&expander, deep->str, &error));
    CU_ASSERT_TRUE(g_error_matches(error, HC_ERROR, HC_ERROR_LIMIT));
    g_clear_error(&error);
}

const char cu_suite[] = "words of Dockerfiles";

const CuCase cu_cases[] = {
    {"words, as BuildKit expands them", words_expanded},
    {"words with escape=`", words_with_backticks},
    {"patterns in ${}", words_cut},
    {"words that variables split", words_split},
    {"variables that grow", growth_ends},
    {NULL, NULL},
};
