#!/bin/sh
# A table of all real hives of ../shared/corpus, with what hivetool info and hivetool check say of
# each, and whether that is what the corpus' README says of it. make check runs it; by hand, from a
# build folder, with the table on standard output:
#
#   abs_srcdir=SOURCE abs_builddir=$PWD sh SOURCE/tests/corpus-report.sh
. "${abs_srcdir:?}/tests/lib.sh"
needs_shared corpus
needs_program awk

# What check has to find: hive, and "id" or "id*N" of each kind of error and warning; "-" for
# none. A hive that is not in this list fails the test.
cat >expectations <<'END'
dfwinreg/SYSTEM.old-e18f3d4 key-max-small*2
ez-registry/NTUSER1.DAT -
ez-registry/SAMBadHBinHeader bin-signature
ez-registry/SAM_DUPENAME -
ez-registry/SAM_hasBigEndianDWord -
ez-registry/SECURITYNoRoot root-flag
imgutil/BCD.baselayer -
notatin/NTUSER.DAT -
notatin/win7_ntuser.dat -
plaso/100_sub_keys.hiv -
plaso/NTUSER.DAT -
plaso/UsrClass.dat -
plaso/corrupt_sub_key_list.hiv cell-free keys-unreached
plaso/win10-Amcache.hve -
python-registry/REORGANIZED_VALUES_TESTS -
python-registry/UNICODE_TESTS -
python-registry/issue22.hive -
regipy/BCD -
regipy/NTUSER.DAT -
regipy/NTUSER.DAT.old-29ea3af -
regipy/NTUSER_BAGMRU.DAT base-dirty
regipy/NTUSER_modified.DAT keys-unreached
regipy/SYSTEM -
regipy/UsrClass.dat base-dirty
regipy/UsrClass.dat.LOG1 log
regipy/UsrClass.dat.LOG2 log
regipy/amcache.hve base-dirty
regipy/corrupted_system_hive bin-signature*30 cell-size cell-free*153 cell-fit*25 keys-unreached
regipy/ntuser_software_partial -
regipy/transactions_NTUSER.DAT base-dirty
regipy/transactions_ntuser.dat.log1 log
regipy/transactions_ntuser.dat.log2 log
scancode/Software_Delta.fake-v1.3-head -
scancode/Software_Delta.fake-v1.3-old -
scancode/Software_Delta.real-v1.6-differencing -
yarp/BadListHive key-parent cell-twice keys-unreached
yarp/BadLogHive1/BadLogHive base-dirty
yarp/BadLogHive1/BadLogHive.LOG1 log
yarp/BadLogHive1/BadLogHive.LOG2 empty
yarp/BadSubkeyHive key-parent cell-twice security-references keys-unreached
yarp/BigDataHive -
yarp/BogusKeyNamesHive -
yarp/CompHive list-hint
yarp/DeletedDataHive -
yarp/DupNameHive -
yarp/DuplicateSubkeysHive key-duplicate
yarp/EffectiveSizeHive base-checksum bins-go-on
yarp/EmptyHive -
yarp/ExtendedASCIIHive -
yarp/GarbageHive base-checksum
yarp/InvalidParentHive key-parent
yarp/ManySubkeysHive -
yarp/MultiSzHive -
yarp/NewDirtyHive1/NewDirtyHive base-dirty keys-unreached
yarp/NewDirtyHive1/NewDirtyHive.LOG1 log
yarp/NewDirtyHive1/NewDirtyHive.LOG2 log
yarp/NewDirtyHive1/RecoveredHive_Windows10 keys-unreached
yarp/NewFlagsHive -
yarp/OldDirtyHive/OldDirtyHive base-dirty
yarp/OldDirtyHive/OldDirtyHive.LOG1 log
yarp/OldDirtyHive/OldDirtyHive.LOG2 empty
yarp/OldDirtyHive/RecoveredHive_Windows7 -
yarp/ReallocValueHive -
yarp/StringValuesHive -
yarp/System_Delta -
yarp/TruncatedHive bins-cut cell-outside*9 subkeys-fewer keys-unreached
yarp/TruncatedNameHive key-name-end keys-unreached
yarp/TwoOwnersHive -
yarp/UnicodeHive -
yarp/UpcaseHive -
yarp/ValuesOrderHive -
yarp/WrongOrderHive list-order*2
END

# What was planted where, in the words of check: hive, text of one of its lines.
cat >planted <<'END'
ez-registry/SAMBadHBinHeader|error 0x2000: hive bin: the signature is not "hbin"
ez-registry/SECURITYNoRoot|warning 0x1020 [\]: key: the root key has no root flag (flags 0x20)
plaso/corrupt_sub_key_list.hiv|error 0x5480 [\]: key: the cell is free
yarp/BadListHive|error 0x12d0 [3]: subkey list: the cell is used twice
yarp/BadSubkeyHive|error 0x1470 [3\subkey]: key: the cell is used twice
yarp/DuplicateSubkeysHive|error 0x6bde0 [key_with_many_subkeys\4500]: key: a sibling has the same name
yarp/EffectiveSizeHive|error 0x28: base block: hive bins go on after the size that the base block gives (it says 4096 bytes, they have 487424)
yarp/GarbageHive|note 0x2000: file: bytes follow the hive bins (253959 bytes)
yarp/InvalidParentHive|error 0x75b08 [key_with_many_subkeys\4900]: key: its parent field names another key
yarp/TruncatedHive|error 0x28: base block: the file ends before the hive bins do (it promises 487424 bytes of them, the file has 8192)
yarp/TruncatedNameHive|error 0x11b0 [\]: key: its name ends past its cell
yarp/WrongOrderHive|error 0x1370 [1\1]: key: the subkey list is not sorted here
END

# ids OF: the kinds of errors and warnings in a JSON report, as in the list above.
ids() {
    sed -n 's/^    {"severity": "\(error\|warning\)", "id": "\([a-z-]*\)",.*/\2/p' "$1" |
        awk '!n[$0]++ { order[++k] = $0 }
            END { for (i = 1; i <= k; i++)
                      printf("%s%s%s", i > 1 ? " " : "", order[i],
                          (n[order[i]] > 1) ? "*" n[order[i]] : "")
                  if (k == 0) printf("-") }'
}

# info_line: what info says, in a few words.
info_line() {
    awk '{ v[$1] = $2 }
        END { if ("version" in v)
                  printf("%s %s%s", v["version"], v["kind"], (v["dirty"] == "yes") ? ", dirty" : "")
              if ("keys" in v)
                  printf(", %d keys, %d values", v["keys"], v["values"]) }' out
    if [ -s err ]; then
        sed -n '1s/^hivetool: [^:]*: /; /p' err | tr -d '\n' | cut -c 1-60
    fi
}

# check_hive HIVE: sets $found and $status.
check_hive() {
    status=0
    file=$shared/corpus/hives/$1
    ht check --format json "$file" >findings 2>err || status=$?
    case $status in
    0 | 1) found=$(ids findings) ;;
    3)
        if grep -q ': a transaction log, ' err; then
            found=log
        elif grep -q ': the file is empty, ' err; then
            found=empty
        else
            found=malformed
        fi
        ;;
    *) fail "$1: check ended with $status" ;;
    esac
}

(cd "$shared/corpus/hives" && find . -type f) | sed 's/^\.\///' | LC_ALL=C sort >hives
cut -d ' ' -f 1 expectations | LC_ALL=C sort >listed
same hives listed

# readme HIVE: what the corpus' README says of it, the last cell of its row, shortened.
readme() {
    awk -F'|' -v section="## hives/${1%%/*}" -v path="$1" -v name="$(basename "$1")" '
        /^## / { look = $0 == "## Other hives" ? path : index($0, section) == 1 ? name : "" }
        look != "" && text == "" && NF > 3 && index($2, look) { text = $(NF - 1) }
        END { gsub(/[*`]/, "", text); sub(/^ */, "", text); print substr(text, 1, 60) }
    ' "$shared/corpus/README.md"
}

n_bad=0
: >table
while read -r hive wanted; do
    check_hive "$hive"
    # Errors and only they are status 1.
    case $status:$(sed -n 's/^    "errors": \([0-9]*\),.*/\1/p' findings) in
    0:0 | 1:[1-9]* | 3:) ;;
    *) fail "$hive: status $status and errors do not agree" ;;
    esac
    verdict=ok
    if [ "$found" != "$wanted" ]; then
        verdict="EXPECTED $wanted"
        n_bad=$((n_bad + 1))
    fi
    ht info "$shared/corpus/hives/$hive" >out 2>err || :
    printf '%-46s | %-44s | %s | %s | README: %s\n' \
        "$hive" "$(info_line)" "$found" "$verdict" "$(readme "$hive")" >>table
done <expectations
cat table

while IFS='|' read -r hive line; do
    ht check "$shared/corpus/hives/$hive" >out 2>err || :
    grep -qxF "$line" out || {
        echo "$hive: check does not say: $line" >&2
        n_bad=$((n_bad + 1))
    }
done <planted

echo "$(wc -l <hives) files, $n_bad not as expected"
[ "$n_bad" -eq 0 ] || fail "$n_bad hives are not as expected"
