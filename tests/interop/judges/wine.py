#!/usr/bin/env python3
"""wine.py: what Wine said, beside what we say.

wine.py descriptors TREE SAID     standard input has what wine.exe was given: for each descriptor its bytes in
                                  hex and our SDDL; SAID is what wine.exe printed. Compares both ways.
wine.py below ROOT LIST FOLDER    the .reg files of LIST, in FOLDER, with all keys moved below ROOT\\1, ROOT\\2, ...
wine.py compare FILE OURS THEIRS  two trees of a .reg file as lines; prints what differs, status 1 if anything does
wine.py compare-all LIST OURS THEIRS  the same for the files of LIST, OURS a folder of trees, THEIRS one of all
"""

import collections
import re
import subprocess
import sys

from judgelib import parsed

OBJECT_ACES = (5, 6, 7, 8)

BY_ENCODING = [
    (r"\t[127]\t", "HcHive is right (FORMATS-reg.md, Header): the hex strings of an 8-bit file of version 5 are UTF-16; "
     "Wine goes by the encoding"),
]

# What the trees of a .reg file are known to differ in: a pattern for our line, who is right, why.
KNOWN = [
    (r"\t[127]\t(..)(....)*$", "nobody knows who is right: text of an odd number of bytes is no text; Wine ends it one byte early"),
]


def meaning(text):
    """What a descriptor says, whatever its layout; None where there is none."""
    return parsed(bytes.fromhex(text)) if text != "-" else None


def descriptors(tree, said_file):
    given = [line.rstrip("\n").split("\t")[:2] for line in sys.stdin]
    with open(said_file, encoding="latin-1", newline="\n") as file:
        said = [line.rstrip("\r\n").split("\t") for line in file]
    read_back = subprocess.run([tree, "--parse"], input="".join(line[1] + "\n" for line in said), text=True,
                               stdout=subprocess.PIPE, check=True).stdout.splitlines()
    counts, wrong = collections.Counter(), []
    if not len(given) == len(said) == len(read_back):
        sys.exit("wine.py: %d descriptors, %d answers" % (len(given), len(said)))
    for (data, sddl), (valid, text, parsed_by_wine), back in zip(given, said, read_back):
        if sddl == "unsound":
            if valid == "1":
                wrong.append("Wine takes %s, which hivetool does not" % data)
            counts["unsound to both"] += valid != "1"
            continue
        own = meaning(data)
        if b"" in own[0]:
            counts["known: HcHive is right: an offset of 0 is no owner or group; Wine takes it for one"] += 1
            continue
        counts["valid" if valid == "1" else "not valid"] += 1
        if valid != "1":
            wrong.append("not valid: %s %s" % (data, sddl))
        if any(entry.type in OBJECT_ACES for entry in own[2]):
            # Wine writes an empty type for such entries and reads none.
            counts["known: HcHive is right: entries with object types have SDDL, which Wine does not know"] += 1
            continue
        if meaning(back.split("\t")[0]) == own:
            counts["our reading of Wine's SDDL agrees"] += 1
        else:
            wrong.append("Wine writes %s for %s" % (text, sddl))
        if re.search(r";(CY|MS|UD)\)", sddl) and parsed_by_wine == "-":
            counts["known: HcHive is right: CY, MS and UD are documented, and Wine does not know them"] += 1
        elif "S:AI" in sddl and "D:AI" not in sddl and parsed_by_wine != "-" and (
                meaning(parsed_by_wine)[0], True, meaning(parsed_by_wine)[2]) == (own[0], not own[1], own[2]):
            counts["known: HcHive is right: AI after S: is of the SACL; Wine sets the bit of the DACL"] += 1
        elif sddl == "-" or meaning(parsed_by_wine) == own:
            counts["Wine's reading of our SDDL agrees"] += 1
        else:
            wrong.append("Wine reads %s as %s" % (sddl, parsed_by_wine))
    print("%d descriptors" % len(given))
    for what, count in sorted(counts.items()):
        print("%s: %d" % (what, count))
    print("".join(line[:600] + "\n" for line in wrong[:20]), end="")
    return 1 if wrong else 0


def below(root, list_file, folder):
    """Each in its own encoding; a root that is short or odd goes below as well."""
    with open(list_file, encoding="utf-8") as file:
        sources = file.read().splitlines()
    for number, source in enumerate(sources, 1):
        with open(source, "rb") as file:
            data = file.read()
        wide = data[:2] == b"\xff\xfe"
        text = data[2:].decode("utf-16-le", "surrogatepass") if wide else data.decode("latin-1")
        text = re.sub(r"(?im)^([ \t]*\[[ \t]*-?)(HK)", lambda match: "%s%s\\%d\\%s" % (
            match[1], root, number, match[2]), text)
        with open("%s/%d" % (folder, number), "wb") as file:
            file.write(b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass") if wide else text.encode("latin-1"))
    return 0


def without_known(ours, theirs, is_eight_bit):
    """Both without what is known to differ, and the reasons."""
    reasons = set()
    for pattern, why in KNOWN + (BY_ENCODING if is_eight_bit else []):
        odd = {line for line in ours - theirs if re.search(pattern, line)}
        names = {tuple(line.split("\t")[1:3]) for line in odd}
        ours = ours - odd
        theirs = theirs - {line for line in theirs - ours if tuple(line.split("\t")[1:3]) in names}
        reasons |= {why} if odd else set()
    return ours, theirs, reasons


def tree_lines(name):
    with open(name, encoding="latin-1", newline="\n") as file:
        return {line.rstrip("\r\n") for line in file}


def told(ours, theirs, is_eight_bit=False):
    ours, theirs, reasons = without_known(ours, theirs, is_eight_bit)
    for why in sorted(reasons):
        print("known: %s" % why)
    for line in sorted(ours - theirs)[:10]:
        print("  only ours: %s" % line[:200])
    for line in sorted(theirs - ours)[:10]:
        print("  only Wine: %s" % line[:200])
    return ours == theirs


def is_eight_bit_5(name):
    with open(name, "rb") as file:
        head = file.read(100)
    return head[:2] != b"\xff\xfe" and b"Version 5" in head


def compare(reg_file, ours_file, theirs_file):
    # The key that all is below is there on one side even when nothing was made.
    ours, theirs = (tree_lines(name) - {"key\t\\"} for name in (ours_file, theirs_file))
    return 0 if told(ours, theirs, is_eight_bit_5(reg_file)) else 1


def compare_all(list_file, ours_folder, theirs_file):
    with open(list_file, encoding="utf-8") as file:
        sources = file.read().splitlines()
    of_number = collections.defaultdict(set)
    for line in tree_lines(theirs_file):
        field = line.split("\t")
        parts = field[1].split("\\", 2)
        if parts[1] and (len(parts) > 2 or field[0] == "value"):
            field[1] = "\\" + (parts[2] if len(parts) > 2 else "")
            of_number[parts[1]].add("\t".join(field))
    n_same = 0
    for number, source in enumerate(sources, 1):
        ours = tree_lines("%s/%d" % (ours_folder, number)) - {"key\t\\"}
        if max((line.count("\\") for line in of_number[str(number)]), default=0) >= 508:
            print("known: HcHive is right: Windows has no keys deeper than 512 levels, Wine has")
            n_same += 1
        elif told(ours, of_number[str(number)], is_eight_bit_5(source)):
            n_same += 1
        else:
            print("^ %s" % source.rsplit("/", 1)[1])
    print("%d of %d the same tree" % (n_same, len(sources)))
    return 0 if n_same == len(sources) else 1


if __name__ == "__main__":
    command = {"descriptors": descriptors, "below": below, "compare": compare, "compare-all": compare_all}[sys.argv[1]]
    sys.exit(command(*sys.argv[2:]))
