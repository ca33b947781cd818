#include "config.h"

#include <string.h>

#include "hivecore/reg/parse-private.h"

/* What people hand over for a .reg file: named, with what to do. */

/* Lines that are looked at to tell what a text is. */
#define N_LINES 200

const char *
hc_reg_foreign_bytes(const uint8_t *bytes, gsize n_bytes)
{
    static const struct {
        gsize at;
        gsize n_bytes;
        const char *magic;
        const char *what;
    } kinds[] = {
        {0, 4, "regf",
         "is a registry hive, not a patch; 'hivetool diff --format=reg OLD NEW' makes a patch of "
         "two hives"},
        {0, 4, "PReg",
         "is a Registry.pol file of group policies, which apply, verify and diff take as a patch; "
         "this is for .reg files"},
        {0, 2, "\x1f\x8b", "is gzip data, expected a .reg file that is not compressed"},
        {0, 6,
         "\xfd"
         "7zXZ",
         "is xz data, expected a .reg file that is not compressed"},
        {0, 3, "BZh", "is bzip2 data, expected a .reg file that is not compressed"},
        {0, 4, "\x28\xb5\x2f\xfd", "is zstd data, expected a .reg file that is not compressed"},
        {0, 4, "PK\x03\x04", "is a zip archive, expected a .reg file that is not packed"},
        {0, 6, "7z\xbc\xaf\x27\x1c", "is a 7z archive, expected a .reg file that is not packed"},
        {0, 4, "Rar!", "is a rar archive, expected a .reg file that is not packed"},
        {0, 4, "MSCF", "is a cabinet, expected a .reg file that is not packed"},
        {257, 5, "ustar", "is a tar archive, expected a .reg file that is not packed"},
        {0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
         "is a compound file, as .msi and .doc are, expected a .reg file"},
        {0, 15, "SQLite format 3", "is an SQLite database, expected a .reg file"},
        {0, 4, "%PDF", "is a PDF document, expected a .reg file"},
        {0, 5, "{\\rtf", "is an RTF document, expected a .reg file; save it as plain text"},
        {0, 4,
         "\x7f"
         "ELF",
         "is a program, expected a .reg file"},
    };
    if (n_bytes == 0)
        return "is empty, expected 'Windows Registry Editor Version 5.00' or 'REGEDIT4' in line 1";
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (n_bytes >= kinds[i].at + kinds[i].n_bytes &&
            memcmp(bytes + kinds[i].at, kinds[i].magic, kinds[i].n_bytes) == 0)
            return kinds[i].what;
    }
    /* Windows programs; text can start with the two letters. */
    if (n_bytes >= 64 && memcmp(bytes, "MZ", 2) == 0 && memchr(bytes, 0, 64) != NULL)
        return "is a program, expected a .reg file";
    return NULL;
}

/* Whether @word, in lower case, stands at @pos in any case. */
static gboolean
starts(const HcRegLexer *lexer, gsize pos, const char *word)
{
    for (; *word; word++, pos++) {
        const uint16_t unit = pos < lexer->n_units ? lexer->units[pos] : 0;
        if (unit >= 0x80 || g_ascii_tolower((char) unit) != *word)
            return FALSE;
    }
    return TRUE;
}

static gboolean
starts_any(const HcRegLexer *lexer, gsize pos, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (starts(lexer, pos, *words))
            return TRUE;
    }
    return FALSE;
}

/* Whether the key line at @pos has a path in its brackets, as sections of .reg files do. */
static gboolean
is_key_line(const HcRegLexer *lexer, gsize pos)
{
    const gsize eol = hc_reg_eol(lexer, pos);
    for (gsize i = pos; i < eol; i++) {
        if (hc_reg_is(lexer, i, '\\'))
            return TRUE;
    }
    return starts(lexer, pos, "[hk") || starts(lexer, pos, "[-hk");
}

static const HcRegForeign *
of_line(const HcRegLexer *lexer, gboolean is_first)
{
    static const HcRegForeign wine = {"a registry file of Wine",
                                      "a .reg file; 'wine regedit /E FILE.reg KEY' writes one"};
    static const HcRegForeign html = {
        "an HTML page", "a .reg file; perhaps the page that shows the file was saved in its place"};
    static const HcRegForeign xml = {"XML", "a .reg file"};
    static const HcRegForeign query = {"the output of 'reg query'",
                                       "a .reg file; 'reg export KEY FILE.reg' writes one"};
    static const HcRegForeign batch = {
        "a batch file",
        "a .reg file; other commands take 'reg add' and 'reg delete' lines as they are"};
    static const HcRegForeign powershell = {
        "a PowerShell script", "a .reg file; 'Set-ItemProperty KEY NAME DATA' is a line [KEY] and "
                               "below it a line \"NAME\"=\"DATA\""};
    static const HcRegForeign setup = {
        "a setup file (.inf)", "a .reg file; 'HKLM,KEY,NAME,,DATA' is a line "
                               "[HKEY_LOCAL_MACHINE\\KEY] and below it a line \"NAME\"=\"DATA\""};
    static const char *const pages[] = {"<!doctype html", "<html", NULL};
    static const char *const commands[] = {"reg add ",        "reg.exe add ", "reg delete ",
                                           "reg.exe delete ", "reg import ",  "@reg ",
                                           "@echo off",       "setlocal",     NULL};
    static const char *const cmdlets[] = {"set-itemproperty ",
                                          "new-itemproperty ",
                                          "new-item ",
                                          "remove-item ",
                                          "remove-itemproperty ",
                                          "#requires ",
                                          "param(",
                                          "<#",
                                          NULL};
    static const char *const sections[] = {"signature=\"$", "signature = \"$", "addreg", "delreg",
                                           NULL};
    const gsize pos = lexer->pos;
    if (starts_any(lexer, pos, cmdlets))
        return &powershell;
    if (is_first && starts(lexer, pos, "wine registry version"))
        return &wine;
    if (is_first && starts_any(lexer, pos, pages))
        return &html;
    if (is_first && hc_reg_is(lexer, pos, '<'))
        return &xml;
    if (is_first && starts(lexer, pos, "hkey_"))
        return &query;
    if (starts_any(lexer, pos, commands))
        return &batch;
    return starts_any(lexer, pos, sections) ? &setup : NULL;
}

const HcRegForeign *
hc_reg_foreign_text(const HcRegLexer *lexer)
{
    static const HcRegForeign ini = {"an .ini file",
                                     "a .reg file, whose sections are keys of the registry"};
    HcRegLexer at = *lexer;
    gboolean has_line = TRUE;
    gboolean is_first = TRUE;
    gboolean is_ini = FALSE;
    for (guint i = 0; i < N_LINES && has_line; i++, has_line = hc_reg_next_line(&at)) {
        hc_reg_skip_blanks(&at);
        if (hc_reg_is_eol(&at, at.pos) || hc_reg_is(&at, at.pos, ';'))
            continue;
        const HcRegForeign *kind = of_line(&at, is_first);
        if (kind != NULL)
            return kind;
        if (hc_reg_is(&at, at.pos, '[') && is_key_line(&at, at.pos))
            return NULL;
        is_ini |= is_first && hc_reg_is(&at, at.pos, '[');
        is_first = FALSE;
    }
    return is_ini ? &ini : NULL;
}
