#include "config.h"

#include "tests/unit/cu.h"
#include "tests/unit/run-rows.h"

static const char *const powershell[] = {
    "powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'Silent';",
    NULL};
static const char *const pwsh[] = {"pwsh", "-NoProfile", "-Command", NULL};

static void
script_registry(void)
{
    static const RunRow rows[] = {
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
    run_check_rows(powershell, rows);
}

static void
script_language(void)
{
    static const RunRow rows[] = {
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
    static const RunRow core[] = {
        {'P', "mkdir x && mkdir y", "files: folder C:\\x\nfiles: folder C:\\y"},
        {'P', "rm x -ea 0 && mkdir y", "! '&&': behind a command that may fail"},
        {'B', "sc config x start= demand",
         "+[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\x]\nStart=4:03000000"},
        {0, NULL, NULL},
    };
    run_check_rows(powershell, rows);
    run_check_rows(pwsh, core);
}

static void
script_files(void)
{
    static const RunRow rows[] = {
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
    run_check_rows(powershell, rows);
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

const char cu_suite[] = "run: PowerShell";
const CuCase cu_cases[] = {
    {"registry", script_registry},
    {"language", script_language},
    {"files", script_files},
    {"hostile lines", hostile},
    {NULL, NULL},
};
