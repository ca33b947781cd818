#!/bin/sh
# The include law of docs/ARCHITECTURE.md: base <- regf <- delta <- {reg, edit, report, image} <-
# cli <- {hivetool, layerpack}; nobody but edit includes hivex.h, nobody but image archive.h.
. "${abs_srcdir:?}/tests/lib.sh"

# The folders that FOLDER may include from, besides itself.
allowed_folders() {
    case $1 in
    hivecore/base) ;;
    hivecore/regf) echo hivecore/base ;;
    hivecore/delta) echo hivecore/base hivecore/regf ;;
    hivecore/reg | hivecore/edit | hivecore/report | hivecore/image)
        echo hivecore/base hivecore/regf hivecore/delta
        ;;
    hivecore/cli)
        echo hivecore/base hivecore/regf hivecore/delta hivecore/reg hivecore/edit \
            hivecore/report hivecore/image
        ;;
    hivetool | layerpack)
        echo hivecore/base hivecore/regf hivecore/delta hivecore/reg hivecore/edit \
            hivecore/report hivecore/image hivecore/cli
        ;;
    *) fail "$1: a folder that the include law does not know" ;;
    esac
}

# Whether FOLDER may include HEADER.
is_allowed() {
    case $2 in
    config.h) return 0 ;;
    hivex.h) [ "$1" = hivecore/edit ] ;;
    archive.h | archive_entry.h) [ "$1" = hivecore/image ] ;;
    hivecore/* | hivetool/* | layerpack/*)
        for folder in "$1" $(allowed_folders "$1"); do
            [ "${2%/*}" != "$folder" ] || return 0
        done
        return 1
        ;;
    tests/* | fixtures/*) return 1 ;;
    *) return 0 ;;
    esac
}

# includes_of FILE: the text of each #include, with its quotes or brackets.
includes_of() {
    sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\(["<][^">]*[">]\).*/\1/p' "$1"
}

# check_tree TREE: writes one line for each include that breaks the law to the file broken, the
# number of includes seen to the file seen.
check_tree() {
    : >broken
    : >seen
    (cd "$1" && find hivecore hivetool layerpack -name '*.[ch]' | LC_ALL=C sort) >files
    while IFS= read -r file; do
        includes_of "$1/$file" >includes
        cat includes >>seen
        while IFS= read -r include; do
            header=${include#?}
            header=${header%?}
            case $include in
            '"config.h"' | '"hivecore/'* | '"hivetool/'* | '"layerpack/'*) ;;
            '"'*) echo "$file: $include is not named from the top" >>broken ;;
            esac
            is_allowed "${file%/*}" "$header" || echo "$file: may not include $header" >>broken
        done <includes
    done <files
}

check_tree "$abs_srcdir"
says broken
for folder in hivecore/base hivecore/regf hivecore/delta hivecore/reg hivecore/edit \
    hivecore/report hivecore/image hivecore/cli hivetool layerpack; do
    grep -q "^$folder/" files || fail "$folder: no source found"
done
[ "$(wc -l <seen)" -gt 100 ] || fail "hardly any includes seen: the check does not work"

# A check that cannot fail holds nothing: each kind of violation, planted, must be found.
# plant FILE INCLUDE: a tree that holds nothing but this one line.
plant() {
    rm -rf planted
    mkdir -p planted/hivecore planted/hivetool planted/layerpack "planted/${1%/*}"
    printf '#include %s\n' "$2" >"planted/$1"
    check_tree planted
}

while read -r culprit wanted; do
    plant "$culprit" "\"$wanted\""
    says broken "$culprit: may not include $wanted"
done <<'END'
hivecore/base/x.c hivecore/regf/hive.h
hivecore/base/x.h hivecore/cli/cli.h
hivecore/regf/x.c hivecore/delta/delta.h
hivecore/delta/x.c hivecore/reg/reg-reader.h
hivecore/delta/x.c hivecore/edit/edit.h
hivecore/delta/x.c hivecore/report/report.h
hivecore/reg/x.c hivecore/edit/edit.h
hivecore/reg/x.c hivecore/report/report.h
hivecore/edit/x.c hivecore/reg/reg-writer.h
hivecore/edit/x.c hivecore/report/report.h
hivecore/report/x.c hivecore/reg/reg-writer.h
hivecore/report/x.c hivecore/cli/cli.h
hivecore/image/x.c hivecore/report/report.h
hivecore/image/x.c hivecore/cli/cli.h
hivecore/report/x.c hivecore/image/layer-reader.h
hivecore/delta/x.c hivecore/image/layer-reader.h
hivecore/edit/x.c hivecore/cli/cli.h
hivecore/cli/x.c hivetool/commands.h
hivetool/x.c layerpack/commands.h
layerpack/x.c hivetool/commands.h
END

while read -r culprit wanted; do
    plant "$culprit" "<$wanted>"
    says broken "$culprit: may not include $wanted"
done <<'END'
hivecore/regf/x.c hivex.h
hivecore/cli/x.c hivex.h
hivetool/x.c hivex.h
layerpack/x.c hivex.h
hivecore/base/x.c archive.h
hivecore/report/x.c archive_entry.h
hivetool/x.c archive.h
layerpack/x.c archive.h
END

plant hivecore/delta/x.c '"delta.h"'
says broken 'hivecore/delta/x.c: "delta.h" is not named from the top'

plant hivecore/delta/x.c '"../regf/hive.h"'
says broken 'hivecore/delta/x.c: "../regf/hive.h" is not named from the top'

# What is lawful is not a finding.
plant hivecore/edit/x.c '<hivex.h>'
says broken
plant hivecore/image/x.c '<archive_entry.h>'
says broken
plant hivecore/cli/x.c '"hivecore/report/report.h"'
says broken
