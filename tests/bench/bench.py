"""make bench: times the main operations on generated hives, .reg files and images beside other programs on the same
files, in the same run, and prints one table; with --json FILE also as data, with --compare FILE what became of an
earlier run. --document puts the table into docs/ARCHITECTURE.md, with --from FILE that of an earlier run. Timing
decides nothing: it is for people. On a quiet machine it takes three to five minutes.

cpu is user and system time of the program and what it starts, wall the time that passes; both are the best of five
pairs, of which the other program has the first of each. The first line of a row is with the default number of threads,
the second with --threads=1. A ratio is how many times the other's time ours is, with a + before it how many times
faster; one that misses its target has a ! behind it. heap is the most memory that is the program's own, peak the same
with what is shared in memory (memfd), both without the pages of files; heap's target is 16 MB and 1/32 of the hive.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

V5 = "Windows Registry Editor Version 5.00\n\n"
ROOT = "HKEY_LOCAL_MACHINE\\SOFTWARE"
IN_ROOT = ["--root", "HKLM\\SOFTWARE"]
PAGES_PER_LEVEL = 12

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


class Row:
    def __init__(self, what, command, target="", has_threads=True):
        """target: of cpu and wall, with a + before it for "times faster" """
        self.what = what
        self.command = command
        self.target = target
        self.has_threads = has_threads


class Table:
    def __init__(self, n_pairs):
        self.n_pairs = n_pairs
        self.rows = []
        print(f"{'':44} {'ours':>15} {'the other':>15} {'ratio':>13} {'target':>9} {'heap':>6} {'peak':>6}")
        print(f"{'':44} {'cpu s  wall s':>15} {'cpu s  wall s':>15} {'cpu   wall ':>13} {'cpu wall':>9} "
              f"{'MB':>6} {'MB':>6}")

    def beside(self, other, *rows, mb=0):
        """Runs of each row's command, in turn with one of the other's; mb: of the hive, for heap's target."""
        has_other = other is not None and shutil.which(other[0]) is not None
        theirs = []
        ours = [[] for _ in rows]
        alone = [[] for _ in rows]
        for _ in range(self.n_pairs):
            if has_other:
                theirs.append(run(other))
            for i, row in enumerate(rows):
                ours[i].append(run(row.command))
                if row.has_threads:
                    alone[i].append(run(row.command + ["--threads=1"]))
        for i, row in enumerate(rows):
            self.add(row, "default", ours[i], theirs, other, mb)
            if row.has_threads:
                self.add(row, 1, alone[i], theirs, other, mb)

    def add(self, row, threads, ours, theirs, other, mb):
        cpu, wall = best(ours)
        done = {"what": row.what, "threads": threads, "cpu": cpu, "wall": wall, "target": row.target}
        beside = ratio = used = ""
        if theirs:
            done["other"] = " ".join(other)
            done["other_cpu"], done["other_wall"] = best(theirs)
            beside = f"{done['other_cpu']:.3f}  {done['other_wall']:.3f}"
            for name in "cpu", "wall":
                times = max(done[name], 1e-6) / max(done["other_" + name], 1e-6)
                done[name + "_ratio"] = 1 / times if row.target.startswith("+") else times
            ratio = ratios(done)
        elif other is not None:
            beside = f"no {other[0]}"
        if threads == "default":
            done["heap_mb"], done["peak_mb"] = memory(row.command)
            miss = "!" if mb and done["heap_mb"] > 16 + mb / 32 else ""
            used = f"{done['heap_mb']:6.1f}{miss} {done['peak_mb']:6.1f}"
        self.rows.append(done)
        what = row.what if threads == "default" else "  with --threads=1"
        times = f"{cpu:.3f}  {wall:.3f}"
        print(f"{what:44} {times:>15} {beside:>15} {ratio:>13} {row.target:>9} {used}".rstrip(), flush=True)

    def pages(self, what, n_levels, n_pages):
        self.rows.append({"what": what, "n_levels": n_levels, "n_pages": n_pages,
                          "target": PAGES_PER_LEVEL * n_levels})
        miss = "!" if n_pages > PAGES_PER_LEVEL * n_levels else ""
        print(f"{what:44} {n_pages:>9} pages{miss:44} {PAGES_PER_LEVEL * n_levels:>9}", flush=True)


def best(runs):
    return tuple(min(one[i] for one in runs) for i in (0, 1))


def ratios(row):
    """Those of a row that has another program beside it, each marked where it misses its target."""
    is_faster = row["target"].startswith("+")
    targets = [float(target) for target in row["target"].split()]
    shown = []
    for i, name in enumerate(("cpu_ratio", "wall_ratio")):
        is_missed = targets and (row[name] < targets[i] if is_faster else row[name] > targets[i])
        shown.append(f"{row[name]:.1f}{'!' if is_missed else ' '}")
    return f"{'+' if is_faster else ''}{shown[0]} {shown[1]}"


def with_hivex(command):
    """The command, or what Table.beside() tells as missing."""
    return command if shutil.which("hivexregedit") else ["hivexregedit"]


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def must(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def make_hives(keys):
    """old, new with every 500th key changed, the same in two other layouts; a quarter as small, small-new."""
    mk = build + "/fixtures/mkfixtures"
    for name, n in (("old", keys), ("small", keys // 4)):
        must(mk, "--big", str(n), name, "1")
    must(mk, "--big", str(keys), "new", "1", "--tweak")
    shutil.copyfile("old", "same")
    layouts = [subprocess.Popen([sys.executable, source + "/tests/bench/relayout.py", "old", order, order])
               for order in ("depth", "random")]
    if any(layout.wait() for layout in layouts):
        sys.exit("relayout.py failed")
    write("five.reg", f'{V5}[{ROOT}\\bench]\n"a"="text"\n"b"=dword:00000001\n"c"=hex:01,02,03\n')
    must(ht, "new", "--quiet", "-o", "SOFTWARE")
    # The same changes, made in place: most cells stay where they are.
    run([ht, "diff", "--format=reg", *IN_ROOT, "-o", "changes.reg", "old", "new"])
    must(ht, "-q", "apply", "--engine=hivex", *IN_ROOT, "-o", "patched", "old", "changes.reg")
    must(ht, "-q", "delta", "-o", "delta", "old", "new")
    must(ht, "-q", "export", *IN_ROOT, "--encoding=utf-8", "-o", "small.reg", "small")
    with open("small.reg", encoding="utf-8-sig") as file:
        every = [line.rstrip() for line in file if line.startswith("[")][::10]
    write("tenth.reg", V5 + "".join(f'{line}\n"bench"=dword:00000001\n' for line in every))
    must(ht, "-q", "apply", "-o", "small-new", "small", "tenth.reg")
    return len(every)


def comparing(table, n_changes, mb):
    diff = [ht, "diff", "old"]
    table.beside(["cmp", "old", "same"],
                 Row("diff, patched pair", diff + ["patched"], "1.5 1.2"),
                 Row("diff, the same changes, cells moved", diff + ["new"]),
                 Row("diff, the same content, depth first", diff + ["depth"], "4 3"),
                 Row("diff, the same content, random order", diff + ["random"], "10 8"), mb=mb)
    theirs = [f"hivexregedit --export --prefix '{ROOT}' {name} '\\' >{name}.theirs" for name in ("small", "small-new")]
    table.beside(with_hivex(["sh", "-c", f"{theirs[0]}; {theirs[1]}; diff small.theirs small-new.theirs"]),
                 Row(f"diff, {n_changes} changes, hive of {mb / 4:.0f} MB", [ht, "diff", "small", "small-new"],
                     "+90 90"), mb=mb / 4)


def reading(table, mb):
    table.beside(with_hivex(["hivexregedit", "--export", "--prefix", ROOT, "small", "\\"]),
                 Row(f"export, hive of {mb / 4:.0f} MB, to a file", [ht, "export", *IN_ROOT, "-o", "ours.reg", "small"],
                     "+25 25"),
                 Row("export of it to /dev/null", [ht, "export", *IN_ROOT, "small"], "+35 35"), mb=mb / 4)
    table.beside(None, Row(f"export, hive of {mb:.0f} MB, to /dev/null", [ht, "export", *IN_ROOT, "old"]),
                 Row("ls -r", [ht, "ls", "-r", "old"]), mb=mb)
    table.beside(["hivexml", "old"], Row("check", [ht, "check", "old"], "+20 30"), mb=mb)
    table.beside(["openssl", "dgst", "-sha256", "old"], Row("digest", [ht, "digest", "old"], "2.2 1.5"), mb=mb)
    listed = subprocess.run([ht, "ls", "old", "Classes\\CLSID"], check=True, stdout=subprocess.PIPE, text=True).stdout
    key = "Classes\\CLSID\\" + listed.split("\\", 1)[0]
    counted = subprocess.run([build + "/tests/bench/pages", "old", key], check=True, stdout=subprocess.PIPE).stdout
    n_levels, n_get, n_ls = (int(n) for n in counted.split())
    table.pages(f"get, a key on level {n_levels}: pages entered", n_levels, n_get)
    table.pages("ls of that key: pages entered", n_levels, n_ls)
    table.beside(["true"], Row("get of that key", [ht, "get", "old", key], has_threads=False),
                 Row("--version", [ht, "--version"], "3 3", has_threads=False))


def writing(table, mb):
    apply = [ht, "apply", *IN_ROOT, "-o", "applied", "old", "five.reg"]
    table.beside(["sh", "-c", "cp old copy && sync copy"],
                 Row("apply, five lines, hivex", apply + ["--engine=hivex"], "7 3"),
                 Row("apply, five lines, rebuild", apply + ["--engine=rebuild"], "6 2"),
                 Row("rebuild", [ht, "rebuild", "-o", "rebuilt", "old"], "6 2"),
                 Row("merge", [ht, "merge", "-o", "merged", "old", "delta"], "6 2"), mb=mb)
    for n in 1000, 100000, 200000:
        order = sorted(range(n), key=lambda i: i * 7919 % n)
        write(f"{n}.reg", V5 + f"[{ROOT}\\Many]\n\n" +
              "".join(f'[{ROOT}\\Many\\Key{i:07}]\n"v"=dword:00000001\n\n' for i in order))
    merged = f"cp SOFTWARE merged && hivexregedit --merge --prefix '{ROOT}' merged 1000.reg"
    many = [ht, "apply", "-o", "many", "SOFTWARE"]
    table.beside(with_hivex(["sh", "-c", merged]), Row("apply, 1,000 new keys", many + ["1000.reg"], "+5 5"))
    table.beside(many + ["100000.reg"],
                 Row("apply, 200,000 new keys beside 100,000", many + ["200000.reg"], "2.2 2.2"))


def reg_files(table):
    half = [build + "/fixtures/mkfixtures", "--big", "100000", "half", "2"]
    must(*half)
    must(ht, "-q", "export", *IN_ROOT, "-o", "half.reg", "half")
    mb = os.path.getsize("half.reg") / 1e6
    table.beside(["iconv", "-f", "UTF-16LE", "-t", "UTF-8", "half.reg"],
                 Row(f"apply -n of an export, {mb:.0f} MB of UTF-16", [ht, "apply", "-n", "half", "half.reg"],
                     "2.5 2.5"),
                 Row("lint of that export", [ht, "lint", "half.reg"], "2.5 2.5"),
                 Row("reading that export", [build + "/tests/bench/parse-reg", "half.reg"], "2.5 2.5",
                     has_threads=False))
    for form in "small", "large":
        lines = [V5]
        for i in range(60000 if form == "small" else 6000):
            lines.append(f"\n[{ROOT}\\Area{i // 1000}\\Key{i:07}]\n")
            if form == "small":
                lines.append(f'@="Thing {i}"\n"Path"="C:\\\\Program Files\\\\T{i}.dll"\n"Start"=dword:{i:08x}\n')
            else:
                lines.append('"Data"=hex:00,' + "\\\n  01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f," * 40 + "00\n")
        with open("form.reg", "wb") as file:
            file.write(b"\xff\xfe" + "".join(lines).replace("\n", "\r\n").encode("utf-16-le"))
        table.beside(["iconv", "-f", "UTF-16LE", "-t", "UTF-8", "form.reg"],
                     Row(f"reading .reg, {form} values", [build + "/tests/bench/parse-reg", "form.reg"], "2.5 2.5",
                         has_threads=False),
                     Row(f"lint, {form} values", [ht, "lint", "form.reg"], "2.5 2.5"))


def make_image(compression):
    """The file of its one layer."""
    with open("name", "wb") as name:
        subprocess.run([sys.executable, source + "/tests/interop/make-image.py", "nanoserver", compression,
                        "--size-mb", "100", "--compression", compression], check=True, stdout=name)
    blobs = compression + "/blobs/sha256/"
    return blobs + max(os.listdir(blobs), key=lambda blob: os.path.getsize(blobs + blob))


def images(table):
    fresh = ["sh", "-c", 'rm -rf new-image new-hives; exec "$@"', "sh", lp]
    for compression in "gzip", "zstd":
        image = f"oci:{compression}:ltsc2022"
        layer = make_image(compression)
        extract = fresh + ["extract", image, "-o", "new-hives"]
        table.beside(["sh", "-c", f"{compression} -dc {layer} | sha256sum"],
                     Row(f"extract, base of 100 MB in {compression}", extract, "2 2"),
                     Row(f"verify, base of 100 MB in {compression}", [lp, "verify", image], "2 2"))
    theirs = [lp, "extract", "oci:gzip:ltsc2022", "-o", "their-hives"]
    table.beside(["sh", "-c", 'rm -rf their-hives; exec "$@"', "sh", *theirs],
                 Row("build, beside extract", fresh + ["build", "--from", "oci:gzip:ltsc2022", "--reg",
                     source + "/fixtures/patches/pause.reg", "--to", "oci:new-image:1"], "2 2"))
    table.beside([ht, "diff", "old", "new"],
                 Row("create, beside diff", [lp, "create", "--base", "SOFTWARE=old", "--changed", "SOFTWARE=new", "-o",
                     "layer.tar"], "4 4"))
    for n in range(9):
        write("layer.reg", f'{V5}[{ROOT}\\Layer{n}]\n"n"=dword:{n:08x}\n')
        must(lp, "-q", "build", "--from", f"oci:nine:{n}" if n else "oci:gzip:ltsc2022", "--reg", "layer.reg", "--to",
             f"oci:nine:{n + 1}")
    table.beside(["sh", "-c", "sha256sum nine/blobs/sha256/*"],
                 Row("explain, base and nine layers in gzip", [lp, "explain", "oci:nine:9"], "5 3"),
                 Row("verify, base and nine layers in gzip", [lp, "verify", "oci:nine:9"], "5 3"),
                 Row("layerpack diff of two of nine layers", [lp, "diff", "oci:nine:1", "oci:nine:9"], "5 3"))


def compare(before, rows):
    old = {(row["what"], row.get("threads")): row for row in before["rows"]}
    print(f"\n{'':44} {'cpu before':>10} {'now':>8} {'times':>6} {'ratio before':>13} {'now':>6}")
    for row in rows:
        was = old.get((row["what"], row.get("threads")))
        if was is None or "cpu" not in row:
            continue
        what = row["what"] if row["threads"] == "default" else "  with --threads=1"
        times = row["cpu"] / max(was["cpu"], 1e-6)
        ratios = ""
        if "cpu_ratio" in was and "cpu_ratio" in row:
            ratios = f"{was['cpu_ratio']:13.2f} {row['cpu_ratio']:6.2f}"
        print(f"{what:44} {was['cpu']:10.3f} {row['cpu']:8.3f} {times:6.2f} {ratios}".rstrip())


def document(run_data):
    """The table between the two comments in docs/ARCHITECTURE.md."""
    lines = [f"Pairs {run_data['pairs']}, processors {run_data['n_processors']}, hive {run_data['hive_mb']:.1f} MB, "
             f"load average {run_data['load_before']:.1f} before and {run_data['load_after']:.1f} after:", "",
             "| what | cpu, wall s | one thread | times the other's cpu, wall | one thread | target | heap, peak MB |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    rows = run_data["rows"]
    alone = {row["what"]: row for row in rows if row.get("threads") == 1}
    for row in rows:
        if "n_pages" in row:
            lines.append(f"| {row['what']} | {row['n_pages']} | | | | {row['target']} | |")
        elif row["threads"] == "default":
            cells = [row["what"]]
            both = (row, alone.get(row["what"], {}))
            cells += [f"{one['cpu']:.3f}, {one['wall']:.3f}" if one else "" for one in both]
            cells += [", ".join(ratios(one).split()) if "cpu_ratio" in one else "" for one in both]
            cells += [", ".join(row["target"].split()), f"{row['heap_mb']:.1f}, {row['peak_mb']:.1f}"]
            lines.append("| " + " | ".join(cells) + " |")
    path = source + "/docs/ARCHITECTURE.md"
    with open(path, encoding="utf-8") as file:
        before, rest = file.read().split("<!-- make bench -->\n")
        after = rest.split("<!-- end -->\n")[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + "<!-- make bench -->\n" + "\n".join(lines) + "\n<!-- end -->\n" + after)


def measure(options):
    """All that is kept of a run."""
    found = {"keys": options.keys, "pairs": options.pairs, "n_processors": len(os.sched_getaffinity(0)),
             "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="hivetool-bench.") as folder:
        os.chdir(folder)
        n_changes = make_hives(options.keys)
        mb = found["hive_mb"] = os.path.getsize("old") / 1e6
        table = Table(options.pairs)
        comparing(table, n_changes, mb)
        reading(table, mb)
        writing(table, mb)
        if not options.hives_only:
            reg_files(table)
            images(table)
        os.chdir("/")
    found["load_after"] = os.getloadavg()[0]
    print(f"\n{options.pairs} pairs, {found['n_processors']} processors, hive of {mb:.1f} MB; load average "
          f"{found['load_before']:.1f} before, {found['load_after']:.1f} after (1.0 is this table alone)")
    return {**found, "rows": table.rows}


def load(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("keys", nargs="?", type=int, default=200000, help="of the largest hive")
    parser.add_argument("--json", type=os.path.abspath, metavar="FILE")
    parser.add_argument("--compare", type=os.path.abspath, metavar="FILE")
    parser.add_argument("--hives-only", action="store_true")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--document", action="store_true")
    parser.add_argument("--from", dest="earlier", type=os.path.abspath, metavar="FILE")
    options = parser.parse_args()
    before = load(options.compare) if options.compare else None
    found = load(options.earlier) if options.earlier else measure(options)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=1)
            file.write("\n")
    if before:
        compare(before, found["rows"])
    if options.document:
        document(found)


main()
