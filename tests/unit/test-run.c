#include "config.h"

#include <string.h>

#include "hivecore/run/run.h"
#include "tests/unit/cu.h"
#include "tests/unit/reg-dump.h"

/*
 * What lines of RUN do, on a tree of nothing and without hives. The source of each row:
 *   M  Microsoft's page on the command: reg, setx, sc, icacls, tar, mkdir, del, copy, …
 *   C  Microsoft, "cmd", "Command shell overview"
 *   P  Microsoft, about_Parsing, about_Quoting_Rules, about_Operators, about_Numeric_Literals
 *   B  Microsoft, about_Parameters, and the page on the cmdlet
 *   R  PowerShell's source, RegistryProvider.cs: types of values, New-Item -Force
 *   N  .NET, Environment.SetEnvironmentVariable
 *   D  moby/buildkit: RUN of Windows is one command line, in which no quotes are put
 *   F  the forms that public Windows Dockerfiles have
 */

typedef struct {
    char source;
    const char *line;
    const char *expected; /* what is told, a line each, then the statements; or "! message" */
} Row;

static char *
run_line(const char *const *shell, const char *text)
{
    static const char *const env[] = {"ENVIRON=e v", "SETX=/M", NULL};
    g_autoptr(HcTree) tree = hc_tree_new("test");
    g_autoptr(HcDelta) registry = hc_delta_new();
    g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    hc_delta_last_wins(registry);
    const HcRunLine line = {.text = text, .shell = shell, .env = env, .line = 1};
    const HcRunWorld world = {.tree = tree,
                              .registry = registry,
                              .source = hc_delta_add_source(registry, "Dockerfile"),
                              .told = told};
    GString *out = g_string_new(NULL);
    if (!hc_run(&line, &world, NULL, &error)) {
        g_string_append_printf(out, "! %s", error->message);
        return g_string_free(out, FALSE);
    }
    for (guint i = 0; i < told->len; i++) {
        if (!g_str_has_prefix(told->pdata[i], "registry: "))
            g_string_append_printf(out, "%s\n", (const char *) told->pdata[i]);
    }
    g_autofree char *dump = reg_dump(registry);
    /* The parents of a key say nothing new. */
    g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
    for (gsize i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
        const gboolean is_parent =
            lines[i][1] == '[' && lines[i + 1] != NULL && *lines[i + 1] != '\0' &&
            strncmp(lines[i] + 1, lines[i + 1] + 1, strlen(lines[i]) - 2) == 0;
        if (!is_parent)
            g_string_append_printf(out, "%s\n", lines[i]);
    }
    return g_strchomp(g_string_free(out, FALSE));
}

static void
check_rows(const char *const *shell, const Row *rows)
{
    for (; rows->line != NULL; rows++) {
        g_autofree char *got = run_line(shell, rows->line);
        CHECK_STRING(got, rows->expected);
    }
}

static const char *const powershell[] = {
    "powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'Silent';",
    NULL};
static const char *const pwsh[] = {"pwsh", "-NoProfile", "-Command", NULL};

#define ENVIRONMENT                                                                                \
    "+[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment]\n"
#define S "+[HKEY_LOCAL_MACHINE\\S]\n"
#define NO_MORE                                                                                    \
    "without /M it sets a variable of the user that builds, whose hive is in no layer; ENV sets "  \
    "it for the container"

static void
cmd_registry(void)
{
    static const Row rows[] = {
        {'F', "setx /M A b", ENVIRONMENT "A=1:62000000"},
        /* What a line sets in the registry is there for the next one. */
        {'M', "setx /M A b && powershell -Command setx /M B $env:A",
         "! '$env:A': is neither in the machine's environment nor in ENV or ARG"},
        {'M', "setx /M ENVIRON c & powershell -Command setx /M B $env:ENVIRON",
         ENVIRONMENT "ENVIRON=1:63000000\nB=1:6500200076000000"},
        {'F', "setx.exe /m A \"b\"", ENVIRONMENT "A=1:62000000"},
        {'F', "SETX A b /M", ENVIRONMENT "A=1:62000000"},
        {'F', "setx %SETX% A b", ENVIRONMENT "A=1:62000000"},
        {'F', "setx /M A \"%ENVIRON%;%SystemDrive%\"",
         ENVIRONMENT "A=1:65002000760"
                     "03b0043003a000000"},
        {'M', "setx A b", "! 'setx': " NO_MORE},
        {'M', "setx /M A b c",
         "! 'setx': takes a name and a value, and gets 3 words; a value with blanks stands in "
         "quotes"},
        {'M', "setx /S other A b", "! '/S': of setx, is not done here"},
        {'C', "setx /M A %NOPE%",
         "! the variable %NOPE% is neither in the machine's environment nor in ENV or ARG"},
        {'F', "reg.exe ADD HKLM\\S /v a /t REG_DWORD /d 0x9 /f & reg add HKLM\\S /v b /d c",
         S "a=4:09000000\nb=1:63000000"},
        {'M', "reg delete HKLM\\S /f", "-[HKEY_LOCAL_MACHINE\\S]"},
        {'M', "reg delete HKLM\\S", "! 'reg': without /f it asks, and nobody answers"},
        {'M', "reg add HKLM\\S /v a /f && reg add HKLM\\S /v a",
         "! 'reg': without /f it asks, and nobody answers"},
        {'F', "reg add HKCU\\S /f",
         "! 'HKEY_CURRENT_USER': the hive of the user that builds is in no layer; HKU\\.DEFAULT is "
         "what new users get"},
        {'F', "sc.exe delete diagtrack -f",
         "-[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\diagtrack]"},
        {'F', "sc config w3svc start=demand",
         "+[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\w3svc]\nStart=4:03000000"},
        {'M', "sc config w3svc start= disabled",
         "+[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\w3svc]\nStart=4:04000000"},
        {'M', "sc create x binPath= y",
         "! 'sc create x binPath= y': of sc, only delete and config are done here"},
        {'C', "setx /M A b && exit 0 && choco", ENVIRONMENT "A=1:62000000"},
        {'C', "cmd /c exit 0 & setx /M A b", ENVIRONMENT "A=1:62000000"},
        {'C', "cmd /c \"set Q=1\" & setx /M A %ENVIRON%%OS%",
         "! 'setx': takes a name and a value, and gets 3 words; a value with blanks stands in "
         "quotes"},
        {'C', "cmd /c \"set Q=1\" & powershell -Command setx /M A $env:Q",
         "! '$env:Q': is neither in the machine's environment nor in ENV or ARG"},
        {'C', "set Q=1& powershell -Command setx /M A $env:Q", ENVIRONMENT "A=1:31000000"},
        {'C', "reg query HKLM\\S || reg add HKLM\\S /v a /d c /f",
         "! 'reg add HKLM\\S /v a /d c /f': hangs on the status of 'reg query HKLM\\S', which is "
         "not executed here"},
        {'C', "sc query x && setx /M A b || exit 0",
         "! 'setx /M A b': hangs on the status of 'sc query x', which is not executed here"},
        {'C', "setx /M A b || choco install x", ENVIRONMENT "A=1:62000000"},
        {'C', "cmd /c \"setx /M A b\"", ENVIRONMENT "A=1:62000000"},
        {'C', "\"setx\" /M A b", ENVIRONMENT "A=1:62000000"},
        {'C', "setx /M A ^\"b^\"", ENVIRONMENT "A=1:62000000"},
        {'F', "powershell -NoProfile -Command \"Set-ItemProperty HKLM:\\S a b\"", S "a=1:62000000"},
        {0, NULL, NULL},
    };
    check_rows(NULL, rows);
}

static void
cmd_files(void)
{
    static const Row rows[] = {
        {'M', "mkdir C:\\a\\b c", "files: folder C:\\a\\b\nfiles: folder C:\\c"},
        {'M', "md \"C:\\a b\" && cd \"C:\\a b\" && mkdir c",
         "files: folder C:\\a b\nfiles: folder C:\\a b\\c"},
        {'M', "mkdir a && mkdir a", "! C:\\a: is there already, so Windows would fail here"},
        {'M', "mkdir a & mkdir a || exit 0",
         "files: folder C:\\a\nfiles: folder C:\\a\nnothing: C:\\a: is there already"},
        {'M', "echo x > f && del f", "files: write C:\\f\nfiles: delete C:\\f"},
        {'M', "del nope", ""},
        {'M', "del *.*", "! '*.*': del of all files asks without /q, and nobody answers"},
        {'M', "mkdir d && echo x>d\\f && del /q d\\*",
         "files: folder C:\\d\nfiles: write C:\\d\\f\nfiles: delete C:\\d\\f"},
        {'M', "rd nope", "! nope: is not there, so Windows would fail here"},
        {'M', "rd nope || ver>nul", "nothing: nope: is not there"},
        {'M', "mkdir a\\b && rd a", "! C:\\a: is not empty, so Windows would fail here"},
        {'M', "mkdir a\\b && rd /s/q a", "files: folder C:\\a\\b\nfiles: delete C:\\a"},
        {'M', "mkdir a && rd /s a", "! 'rmdir /s': without /q it asks, and nobody answers"},
        {'M', "echo x>a && copy a b && move b c && ren c d && copy d a",
         "! C:\\a: is there already, and cmd asks; /y overwrites it"},
        {'M', "echo x>a && copy /y a b && copy nul e",
         "files: write C:\\a\nfiles: copy C:\\a to b\nfiles: write C:\\e"},
        {'M', "copy nope x", "! nope: is not there, so Windows would fail here"},
        {'M', "mkdir d && echo x>a.1 && copy *.1 d",
         "files: folder C:\\d\nfiles: write C:\\a.1\nfiles: copy C:\\a.1 to d"},
        {'M', "mkdir d && mklink /D l d", "files: folder C:\\d\nfiles: link C:\\l to d"},
        {'M', "icacls C:\\ /setowner x", "! '/setowner': of icacls, only /grant is done here"},
        {'F', "mkdir d && icacls d /grant \"Authenticated Users\":(OI)(CI)M /T",
         "files: folder C:\\d\nfiles: grant Authenticated Users:(OI)(CI)M on d"},
        {'M', "tar -xf nope.tar", "! nope.tar: there is no such file, so Windows would fail here"},
        {'M', "tar -cf x y", "! '-cf': of tar, only -xf is done here"},
        {'C', "echo a | find \"a\"", "passed over, it only prints: echo a | find \"a\""},
        {'C', "dir | findstr /i x | more 2>nul & mkdir a",
         "passed over, it only prints: dir | findstr /i x | more\nfiles: folder C:\\a"},
        {'C', "dir | find \"x\" && mkdir a & mkdir b",
         "! 'mkdir a': hangs on the status of 'find \"x\"', which is not executed here"},
        {'C', "reg query HKLM\\S | find \"x\" && mkdir a || exit 1",
         "passed over, it only prints: reg query HKLM\\S | find \"x\"\nfiles: folder C:\\a"},
        {'C', "echo y | del a", "! 'del a': gets through '|' what the command before it prints"},
        {'C', "mkdir a | more", "! 'more': gets through '|' what the command before it prints"},
        {'C', "dir | find \"x\" > y",
         "! 'find \"x\"': gets through '|' what the command before it prints"},
        {'C', "(mkdir a)", "! found '(', a block of commands; write each on a line of its own"},
        {'C', "if exist a mkdir b", "nothing: a is not there"},
        {'M', "if not exist a mkdir a", "files: folder C:\\a"},
        {'M', "if NOT EXIST \"a b\" md \"a b\"", "files: folder C:\\a b"},
        /* All that is behind it hangs on it. */
        {'M', "if exist a mkdir b & mkdir c", "nothing: a is not there"},
        {'M', "if not exist a mkdir a && mkdir b", "files: folder C:\\a\nfiles: folder C:\\b"},
        {'M', "if exist a (mkdir b)", "nothing: a is not there"},
        {'M', "if not exist a (mkdir b & mkdir c)", "files: folder C:\\b\nfiles: folder C:\\c"},
        {'M', "if exist a (mkdir b) else (mkdir c)", "files: folder C:\\c"},
        {'M', "if not exist a (mkdir b) else mkdir c", "files: folder C:\\b"},
        {'M', "if exist a (mkdir b) & mkdir c",
         "! 'if': with a block that is not ( and ) around the rest of the line"},
        {'M', "if exist a (mkdir b) else (mkdir c && mkdir d)",
         "! 'if': with parentheses in its block"},
        {'M', "if exist a (mkdir (x86))", "! 'if': with parentheses in its block"},
        {'M', "if exist a (echo x) else (echo y > f)", "! 'if': with else and a redirection"},
        {'M', "if not exist a (del b 2>nul) ", ""},
        {'M', "if not exist a (del b) > f",
         "! 'if': with a block that is not ( and ) around the rest of the line"},
        {'M', "if %OS%==Windows_NT mkdir b", "files: folder C:\\b"},
        {'M', "if /I not \"%OS%\" == \"WINDOWS_NT\" mkdir b",
         "nothing: \"Windows_NT\" is \"WINDOWS_NT\""},
        {'M', "if \"a b\"==\"a B\" mkdir b", "nothing: \"a b\" is not \"a B\""},
        {'M', "if defined ENVIRON mkdir b", "files: folder C:\\b"},
        {'M', "if defined NOPE mkdir b", "nothing: NOPE is not set"},
        {'M', "if 1 gtr 0 mkdir b",
         "! 'if': only [not] exist PATH, defined NAME and A==B are done here"},
        {'M', "if exist a", "! 'if': and no command behind it"},
        {'M', "if exist nul mkdir b", "! 'if': exist of NUL"},
        {'M', "for %i in (a \"b c\",d) do mkdir %i",
         "files: folder C:\\a\nfiles: folder C:\\b c\nfiles: folder C:\\d"},
        {'M', "for %i in (a) do (mkdir %~i && echo x>%i\\%i.1)",
         "files: folder C:\\a\nfiles: write C:\\a\\a.1"},
        {'M', "for %i in (a) do if not exist C:\\%i mkdir C:\\%i", "files: folder C:\\a"},
        {'M', "for %i in () do choco", ""},
        {'M', "for %i in (a) do choco %i", "! 'choco' needs Windows"},
        {'M', "for /f %i in (a) do mkdir %i", "! '/f': of for, is not done here"},
        {'M', "for %i in (*.1) do mkdir %i", "! 'for': of files that wildcards find"},
        {'M', "for %i in (a do mkdir %i", "! 'for': whose list no ) ends"},
        {'M', "for %i in (a) do mkdir %~ni", "! 'for': with a part of a variable (%~)"},
        {'C', "for %i in (a) do mkdir %SystemDrive%\\%i", "files: folder C:\\a"},
        {'F', "choco install git", "! 'choco' needs Windows"},
        {'F', "msiexec /i x.msi", "! 'msiexec' needs Windows"},
        {'F', "go version && dir",
         "passed over, it only prints: go version\npassed over, it only prints: dir"},
        {'F', "go build", "! 'go' needs Windows"},
        {'C', "echo hi", "passed over, it only prints: echo hi"},
        {'C', "go version > v.txt", "! 'v.txt': what a program prints goes to this file"},
        {'C', "exit 1", "! 'exit': ends the build with a status that is not 0"},
        {'C', "mkdir \"a", "files: folder C:\\a"},
        /* The status of what is passed over is not known; where its failure ends the build, it has
         * none. */
        {'C', "where git || choco install git",
         "! 'choco install git': hangs on the status of 'where git', which is not executed here"},
        {'C', "cmd /c where git || mkdir a",
         "! 'mkdir a': hangs on the status of 'cmd /c where git', which is not executed here"},
        {'C', "where git && mkdir a & mkdir b",
         "! 'mkdir a': hangs on the status of 'where git', which is not executed here"},
        {'C', "where git && mkdir a || exit /b 1",
         "passed over, it only prints: where git\nfiles: folder C:\\a"},
        {'C', "where git || exit 0", "passed over, it only prints: where git"},
        {'C', "echo a || choco", "passed over, it only prints: echo a"},
        {'C', "rem a & mkdir b", "passed over, all of it is a remark: rem a & mkdir b"},
        {'C', "mkdir a & rem b", "files: folder C:\\a"},
        {'C', "mkdir C:\\PROGRA~1\\x",
         "! 'PROGRA~1': a short name, and which name it stands for is in no layer; write the long "
         "one"},
        {'C', "mkdir a~b", "files: folder C:\\a~b"},
        {'C', "sort a /O b", "! 'sort' needs Windows"},
        /* "&&" does not go on behind what failed, nor "&" behind an exit. */
        {'C', "rd nope && mkdir a || exit 0", "nothing: nope: is not there"},
        {'C', "rd nope || exit 0 & mkdir a", "nothing: nope: is not there"},
        {'C', "rd nope || ver & mkdir a", "nothing: nope: is not there\nfiles: folder C:\\a"},
        {'C', "mkdir a & cmd /c \"cd a\" & mkdir b", "files: folder C:\\a\nfiles: folder C:\\b"},
        {'C', "if\texist a mkdir b & mkdir c", "nothing: a is not there"},
        /* A "/" begins a switch, but where the program takes words. */
        {'C', "mkdir C:/a",
         "! 'C:/a': a / begins a switch for cmd; write \\, or the path in quotes"},
        {'C', "mkdir \"C:/a\" && cd C:/a && mkdir b",
         "files: folder C:\\a\nfiles: folder C:\\a\\b"},
        {'C', "echo x /? > a", "! '/?': prints the help of echo"},
        /* cmd takes its line as it stands. */
        {'C', "cmd /s /c \"mkdir \"a b\" & mkdir c\"",
         "files: folder C:\\a b\nfiles: folder C:\\c"},
        {'C', "cmd /c mkdir \"a b\"", "files: folder C:\\a b"},
        {'C', "echo x>a & type a < b", "! 'b': a redirection of something else than the output"},
        {'C', "echo x>a & type a 2> b", "! 'b': a redirection of something else than the output"},
        {'C', "echo x > a 2> b", "! 'b': a redirection of something else than the output"},
        {'C', "echo x > a > b", "! 'b': the output goes to several files"},
        {'C', "echo x > a > nul", "! 'nul': the output goes to several files"},
        {'C', "echo x > a 2>&1", "files: write C:\\a"},
        {0, NULL, NULL},
    };
    check_rows(NULL, rows);
}

static void
script_registry(void)
{
    static const Row rows[] = {
        {'F', "Set-ItemProperty -Path 'HKLM:\\S' -Name a -Value 0 -Type DWord", S "a=4:00000000"},
        {'F', "set-itemproperty -path 'HKLM:\\S\\' -name a -value b -type String",
         S "a=1:62000000"},
        {'B', "sp HKLM:\\S a b", S "a=1:62000000"},
        {'B', "Set-ItemProperty -N a -Va 1 -Pat HKLM:\\S", S "a=4:01000000"},
        {'B', "Set-ItemProperty -P HKLM:\\S a 1",
         "! '-P': is short for several parameters of Set-ItemProperty"},
        {'B', "Set-ItemProperty HKLM:\\S a 1 -Nope",
         "! '-Nope': is no parameter of Set-ItemProperty"},
        {'B', "Set-ItemProperty HKLM:\\S -Value:1 -Name:a", S "a=4:01000000"},
        {'R', "sp HKLM:\\S a 4294967296", S "a=b:0000000001000000"},
        {'P', "sp HKLM:\\S a 0xffffffff", S "a=4:ffffffff"},
        {'P', "sp HKLM:\\S a 1L", S "a=b:0100000000000000"},
        {'R', "sp HKLM:\\S a '1' -Type DWord", S "a=4:01000000"},
        {'R', "sp HKLM:\\S a 4294967295 -Type DWord", S "a=4:ffffffff"},
        {'R', "sp HKLM:\\S a -1 -Type DWord", S "a=4:ffffffff"},
        {'R', "sp HKLM:\\S a x -Type DWord", "! 'x': cannot be made that type"},
        {'R', "sp HKLM:\\S a 'x','y' -Type MultiString",
         S "a=7:7800000079000000"
           "0000"},
        {'P', "sp HKLM:\\S a 1kb",
         "! '1kb': a number that is not known here; in quotes it is a text"},
        {'P', "sp HKLM:\\S a -1.5e3",
         "! '-1.5e3': a number that is not known here; in quotes it is a text"},
        {'P', "sp HKLM:\\S a 1.2.3; sp HKLM:\\S b '1kb'",
         S "a=1:31002e0032002e0033000000\nb=1:31006b0062000000"},
        {'P', "setx /M A 1.50", ENVIRONMENT "A=1:31002e00350030000000"},
        {'R', "sp HKLM:\\S a x,y", "! 'x y': a list without -Type, which .NET does not take"},
        {'R', "sp HKLM:\\S a ([string[]]('x','y'))",
         S "a=7:7800000079000000"
           "0000"},
        {'R', "sp HKLM:\\S a 1,0x10 -Type Binary", S "a=3:0110"},
        {'R', "sp HKLM:\\S a '%X%' -Type ExpandString",
         S "a=2:25005800250"
           "00000"},
        {'R', "sp HKLM:\\S '(Default)' x", S "=1:78000000"},
        {'R', "sp HKLM:\\S a x -Type Foo",
         "! 'Foo': is no type here, only String, ExpandString, MultiString, DWord, QWord and "
         "Binary are"},
        /* A value that is there keeps its type. */
        {'R', "sp HKLM:\\S a 1; sp HKLM:\\S a '7'", S "a=4:07000000"},
        {'R', "sp HKLM:\\S a 1; sp HKLM:\\S a x", S "a=1:78000000"},
        {'B', "New-ItemProperty -Path HKLM:\\S -Name a -PropertyType QWord -Value 2",
         S "a=b:0200000000000000"},
        {'R', "sp HKLM:\\S a 1; New-ItemProperty HKLM:\\S a -Value 2",
         "! New-ItemProperty: the value a is there already, so Windows would fail here"},
        {'R', "New-Item HKLM:\\S; New-Item HKLM:\\S",
         "! HKLM:\\S: the key is there already, so Windows would fail here"},
        {'R', "sp HKLM:\\S a 1; New-Item HKLM:\\S -Force", "=[HKEY_LOCAL_MACHINE\\S]"},
        {'R', "New-Item -Path HKLM:\\S -Value x", S "=1:78000000"},
        {'B', "New-Item 'Registry::HKEY_LOCAL_MACHINE\\S' | Out-Null", "+[HKEY_LOCAL_MACHINE\\S]"},
        {'B', "Remove-Item HKLM:\\S -Recurse", "-[HKEY_LOCAL_MACHINE\\S]"},
        {'B', "sp HKLM:\\S a 1; Remove-ItemProperty HKLM:\\S a", S "a=-"},
        {'B', "sp HKCU:\\S a 1",
         "! 'HKEY_CURRENT_USER': the hive of the user that builds is in no layer; HKU\\.DEFAULT is "
         "what new users get"},
        {'N', "[Environment]::SetEnvironmentVariable('A', 'b', 'Machine')",
         ENVIRONMENT "A=1:62000000"},
        {'N',
         "[System.Environment]::SetEnvironmentVariable('A', 'b', "
         "[System.EnvironmentVariableTarget]::Machine)",
         ENVIRONMENT "A=1:62000000"},
        {'N', "[Environment]::SetEnvironmentVariable('A', $env:SystemDrive + ';b', 'Machine')",
         ENVIRONMENT "A=1:43003a003b0062000000"},
        {'N', "[Environment]::SetEnvironmentVariable('A', '{0};' -f 'b', 'Machine')",
         ENVIRONMENT "A=1:62003b000000"},
        {'N', "[Environment]::SetEnvironmentVariable('A', ('b' + 'c'), 'Machine')",
         ENVIRONMENT "A=1:620063000000"},
        {'N', "[Environment]::SetEnvironmentVariable('A', $nope, 'Machine')",
         "! '$nope': a variable whose value is not known here"},
        {'N', "[Environment]::SetEnvironmentVariable($nope)",
         "! '$nope': a variable whose value is not known here"},
        {'N', "[Environment]::SetEnvironmentVariable('A',)", "! ')': is not known here"},
        {'B', "sp HKLM:\\S, HKLM:\\T a 1",
         "! 'HKLM:\\S HKLM:\\T': is a list where one text is expected"},
        {'N', "[Environment]::SetEnvironmentVariable('A', 'b', 'User')",
         "! 'User': the variables of the user that builds are in no layer; 'Machine', or ENV"},
        {'F', "setx /M A ('{0}\\bin;{1}' -f $env:ENVIRON, $env:SystemDrive)",
         ENVIRONMENT "A=1:65002000760"
                     "05c00620069006e003b0043003a000000"},
        {'F', "setx /M A $($env:SystemDrive + ';x')", ENVIRONMENT "A=1:43003a003b0078000000"},
        {'F', "setx /M A b | Out-Null", ENVIRONMENT "A=1:62000000"},
        {'F', "reg add HKLM\\S /v a /t REG_DWORD /d 1 /f", S "a=4:01000000"},
        {'B', "sc.exe config x start= demand",
         "+[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\x]\nStart=4:03000000"},
        {0, NULL, NULL},
    };
    check_rows(powershell, rows);
}

static void
script_language(void)
{
    static const Row rows[] = {
        {'P', "$x = 'a'; setx /M A \\\"$x-`$y$($x + 'b')\\\"",
         ENVIRONMENT "A=1:61002d00240079006100620"
                     "00000"},
        {'P', "setx /M A 'it''s'", ENVIRONMENT "A=1:69007400270073000000"},
        {'P', "$env:Q = 'v'; $env:Q += 'w'; setx /M A $env:Q",
         ENVIRONMENT "A=1:76007700"
                     "0000"},
        {'P', "setx /M A a$env:SystemDrive`b",
         ENVIRONMENT "A=1:610043003a00080000"
                     "00"},
        {'D', "setx /M A \"b\"", ENVIRONMENT "A=1:62000000"},
        {'D', "setx /M A 'b   c'",
         ENVIRONMENT "A=1:620020006300"
                     "0000"},
        {'P', "$x = Get-Item y", "! 'Get-Item': a command whose output is a value"},
        {'P', "$nope", "! '$nope': a variable whose value is not known here"},
        {'P', "setx /M A $env:NOPE",
         "! '$env:NOPE': is neither in the machine's environment nor in ENV or ARG"},
        {'P', "if ($true) { mkdir x }", "! 'if': is code, which needs PowerShell"},
        {'P', "foreach ($x in 1) { }", "! 'foreach': is code, which needs PowerShell"},
        {'P', "1..3 | % { mkdir $_ }", "! '1..3': a number that is not known here"},
        {'P', "mkdir x; Invoke-WebRequest y -OutFile z", "! 'Invoke-WebRequest' needs Windows"},
        {'P', "& cmd /c mkdir x", "files: folder C:\\x"},
        {'P', "mkdir x # and so on; choco",
         "passed over, all of it is a remark: # and so on; choco\nfiles: folder C:\\x"},
        {'P', "mkdir x; # choco",
         "files: folder C:\\x\npassed over, all of it is a remark: # choco"},
        {'P', "mkdir 'x", "! ''': a quote that is not closed"},
        {'P', "Write-Host hi; Start-Sleep 5",
         "passed over, it only prints: Write-Host …\npassed over, it only prints: Start-Sleep …"},
        {'F',
         "[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12; mkdir x",
         "files: folder C:\\x"},
        {'P', "dir > f",
         "! 'f': a redirection; Set-Content says in which encoding a file is written"},
        {'P', "mkdir x 2>&1 > $null", "files: folder C:\\x"},
        {'P', "mkdir x && mkdir y", "! '&&': is not known here"},
        {'C', "cmd /c exit 0; mkdir x", "files: folder C:\\x"},
        {'P', "$x = 1; powershell -Command 'mkdir $x'",
         "! '$x': a variable whose value is not known here"},
        {'P', "[Net.ServicePointManager]::SecurityProtocol = 'Tls12' | mkdir x",
         "! '|': is not known here"},
        {'P', "mkdir x |", "! 'the end of the line': expected a command behind '|'"},
        {'P', "[Foo]::Bar()", "! '[foo]::bar': is not known here"},
        {'P', "setx /M A (Get-Location)", "! 'Get-Location)': a command whose output is a value"},
        {0, NULL, NULL},
    };
    static const Row core[] = {
        {'P', "mkdir x && mkdir y", "files: folder C:\\x\nfiles: folder C:\\y"},
        {'P', "rm x -ea 0 && mkdir y", "! '&&': behind a command that may fail"},
        {'B', "sc config x start= demand",
         "+[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\x]\nStart=4:03000000"},
        {0, NULL, NULL},
    };
    check_rows(powershell, rows);
    check_rows(pwsh, core);
}

static void
script_files(void)
{
    static const Row rows[] = {
        {'B', "New-Item -ItemType Directory -Path C:\\a\\b | Out-Null", "files: folder C:\\a\\b"},
        {'B', "New-Item -Type Dir a, b", "files: folder C:\\a\nfiles: folder C:\\b"},
        {'B', "mkdir a; mkdir a", "! C:\\a: is there already, so Windows would fail here"},
        {'B', "mkdir a; New-Item -Force -ItemType Directory a",
         "files: folder C:\\a\nfiles: folder C:\\a"},
        {'B',
         "Set-Content f 'x','y'; Copy-Item f g; Move-Item g h; Rename-Item h i; Remove-Item f, i",
         "files: write C:\\f\nfiles: copy C:\\f to g\nfiles: move C:\\g to Files/h\nfiles: move "
         "C:\\h to Files/i\n"
         "files: delete C:\\f\nfiles: delete C:\\i"},
        {'B', "Remove-Item nope", "! nope: is not there, so Windows would fail here"},
        {'B', "Remove-Item nope -ErrorAction SilentlyContinue", "nothing: nope: is not there"},
        {'B', "rm nope -ea 0", "nothing: nope: is not there"},
        {'B', "rm -r -fo nope*", ""},
        {'B', "mkdir a; sc a\\f x; rm a",
         "! 'a': a folder that is not empty, of which it asks without -Recurse"},
        {'B', "mkdir a; sc a\\f x; rm -Recurse -Force a",
         "files: folder C:\\a\nfiles: write C:\\a\\f\nfiles: delete C:\\a"},
        {'B', "rm nope* -Confirm", "! '-Confirm': asks, and nobody answers"},
        {'B', "rm nope* -Confirm:$false", ""},
        {'B', "mkdir a; copy a b -Recurse -Container:$false",
         "! '-Container:$false': of Copy-Item, is not done here"},
        {'B', "mkdir a; copy a b,c -Recurse", "! 'b c': is a list where one text is expected"},
        {'B', "rm a -Include *.txt", "! '-Include': of rm, is not done here"},
        {'B', "rm 'a[b]'", "! 'a[b]': a wildcard that is not done here"},
        {'B', "Set-Content f \xc3\xa9",
         "! '\xc3\xa9\\u{d}\\u{a}': which bytes these letters become depends on the machine's code "
         "page; -Encoding utf8 says it"},
        {'B', "Out-File f -InputObject x",
         "! 'Out-File': without -Encoding, which is UTF-16; -Encoding ascii says it"},
        {'B', "'x' | Out-File -Encoding ascii f", "files: write C:\\f"},
        {'B', "New-Item -Force a\\b\\f -Value x", "files: write C:\\a\\b\\f"},
        {'B', "New-Item a\\f", "! C:\\a: there is no such folder, so Windows would fail here"},
        {'B', "Set-Content f x; Expand-Archive f -DestinationPath d",
         "! f: Expand-Archive takes no file that is not called .zip, so Windows would fail here"},
        {'B', "Set-Content f.zip x; Expand-Archive f.zip -DestinationPath d",
         "! f.zip: is no archive that is known here, so Windows would fail here"},
        {'B', "Expand-Archive nope.zip -DestinationPath d",
         "! nope.zip: there is no such file, so Windows would fail here"},
        {'B', "cd nope", "! C:\\nope: there is no such folder, so Windows would fail here"},
        {'B', "mkdir a; cd a; mkdir b", "files: folder C:\\a\nfiles: folder C:\\a\\b"},
        {0, NULL, NULL},
    };
    check_rows(powershell, rows);
}

/* What no shell would print so is refused, and nothing is read over its end. */
static void
hostile(void)
{
    static const char *const pieces[] = {"(", "$(",      "[int]",          "\\\"", "'", "@(",
                                         "{", "cmd /c ", "powershell -c ", "-f ",  ","};
    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) text = g_string_new("setx /M A ");
        while (text->len < 200000)
            g_string_append(text, pieces[i]);
        g_autofree char *got = run_line(powershell, text->str);
        CU_ASSERT_TRUE(g_str_has_prefix(got, "! "));
        g_autofree char *of_cmd = run_line(NULL, text->str);
        CU_ASSERT_TRUE(g_str_has_prefix(of_cmd, "! "));
    }
}

const char cu_suite[] = "run";
const CuCase cu_cases[] = {
    {"cmd: registry", cmd_registry},
    {"cmd: files", cmd_files},
    {"PowerShell: registry", script_registry},
    {"PowerShell: language", script_language},
    {"PowerShell: files", script_files},
    {"hostile lines", hostile},
    {NULL, NULL},
};
