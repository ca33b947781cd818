"""make bench: times the main operations on generated hives beside other programs on the same files, in
the same run, and prints one table; with --json FILE also as data, with --compare FILE what became of
an earlier run. Timing decides nothing: it is for people.

cpu is user and system time of the program and what it starts, the best of five pairs, of which the
other program has the first of each; heap is the most memory that is its own, peak the same with what is
shared in memory (memfd), both without the pages of files.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

PAIRS = 5
V5 = "Windows Registry Editor Version 5.00\n\n"
ROOT = "HKEY_LOCAL_MACHINE\\SOFTWARE"

build = os.environ["abs_builddir"]
source = os.environ["abs_srcdir"]
ht = build + "/hivetool/hivetool"
lp = build + "/layerpack/layerpack"


def run(command, out="/dev/null"):
    """(cpu, wall) of one run in seconds."""
    with open(out, "wb") as stdout:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, wall


def memory(command, out="/dev/null"):
    """(heap, peak) of one run in MB; what it starts is not counted."""
    heap = peak = 0
    with open(out, "wb") as stdout:
        process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                    fields = dict(line.split(":", 1) for line in status)
            except (OSError, ValueError):
                continue
            anon = int(fields.get("RssAnon", "0 kB").split()[0])
            shared = int(fields.get("RssShmem", "0 kB").split()[0])
            heap, peak = max(heap, anon), max(peak, anon + shared)
            time.sleep(0.001)
    return heap / 1024, peak / 1024


class Table:
    def __init__(self):
        self.rows = []
        print(f"{'':44} {'ours':>15} {'the other':>15} {'ratio':>11} {'target':>9} {'heap':>6} {'peak':>6}")
        print(f"{'':44} {'cpu s  wall s':>15} {'cpu s  wall s':>15} {'cpu   wall':>11} {'cpu wall':>9} "
              f"{'MB':>6} {'MB':>6}")

    def row(self, what, command, other=None, target="", out="/dev/null"):
        """target: for "times slower" rows as it is, for "times faster" with a + before it."""
        missing = other is not None and shutil.which(other[0]) is None
        other, missing = (None, f"no {other[0]}") if missing else (other, "")
        theirs, ours = [], []
        for _ in range(PAIRS):
            if other is not None:
                theirs.append(run(other))
            ours.append(run(command, out))
        cpu, wall = (min(one[i] for one in ours) for i in (0, 1))
        row = {"what": what, "cpu": cpu, "wall": wall, "target": target}
        row["heap_mb"], row["peak_mb"] = memory(command, out)
        beside, ratio = missing, ""
        if other is not None:
            row["other"] = " ".join(other)
            row["other_cpu"], row["other_wall"] = (min(one[i] for one in theirs) for i in (0, 1))
            is_faster = target.startswith("+")
            for name, mine, its in (("cpu_ratio", cpu, row["other_cpu"]),
                                    ("wall_ratio", wall, row["other_wall"])):
                row[name] = its / max(mine, 1e-6) if is_faster else mine / max(its, 1e-6)
            beside = f"{row['other_cpu']:.3f}  {row['other_wall']:.3f}"
            ratio = f"{'+' if is_faster else ''}{row['cpu_ratio']:.1f} {row['wall_ratio']:.1f}"
        self.rows.append(row)
        print(f"{what:44} {cpu:.3f}  {wall:.3f}".ljust(60) + f" {beside:>15} {ratio:>11} {target:>9} "
              f"{row['heap_mb']:6.1f} {row['peak_mb']:6.1f}", flush=True)


def with_hivex(command):
    """The command, or what Table.row() tells as missing."""
    return command if shutil.which("hivexregedit") else ["hivexregedit"]


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def hives(table, keys):
    big = [build + "/fixtures/mkfixtures", "--big", str(keys)]
    subprocess.run(big + ["old", "1"], check=True)
    subprocess.run(big + ["new", "1", "--tweak"], check=True)
    shutil.copyfile("old", "same")
    subprocess.run([ht, "rebuild", "--quiet", "-o", "other-layout", "new"], check=True)
    write("five.reg", f'{V5}[{ROOT}\\bench]\n"a"="text"\n"b"=dword:00000001\n"c"=hex:01,02,03\n')
    subprocess.run([ht, "new", "--quiet", "-o", "SOFTWARE"], check=True)
    copied = ["sh", "-c", "cp old copy && sync copy"]
    root = ["--root", "HKLM\\SOFTWARE"]
    perl = with_hivex(["hivexregedit", "--export", "--prefix", ROOT, "old", "\\"])
    # The same changes, made in place: most cells stay where they are.
    run([ht, "diff", "--format=reg", *root, "-o", "changes.reg", "old", "new"])
    run([ht, "-q", "apply", "--engine=hivex", *root, "-o", "patched", "old", "changes.reg"])
    table.row("diff, patched pair", [ht, "diff", "old", "patched"], ["cmp", "old", "same"], "1.5 1.2")
    table.row("diff, the same, cells moved", [ht, "diff", "old", "new"], ["cmp", "old", "same"])
    theirs = [f"hivexregedit --export --prefix '{ROOT}' {name} '\\' >{name}.theirs" for name in ("old", "new")]
    table.row("diff, thousands of changes", [ht, "diff", "old", "new"],
              with_hivex(["sh", "-c", f"{theirs[0]}; {theirs[1]}; diff old.theirs new.theirs"]), "+90 90")
    table.row("diff, other layout", [ht, "diff", "old", "other-layout"], ["cmp", "old", "same"], "4 3")
    table.row("export to a file", [ht, "export", *root, "-o", "old.reg", "old"], perl, "+25")
    table.row("export to /dev/null", [ht, "export", *root, "old"], perl, "+35")
    table.row("ls -r", [ht, "ls", "-r", "old"])
    for engine in "hivex", "rebuild":
        table.row(f"apply --engine={engine}, five lines",
                  [ht, "apply", f"--engine={engine}", *root, "-o", "applied", "old", "five.reg"],
                  copied, "7 3" if engine == "hivex" else "6 2")
    table.row("rebuild", [ht, "rebuild", "-o", "rebuilt", "old"], copied, "6 2")
    table.row("check", [ht, "check", "old"], ["hivexml", "old"], "+20 30")
    table.row("digest", [ht, "digest", "old"], ["openssl", "dgst", "-sha256", "old"], "2.2 1.5")
    table.row("get", [ht, "get", "old", "\\"])
    table.row("--version", [ht, "--version"], ["true"], "3 3")


def reg_files(table):
    for form in "small", "large":
        lines = [V5]
        for i in range(60000 if form == "small" else 6000):
            lines.append(f"\n[{ROOT}\\Area{i // 1000}\\Key{i:07}]\n")
            if form == "small":
                lines.append(f'@="Thing {i}"\n"Path"="C:\\\\Program Files\\\\T{i}.dll"\n"Start"=dword:{i:08x}\n')
            else:
                lines.append('"Data"=hex:00,' + "\\\n  01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f," * 40 + "00\n")
        with open(form + ".reg", "wb") as file:
            file.write(b"\xff\xfe" + "".join(lines).replace("\n", "\r\n").encode("utf-16-le"))
        table.row(f"parsing .reg, {form} values", [build + "/tests/bench/parse-reg", form + ".reg"],
                  ["iconv", "-f", "UTF-16LE", "-t", "UTF-8", form + ".reg"], "2.5 2.5")
        table.row(f"lint, {form} values", [ht, "lint", form + ".reg"],
                  ["iconv", "-f", "UTF-16LE", "-t", "UTF-8", form + ".reg"], "2.5 2.5")
        os.unlink(form + ".reg")
    for n in 1000, 100000, 200000:
        order = sorted(range(n), key=lambda i: i * 7919 % n)
        write("many.reg", V5 + "".join(f'[{ROOT}\\Many\\Key{i:07}]\n"v"=dword:00000001\n' for i in order))
        merged = ["sh", "-c", f"cp SOFTWARE merged && hivexregedit --merge --prefix '{ROOT}' merged many.reg"]
        table.row(f"apply, {n} new keys, shuffled", [ht, "apply", "-o", "applied", "SOFTWARE", "many.reg"],
                  with_hivex(merged) if n == 1000 else None, "+5 5" if n == 1000 else "")


def images(table):
    with open("name", "wb") as name:
        subprocess.run([sys.executable, source + "/tests/interop/make-image.py", "nanoserver", "base",
                        "--size-mb", "100"], check=True, stdout=name)
    blobs = "base/blobs/sha256/"
    layer = blobs + max(os.listdir(blobs), key=lambda blob: os.path.getsize(blobs + blob))
    fresh = ["sh", "-c", 'rm -rf new-image new-hives; exec "$@"', "sh"]
    table.row("layerpack build", fresh + [lp, "build", "--from", "oci:base:ltsc2022", "--reg",
                                          source + "/fixtures/patches/pause.reg", "--to", "oci:new-image:1"],
              ["sha256sum", layer])
    table.row("layerpack extract", fresh + [lp, "extract", "oci:base:ltsc2022", "-o", "new-hives"],
              ["gzip", "-dc", layer])
    table.row("layerpack verify", [lp, "verify", "oci:base:ltsc2022"], ["gzip", "-dc", layer])
    for n in range(9):
        write("layer.reg", f'{V5}[{ROOT}\\Layer{n}]\n"n"=dword:{n:08x}\n')
        source_image = f"oci:nine:{n}" if n else "oci:base:ltsc2022"
        run([lp, "-q", "build", "--from", source_image, "--reg", "layer.reg", "--to", f"oci:nine:{n + 1}"])
    table.row("layerpack explain, nine layers", [lp, "explain", "oci:nine:9"],
              ["sh", "-c", "sha256sum nine/blobs/sha256/*"], "9 3")


def compare(before, rows):
    old = {row["what"]: row for row in before["rows"]}
    print(f"\n{'':44} {'cpu before':>10} {'now':>8} {'times':>6}")
    for row in rows:
        if row["what"] in old:
            cpu = old[row["what"]]["cpu"]
            print(f"{row['what']:44} {cpu:10.3f} {row['cpu']:8.3f} {row['cpu'] / max(cpu, 1e-6):6.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("keys", nargs="?", type=int, default=200000)
    parser.add_argument("--json", type=os.path.abspath, metavar="FILE")
    parser.add_argument("--compare", type=os.path.abspath, metavar="FILE")
    parser.add_argument("--hives-only", action="store_true")
    options = parser.parse_args()
    before = None
    if options.compare:
        with open(options.compare, encoding="utf-8") as file:
            before = json.load(file)
    with tempfile.TemporaryDirectory(prefix="hivetool-bench.") as folder:
        os.chdir(folder)
        table = Table()
        hives(table, options.keys)
        if not options.hives_only:
            reg_files(table)
            images(table)
        os.chdir("/")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"keys": options.keys, "rows": table.rows}, file, indent=1)
            file.write("\n")
    if before:
        compare(before, table.rows)


main()
