#include "config.h"

#include <string.h>

#include "hivecore/base/display.h"
#include "hivecore/base/sha256.h"
#include "hivecore/report/html-private.h"

/* The frame of every page: policy, style, script. */

/* assets/report.css and assets/report.js, as embed.awk has them. */
static const char *const assets[] = {
#include "hivecore/report/html-assets.inc"
};
#define STYLE  assets[0]
#define SCRIPT assets[1]

void
hc_html_text(GString *out, const char *text)
{
    g_autofree char *shown = hc_display(text);
    for (const char *at = shown; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '"':
            g_string_append(out, "&quot;");
            break;
        case '\'':
            g_string_append(out, "&#39;");
            break;
        default:
            g_string_append_c(out, *at);
            break;
        }
    }
}

/* @path as it stands in an id and behind "#": what is no letter, digit, dot, dash or underscore is
 * ~XX. The script has the same. */
static void
append_id(GString *out, const char *path)
{
    for (const char *at = path; *at != '\0'; at++) {
        if (g_ascii_isalnum(*at) || strchr("._-", *at) != NULL)
            g_string_append_c(out, *at);
        else
            g_string_append_printf(out, "~%02x", (guint) (guchar) *at);
    }
}

void
hc_html_key_id(GString *out, const HcHtmlPart *part, gsize i, const char *path)
{
    if (part->tab != NULL)
        g_string_append_printf(out, "part-%u.", (guint) i + 1);
    append_id(out, path);
}

void
hc_html_json_in_script(GString *out, const GString *json)
{
    for (gsize i = 0; i < json->len; i++) {
        if (json->str[i] == '<')
            g_string_append(out, "\\u003c");
        else
            g_string_append_c(out, json->str[i]);
    }
}

/* Source: Content Security Policy Level 3, "hash-source". */
static void
append_hash(GString *out, const char *text)
{
    g_autoptr(HcSha256) sha256 = hc_sha256_new();
    hc_sha256_update(sha256, text, strlen(text));
    g_autofree char *base64 = g_base64_encode(hc_sha256_digest(sha256), HC_SHA256_BYTES);
    g_string_append_printf(out, "'sha256-%s'", base64);
}

static void
append_title(GString *out, const HcHtmlHead *head)
{
    hc_html_text(out, head->program);
    g_string_append_c(out, ' ');
    hc_html_text(out, head->command);
    g_string_append(out, head->old_name != NULL ? ": " : "");
    if (head->old_name != NULL)
        hc_html_text(out, head->old_name);
    if (head->new_name == NULL)
        return;
    g_string_append(out, " \xe2\x86\x92 ");
    hc_html_text(out, head->new_name);
}

static void
append_code(GString *out, const char *name)
{
    if (name == NULL)
        return;
    g_string_append(out, "<code>");
    hc_html_text(out, name);
    g_string_append(out, "</code>");
}

void
hc_html_begin(GString *out, const HcHtmlHead *head)
{
    g_string_append(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                         "'none'; script-src ");
    append_hash(out, SCRIPT);
    g_string_append(out, "; style-src ");
    append_hash(out, STYLE);
    g_string_append(out, "; img-src data:; base-uri 'none'; form-action 'none'\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
                         "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    append_title(out, head);
    g_string_append(out, "</title>\n<style>");
    g_string_append(out, STYLE);
    g_string_append(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
    hc_html_text(out, head->program);
    g_string_append_c(out, ' ');
    hc_html_text(out, head->command);
    g_string_append(out, "</h1>\n<p class=\"names\">");
    append_code(out, head->old_name);
    if (head->new_name != NULL)
        g_string_append(out, " <span aria-hidden=\"true\">\xe2\x86\x92</span> ");
    append_code(out, head->new_name);
    g_string_append(out, "</p>\n</header>\n<main>\n");
}

void
hc_html_end(GString *out)
{
    g_string_append(out, "</main>\n<script>");
    g_string_append(out, SCRIPT);
    g_string_append(out, "</script>\n</body>\n</html>\n");
}
