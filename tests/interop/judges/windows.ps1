<#
.SYNOPSIS
Asks a real Windows what it makes of the hives, .reg files and images that hivetool and layerpack wrote.

.DESCRIPTION
Made to be run once, by somebody with a Windows machine (10, 11, Server 2016 or later), in an elevated
PowerShell, in the folder that tests/interop/judges/windows-kit made on Linux:

    powershell -ExecutionPolicy Bypass -File windows.ps1

It needs nothing else. Where docker or ctr (containerd) is there, images are tried too. It takes a few
minutes, and leaves one file, result.zip, which goes back to the Linux machine:

    tests/interop/judges/compare KIT result.zip

What it does, and what it leaves alone:
- Hives are copied to a temporary folder, loaded under a name of their own below HKEY_LOCAL_MACHINE
  (HivetoolJudge and eight random digits), saved, exported and unloaded. No hive of this machine is opened,
  and no file of the kit is changed.
- .reg files are imported only when every key in them is below HKEY_CURRENT_USER\HivetoolJudge, which must
  not be there before and is deleted afterwards.
- Images keep the names that the kit gives them (hivetool-judge:...), containers and the containerd
  namespace are called hivetool-judge; they are removed.
- The result holds the version of Windows, of docker and ctr, what the commands answered, and the hives that
  Windows saved. Descriptors in these hold the SID of the account that ran this, in digits; no name of a user or a
  machine is in it, as long as no command puts one into its answer: result.tsv is a text to look at first.
#>
param(
    [string]$Kit = '',
    [string]$Result = '',
    [switch]$SkipImages
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$RegRoot = 'HKEY_CURRENT_USER\HivetoolJudge'
$Mount = 'HivetoolJudge{0:x8}' -f (Get-Random)
$Temp = Join-Path ([IO.Path]::GetTempPath()) $Mount
$Out = Join-Path $Temp 'result'
$Saved = Join-Path $Out 'saved'
if ($Kit -eq '') { $Kit = $PSScriptRoot }
if ($Result -eq '') { $Result = Join-Path (Get-Location).Path 'result.zip' }
$Lines = New-Object System.Collections.ArrayList

# One line of result.tsv: the step, what it was done to, "ok" or "failed", and what was said.
function Add-Line([string]$Step, [string]$Item, [bool]$IsOk, [string]$Detail) {
    $word = 'failed'
    if ($IsOk) { $word = 'ok' }
    $said = ($Detail -replace [regex]::Escape($Temp), 'TEMP') -replace [regex]::Escape($Kit), 'KIT'
    $said = $said -replace '[\r\n\t]+', ' '
    if ($said.Length -gt 500) { $said = $said.Substring(0, 500) }
    [void]$Lines.Add(($Step, $Item, $word, $said.Trim()) -join "`t")
    Write-Host ('{0,-12} {1,-40} {2} {3}' -f $Step, $Item, $word, $said.Trim())
}

# Runs a program and waits for it: its status, and what it printed on both outputs.
function Invoke-Tool([string]$File, [string]$Arguments, [int]$Seconds = 300) {
    $info = New-Object System.Diagnostics.ProcessStartInfo
    $info.FileName = $File
    $info.Arguments = $Arguments
    $info.UseShellExecute = $false
    $info.CreateNoWindow = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($info)
    $output = $process.StandardOutput.ReadToEndAsync()
    $errors = $process.StandardError.ReadToEndAsync()
    if (-not $process.WaitForExit($Seconds * 1000)) {
        $process.Kill()
        return New-Object psobject -Property @{ Status = -1; Text = "no end in $Seconds seconds" }
    }
    $process.WaitForExit()
    return New-Object psobject -Property @{ Status = $process.ExitCode; Text = ($output.Result + ' ' + $errors.Result) }
}

# reg.exe, as a step.
function Invoke-Reg([string]$Step, [string]$Item, [string]$Arguments) {
    $answer = Invoke-Tool 'reg.exe' $Arguments
    Add-Line $Step $Item ($answer.Status -eq 0) $answer.Text
    return ($answer.Status -eq 0)
}

# Handles that .NET still holds would keep a hive from being unloaded.
function Dismount-Hive([string]$Item) {
    for ($try = 0; $try -lt 10; $try++) {
        [GC]::Collect()
        [GC]::WaitForPendingFinalizers()
        $answer = Invoke-Tool 'reg.exe' "unload HKLM\$Mount"
        if ($answer.Status -eq 0) { break }
        Start-Sleep -Milliseconds 500
    }
    Add-Line 'unload' $Item ($answer.Status -eq 0) $answer.Text
    return ($answer.Status -eq 0)
}

function Test-HiveIsMounted {
    return (Invoke-Tool 'reg.exe' "query HKLM\$Mount").Status -eq 0
}

# A hive: loaded, saved as Windows writes it, exported, unloaded; and whether Windows changed the file.
function Test-Hive([string]$Name) {
    $copy = Join-Path $Temp 'loaded.hive'
    Remove-Item -Path ($copy + '*') -Force
    Copy-Item (Join-Path $Kit "hives\$Name") $copy
    Set-ItemProperty -Path $copy -Name IsReadOnly -Value $false
    $before = (Get-FileHash $copy).Hash
    if (-not (Invoke-Reg 'load' $Name "load HKLM\$Mount `"$copy`"")) { return }
    try {
        if ($Name -like 'inherit-*') { New-ChildKeys $Name }
        [void](Invoke-Reg 'save' $Name "save HKLM\$Mount `"$(Join-Path $Saved $Name)`" /y")
        [void](Invoke-Reg 'export' $Name "export HKLM\$Mount `"$(Join-Path $Temp 'export.reg')`" /y")
    } finally {
        $isUnloaded = Dismount-Hive $Name
    }
    if (-not $isUnloaded) { throw "HKLM\$Mount cannot be unloaded; please run: reg unload HKLM\$Mount" }
    Add-Line 'same-bytes' $Name ((Get-FileHash $copy).Hash -eq $before) ''
}

# Below each key of the hive a key "child", as reg.exe would make it: with the descriptor that Windows computes.
function New-ChildKeys([string]$Name) {
    $failed = 0
    $names = @()
    $root = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Mount)
    try { $names = $root.GetSubKeyNames() } finally { $root.Close() }
    foreach ($parent in $names) {
        try {
            [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey("$Mount\$parent\child").Close()
        } catch {
            $failed++
        }
    }
    Add-Line 'children' $Name ($failed -eq 0) "$failed of $($names.Count) could not be made"
}

# A .reg file is imported only when it speaks of nothing but our own key.
function Test-RegFileIsOurs([string]$Path) {
    $bytes = [IO.File]::ReadAllBytes($Path)
    $encoding = [Text.Encoding]::GetEncoding(28591)
    if ($bytes.Length -ge 2 -and $bytes[0] -eq 0xff -and $bytes[1] -eq 0xfe) { $encoding = [Text.Encoding]::Unicode }
    foreach ($line in ($encoding.GetString($bytes) -split '[\r\n]')) {
        if ($line -match '^[^"@;]*\[' -and $line -notmatch '^\[-?HKEY_CURRENT_USER\\HivetoolJudge[\\\]]') { return $false }
    }
    return $true
}

function Remove-RegRoot {
    if ((Invoke-Tool 'reg.exe' "query $RegRoot").Status -eq 0) {
        [void](Invoke-Tool 'reg.exe' "delete $RegRoot /f")
    }
}

# A .reg file: what reg import and what regedit make of it, saved as hives.
function Test-RegFile([string]$Name) {
    $file = Join-Path $Temp 'import.reg'
    Copy-Item (Join-Path $Kit "reg\$Name") $file -Force
    Set-ItemProperty -Path $file -Name IsReadOnly -Value $false
    if (-not (Test-RegFileIsOurs $file)) {
        Add-Line 'import' $Name $false "it names other keys than $RegRoot, and was not imported"
        return
    }
    foreach ($way in 'reg', 'regedit') {
        $answer = $null
        if ($way -eq 'reg') {
            $answer = Invoke-Tool 'reg.exe' "import `"$file`""
        } else {
            $answer = Invoke-Tool (Join-Path $env:windir 'regedit.exe') "/s `"$file`""
        }
        Add-Line "import-$way" $Name ($answer.Status -eq 0) "status $($answer.Status) $($answer.Text)"
        if ((Invoke-Tool 'reg.exe' "query $RegRoot").Status -eq 0) {
            [void](Invoke-Reg "save-$way" $Name "save $RegRoot `"$(Join-Path $Saved "$Name.$way")`" /y")
            if ($way -eq 'reg') {
                [void](Invoke-Reg 'export' $Name "export $RegRoot `"$(Join-Path $Saved "$Name.exported")`" /y")
            }
        } else {
            Add-Line "save-$way" $Name $false 'nothing was made'
        }
        Remove-RegRoot
    }
}

function Test-Command([string]$Name) {
    return $null -ne (Get-Command $Name -CommandType Application -ErrorAction SilentlyContinue)
}

# An image for docker: loaded, run with reg.exe in it, and the hive that the container saved taken out.
function Test-DockerImage([string]$File, [string]$Reference, [bool]$IsRun) {
    if ((Invoke-Tool 'docker' "image inspect $Reference").Status -eq 0) {
        Add-Line 'docker-load' $File $false "$Reference is there already, and was left alone"
        return
    }
    $answer = Invoke-Tool 'docker' "load -i `"$(Join-Path $Kit "images\$File")`"" 3600
    Add-Line 'docker-load' $File ($answer.Status -eq 0) $answer.Text
    if ($answer.Status -ne 0) { return }
    try {
        if (-not $IsRun) { return }
        $command = 'reg save HKLM\SOFTWARE\HivetoolJudge C:\hivetool-judge.hiv /y'
        $answer = Invoke-Tool 'docker' "run --name hivetool-judge --user ContainerAdministrator $Reference $command" 900
        Add-Line 'docker-run' $File ($answer.Status -eq 0) $answer.Text
        $target = Join-Path $Saved "$File.container"
        $answer = Invoke-Tool 'docker' "cp hivetool-judge:C:\hivetool-judge.hiv `"$target`""
        Add-Line 'docker-save' $File ($answer.Status -eq 0) $answer.Text
    } finally {
        [void](Invoke-Tool 'docker' 'rm -f hivetool-judge')
        [void](Invoke-Tool 'docker' "rmi $Reference")
    }
}

# containerd alone: import with unpacking, which is what applies layers and merges their hives.
function Test-CtrImage([string]$File, [string]$Reference) {
    $answer = Invoke-Tool 'ctr' "-n hivetool-judge images import `"$(Join-Path $Kit "images\$File")`"" 3600
    Add-Line 'ctr-import' $File ($answer.Status -eq 0) $answer.Text
    $images = (Invoke-Tool 'ctr' '-n hivetool-judge images ls -q').Text -split '\s+' | Where-Object { $_ -ne '' }
    foreach ($image in $images) { [void](Invoke-Tool 'ctr' "-n hivetool-judge images rm --sync $image") }
    [void](Invoke-Tool 'ctr' 'namespaces rm hivetool-judge')
}

function Add-Facts {
    $system = Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    $build = "$($system.ProductName), build $($system.CurrentBuild).$($system.UBR)"
    Add-Line 'fact' 'windows' $true $build
    Add-Line 'fact' 'powershell' $true "$($PSVersionTable.PSVersion)"
    if (Test-Command 'docker') {
        Add-Line 'fact' 'docker' $true (Invoke-Tool 'docker' 'version --format {{.Server.Version}}/{{.Server.Os}}').Text
    }
    if (Test-Command 'ctr') { Add-Line 'fact' 'ctr' $true (Invoke-Tool 'ctr' '--version').Text }
}

$identity = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $identity.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Write-Host 'Loading hives needs an elevated PowerShell: please start it with "Run as administrator".'
    exit 2
}
if (-not (Test-Path (Join-Path $Kit 'items.tsv'))) {
    Write-Host "There is no items.tsv in ${Kit}: please run this in the folder that windows-kit made."
    exit 2
}
if ((Invoke-Tool 'reg.exe' "query $RegRoot").Status -eq 0) {
    Write-Host "$RegRoot is there already; please look at it, and delete it if it is left from an earlier run."
    exit 2
}

[void](New-Item -ItemType Directory -Path $Saved -Force)
try {
    Add-Facts
    foreach ($line in [IO.File]::ReadAllLines((Join-Path $Kit 'items.tsv'))) {
        $field = $line -split "`t"
        try {
            switch ($field[0]) {
                'hive' { Test-Hive $field[1] }
                'reg' { Test-RegFile $field[1] }
                'image' {
                    if ($SkipImages) { break }
                    if (Test-Command 'docker') { Test-DockerImage $field[1] $field[2] ($field[3] -eq 'run') }
                    if (Test-Command 'ctr') { Test-CtrImage $field[1] $field[2] }
                    if (-not (Test-Command 'docker') -and -not (Test-Command 'ctr')) {
                        Add-Line 'image' $field[1] $false 'neither docker nor ctr is here'
                    }
                }
            }
        } catch {
            Add-Line 'script' $field[1] $false $_.Exception.Message
            if (Test-HiveIsMounted) { [void](Dismount-Hive $field[1]) }
        }
    }
    [IO.File]::WriteAllLines((Join-Path $Out 'result.tsv'), [string[]]$Lines.ToArray([string]))
    if (Test-Path $Result) { Remove-Item $Result -Force }
    Compress-Archive -Path (Join-Path $Out '*') -DestinationPath $Result
    Write-Host ''
    Write-Host "Done. Please send this file back: $Result"
} finally {
    if (Test-HiveIsMounted) { [void](Dismount-Hive 'at the end') }
    Remove-RegRoot
    Remove-Item -Path $Temp -Recurse -Force -ErrorAction SilentlyContinue
}
