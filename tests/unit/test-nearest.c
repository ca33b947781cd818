#include "config.h"

#include <string.h>

#include "hivecore/base/choice.h"
#include "hivecore/base/limits.h"
#include "tests/unit/cu.h"

static HcName
name_of(const char *ascii)
{
    return (HcName){(const uint8_t *) ascii, (uint32_t) strlen(ascii), TRUE};
}

/* @expected of @offered (in this order) is nearest to @wanted; "" none. */
static void
check(const char *wanted, const char *offered, const char *expected)
{
    g_auto(GStrv) names = g_strsplit(offered, " ", -1);
    HcNearest nearest = hc_nearest_start(name_of(wanted));
    for (gsize i = 0; names[i] != NULL; i++)
        hc_nearest_offer(&nearest, name_of(names[i]));
    g_autofree char *best = hc_name_display(nearest.best);
    CHECK_STRING(best, expected);
}

static void
one_letter(void)
{
    check("Contso", "Microsoft Contoso", "Contoso");   /* left out */
    check("Contosoo", "Microsoft Contoso", "Contoso"); /* put in */
    check("Kontoso", "Microsoft Contoso", "Contoso");  /* changed */
    check("Cnotoso", "Microsoft Contoso", "Contoso");  /* swapped */
    check("CONTSO", "contoso", "contoso");
}

static void
nearest_wins(void)
{
    check("Servces", "Service Services Servers", "Services");
    check("abcx", "abcd abce", "abcd"); /* the first of two */
    check("abcdef", "uvwxyz", "");
    check("abcdefghijkl", "abcdefghiXYZ", "abcdefghiXYZ"); /* three are wrong */
    check("abcdefghijkl", "abcdefghWXYZ", "");             /* four are too many */
}

static void
short_names_need_more(void)
{
    check("ab", "ac", "");
    check("ab", "AB", "AB");
    check("abc", "abd", "abd");
    check("abc", "axd", "");
    check("", "a", "");
}

/* Bounded: neither long names nor many of them are compared. */
static void
hostile(void)
{
    g_autofree char *long_name = g_strnfill(256, 'a');
    check(long_name, long_name, "");
    HcNearest nearest = hc_nearest_start(name_of("abcdef"));
    for (guint i = 0; i < HC_MAX_NEAREST; i++)
        hc_nearest_offer(&nearest, name_of("ghijkl"));
    hc_nearest_offer(&nearest, name_of("abcdef"));
    CHECK_NUMBER(nearest.best.n_units, 0);
}

const char cu_suite[] = "nearest";
const CuCase cu_cases[] = {
    {"one letter", one_letter},
    {"the nearest wins", nearest_wins},
    {"short names", short_names_need_more},
    {"bounded", hostile},
    {NULL, NULL},
};
