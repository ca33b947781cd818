#!/bin/sh
# Dirty hives and their transaction logs: recover, and every command that is given one.
. "${abs_srcdir:?}/tests/lib.sh"

hives=$abs_srcdir/fixtures/hives
# The fixtures' logs lead to the hive "small"; only the sequence numbers are other ones.
small=$hives/small
cp "$hives"/dirty "$abs_srcdir"/fixtures/dirty/* .
for file in dirty*; do
    cp "$file" "$file.before"
done

# changed_bytes A B: offsets of the bytes that differ.
changed_bytes() {
    cmp -l "$1" "$2" | awk '{ printf "%d ", $1 - 1 }'
}

# --- recover

run 0 ht recover -o made dirty-new
says out
says err "hivetool: dirty-new.LOG1: applied entry 6, 1 page" \
    "hivetool: dirty-new.LOG2: applied entry 7, 9 pages"
[ "$(changed_bytes made "$small")" = "4 8 " ] || fail "more than the sequence numbers differs"
run 0 ht info made
grep -x 'sequence1         8' out >found
grep -x 'sequence2         8' out >found
grep -x 'dirty             no' out >found
cp made recovered

run 0 ht recover --quiet --output=made2 dirty-new
says err
same_bytes made made2

# The logs named, in any order; from elsewhere.
mkdir away
cp dirty-new away/hive
run 0 ht recover -o made2 away/hive dirty-new.LOG2 dirty-new.LOG1
says err "hivetool: dirty-new.LOG2: applied entry 7, 9 pages" \
    "hivetool: dirty-new.LOG1: applied entry 6, 1 page"
same_bytes made made2
run 0 ht recover -o made2 away/hive dirty-new.LOG1
says err "hivetool: dirty-new.LOG1: applied entry 6, 1 page"
run 1 ht diff made2 "$small"
tail -n 1 out >found
says found "1 value added"
run 0 ht recover -o made2 away/hive dirty-new.LOG2
says err "hivetool: away/hive: the logs start at 7, the hive needs 6" \
    "hivetool: dirty-new.LOG2: applied entry 7, 9 pages"

# Any case of the names.
cp dirty-new.LOG1 away/HIVE.log1
cp dirty-new.LOG2 away/Hive.Log2
run 0 ht recover -o made2 away/hive
says err "hivetool: away/HIVE.log1: applied entry 6, 1 page" \
    "hivetool: away/Hive.Log2: applied entry 7, 9 pages"
same_bytes recovered made2

run 0 ht recover -o made dirty-old
says err "hivetool: dirty-old.LOG1: applied 72 pages"
[ "$(changed_bytes made "$small")" = "4 8 " ] || fail "more than the sequence numbers differs"

# A torn base block.
{
    head -c 512 /dev/zero
    tail -c +513 dirty-new
} >away/torn
run 0 ht recover -o made away/torn dirty-new.LOG1 dirty-new.LOG2
says err "hivetool: away/torn: the base block was torn, it is taken from the log" \
    "hivetool: dirty-new.LOG1: applied entry 6, 1 page" \
    "hivetool: dirty-new.LOG2: applied entry 7, 9 pages"
same_bytes recovered made

# A clean hive is copied.
rm made
run 0 ht recover -o made "$small" dirty-new.LOG1
says out
says err "hivetool: made: nothing to do, a copy of the hive, which is clean"
same_bytes "$small" made

# --- refusals write nothing

rm made
run 4 ht recover -o made dirty
says err "hivetool: dirty: the hive is dirty and there is no transaction log"
run 3 ht recover -o made dirty-new "$small"
says err "hivetool: dirty-new: the hive is dirty and no transaction log fits: $small: is a hive, no transaction log"
head -c 20000 dirty-old.LOG1 >short-log
run 3 ht recover -o made dirty-old short-log
says err "hivetool: dirty-old: the hive is dirty and no transaction log fits: short-log: is cut off inside its dirty pages"
run 5 ht recover -o made dirty-new none
says err "hivetool: none: cannot open: No such file or directory"
run 3 ht recover -o made dirty-new.LOG1
says err "hivetool: dirty-new.LOG1: a transaction log, expected the hive it belongs to"
run 3 ht recover -o made "$abs_srcdir/fixtures/malformed/wrong-parent"
run 2 ht recover dirty-new
run 2 ht recover -o dirty-new dirty-new
run 2 ht recover -o dirty-new.LOG1 dirty-new
run 2 ht recover -o made --no-logs dirty-new
run 2 ht recover -o made --ignore-dirty dirty-new
run 5 ht recover -o none/made dirty-new
[ ! -e made ] || fail "a refusal left a file"

# --- the other commands

new_note='dirty, replayed in memory: 1 log entry (1 page) from dirty-new.LOG1, 1 log entry (9 pages) from dirty-new.LOG2'
old_note='dirty, replayed in memory: 72 pages from dirty-old.LOG1'

run 0 ht diff dirty-new "$small"
says out "no difference; the files' bytes differ"
says err "hivetool: dirty-new: $new_note"
run 0 ht diff --quiet "$small" dirty-old
says err
run 0 ht diff dirty-new dirty-old
says err "hivetool: dirty-new: $new_note" "hivetool: dirty-old: $old_note"

run 0 ht ls "$small"
cp out wanted
run 0 ht ls dirty-new
same wanted out
says err "hivetool: dirty-new: $new_note"
run 0 ht export --root='HKLM\SOFTWARE' --encoding=utf-8 "$small"
cp out wanted
run 0 ht export --root='HKLM\SOFTWARE' --encoding=utf-8 dirty-old
same wanted out

for command in 'ls dirty-new' 'get dirty-new X' 'export dirty-new' 'diff dirty-new dirty-new'; do
    # shellcheck disable=SC2086
    run 4 ht --no-logs $command
    says out
    says err "hivetool: dirty-new: the hive is dirty (sequence numbers 7 and 6): changes are still in its transaction logs"
done

# As it stands it is empty, or has no big data.
run 0 ht --ignore-dirty ls dirty-new
says out
says err "hivetool: dirty-new: dirty, read as it stands"
run 1 ht diff --ignore-dirty --no-logs dirty-old "$small"
tail -n 1 out >found
says found "1 value added"

# Logs that do not fit.
mkdir alone
cp dirty-new alone/hive
cp dirty-old.LOG1 alone/hive.LOG
printf 'regf' >alone/hive.LOG1
head -c 600 alone/hive.LOG >alone/cut
mv alone/cut alone/hive.LOG
run 4 ht ls alone/hive
says out
says err "hivetool: alone/hive: the hive is dirty and no transaction log fits: alone/hive.LOG1: is no transaction log: the signature \"regf\" is missing; alone/hive.LOG: is cut off inside its dirty pages (--ignore-dirty reads it as it stands)"

# flip FILE OFFSET MASK: the bits in a byte of the base block, and in its checksum.
flip() {
    for flip_at in "$2" $((508 + $2 % 4)); do
        flip_byte=$(od -An -tu1 -j"$flip_at" -N1 "$1")
        # shellcheck disable=SC2059
        printf "\\$(printf %03o $((flip_byte ^ $3)))" |
            dd of="$1" bs=1 seek="$flip_at" conv=notrunc 2>dd-says
    done
}

# Logs of another hive: the file name at 48 ("small"; its case means nothing), RmId at 112.
mkdir other
beside() {
    cp dirty-new.before other/hive
    cp dirty-new.LOG1.before other/hive.LOG1
    cp dirty-new.LOG2.before other/hive.LOG2
}
cannot='hivetool: other/hive: the hive is dirty and no transaction log fits:'
hint='(--ignore-dirty reads it as it stands)'
beside
run 0 ht ls "$small"
cp out wanted
flip other/hive 48 32
flip other/hive.LOG1 112 1
flip other/hive.LOG2 112 2
run 0 ht ls other/hive
same wanted out
flip other/hive 48 1
cp other/hive other/before
names='its file name is "small", not "Rmall"'
names="other/hive.LOG1: belongs to another hive: $names; other/hive.LOG2: belongs to another hive: $names"
printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\Y]\n' >other/patch.reg
for command in 'ls' 'digest' 'apply --root=HKLM --in-place'; do
    patch=
    [ "$command" = "${command#apply}" ] || patch=other/patch.reg
    # shellcheck disable=SC2086
    run 4 ht $command other/hive $patch
    says out
    says err "$cannot $names $hint"
done
same_bytes other/before other/hive
run 4 ht recover -o made other/hive
says err "$cannot $names"
[ ! -e made ] || fail "a refusal left a file"
beside
flip other/hive 112 4
flip other/hive.LOG1 112 1
flip other/hive.LOG2 112 4
run 4 ht ls other/hive
says err "$cannot other/hive.LOG1: belongs to another hive: its resource manager (RmId) is another one; other/hive.LOG2: starts at entry 7, the hive needs 6 $hint"

# The first log is missing, empty, cut, damaged.
gap='hivetool: other/hive: dirty, replayed in memory: 1 log entry (9 pages) from hive.LOG2; the logs start at 7, the hive needs 6'
beside
rm other/hive.LOG1
run 0 ht digest other/hive
says err "$gap"
: >other/hive.LOG1
run 0 ht apply --dry-run --root=HKLM other/hive other/patch.reg
sed -n 1p err >found
says found "$gap"
for n_bytes in 100 511; do
    head -c "$n_bytes" dirty-new.LOG1.before >other/hive.LOG1
    run 4 ht ls other/hive
    says err "$cannot other/hive.LOG1: is no transaction log: the signature \"regf\" is missing; other/hive.LOG2: starts at entry 7, the hive needs 6 $hint"
done
head -c 512 dirty-new.LOG1.before >other/hive.LOG1
run 4 ht ls other/hive
says err "$cannot other/hive.LOG1: log entry 6, with which it must start, is not there; other/hive.LOG2: goes on at entry 7, 6 must come first $hint"
beside
printf X | dd of=other/hive.LOG1 bs=1 seek=200 conv=notrunc 2>dd-says
run 4 ht ls other/hive
says out
says err "$cannot other/hive.LOG1: the checksum of its base block is wrong; other/hive.LOG2: starts at entry 7, the hive needs 6 $hint"
run 3 ht recover -o made other/hive
says err "$cannot other/hive.LOG1: the checksum of its base block is wrong; other/hive.LOG2: starts at entry 7, the hive needs 6"

# A log that stops early.
beside
printf X | dd of=other/hive.LOG2 bs=1 seek=2000 conv=notrunc 2>dd-says
stopped='1 log entry (1 page) from hive.LOG1; hive.LOG2 not used: entry 7: its hash is wrong'
run 0 ht digest other/hive
says err "hivetool: other/hive: dirty, replayed in memory: $stopped"
run 0 ht info other/hive
grep '^recovery' out >found
says found "recovery          $stopped"

# What cannot be read in a log's place is not taken for its absence: nothing older comes out.
beside
unusable='hivetool: other/hive: dirty, and a transaction log cannot be used:'
for kind in folder dangling FIFO unreadable folder-unreadable; do
    rm -rf other/hive.LOG2
    rules='open:none:EACCES'
    case $kind in
    folder) mkdir other/hive.LOG2 && why='other/hive.LOG2: is a directory' ;;
    dangling)
        ln -s nowhere other/hive.LOG2
        why='other/hive.LOG2: cannot open: No such file or directory'
        ;;
    FIFO) mkfifo other/hive.LOG2 && why='other/hive.LOG2: is not a regular file' ;;
    unreadable)
        cp dirty-new.LOG2.before other/hive.LOG2
        rules='open:*.LOG2:EACCES' why='other/hive.LOG2: cannot open: Permission denied'
        ;;
    *) rules='open:other:EIO' why='other: cannot open: Input/output error' ;;
    esac
    run 5 faulty "$rules" ht ls other/hive
    says out
    says err "$unusable $why $hint"
    run 5 faulty "$rules" ht apply --in-place --root=HKLM other/hive other/patch.reg
    same_bytes dirty-new.before other/hive
    run 5 faulty "$rules" ht recover -o made other/hive
    says err "hivetool: $why"
    run 0 faulty "$rules" ht ls --ignore-dirty other/hive
    # A clean hive does not look at them.
    cp "$small" other/clean
    mkdir other/clean.LOG2
    run 0 ht ls other/clean
    says err
    rm -rf other/clean*
done

# A log that somebody has planted in a folder that everybody can write; only root can try that.
if [ "$(id -u)" -eq 0 ]; then
    beside
    chmod 1777 other
    chown 12345 other/hive.LOG1
    run 4 ht ls other/hive
    says err "$unusable other/hive.LOG1: is a file of user 12345 in a folder that everybody can write, not replayed $hint"
    run 4 ht recover -o made other/hive
    says err 'hivetool: other/hive.LOG1: is a file of user 12345 in a folder that everybody can write, not replayed'
    # Named, it is taken: that is the user's own decision.
    run 0 ht recover -q -o made other/hive other/hive.LOG1 other/hive.LOG2
    # A copy of root's beside its owner's logs.
    chown 12345 other
    run 0 ht ls other/hive
    chown "$(id -u)" other other/hive.LOG1
    chmod 755 other
else
    echo "not tried, for want of root: logs of other users"
fi

# info shows it as it stands and what the logs would do.
run 0 ht info dirty-new
says err "hivetool: dirty-new: 'hivetool recover' writes it with what its logs hold"
sed -n '5p;10p;11p' out >found
says found 'dirty             yes' \
    'recovery          1 log entry (1 page) from dirty-new.LOG1, 1 log entry (9 pages) from dirty-new.LOG2' \
    'root_key          ROOT'
run 0 ht info dirty
says err "hivetool: dirty: is dirty; with the logs that belong to it 'hivetool recover' mends it, --ignore-dirty reads it without"
grep '^recovery' out >found
says found 'recovery          none: dirty: the hive is dirty and there is no transaction log'
run 0 ht info --format=json dirty
says err
run 0 ht info --no-logs dirty-new
says err
cp out found
run 1 grep recovery found

for file in dirty*.before; do
    same_bytes "$file" "${file%.before}"
done

# --- apply

cat >patch.reg <<'EOF'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\New]
"a"="b"
EOF
apply() {
    ht apply --root='HKLM\SOFTWARE' "$@" patch.reg
}
run 0 apply -o wanted "$small"
run 0 apply -o made dirty-new
says err "hivetool: dirty-new: $new_note" "hivetool: made: 1 key created, 1 value added"
run 0 ht diff wanted made
run 0 apply --in-place dirty-new
says err "hivetool: dirty-new: $new_note" "hivetool: dirty-new: 1 key created, 1 value added" \
    "hivetool: dirty-new: transaction logs beside it are now obsolete, remove them"
run 0 ht diff wanted dirty-new
says err
same_bytes dirty-new.LOG1.before dirty-new.LOG1
same_bytes dirty-new.LOG2.before dirty-new.LOG2

cp dirty-new.before dirty-new
run 4 apply --in-place --no-logs dirty-new
same_bytes dirty-new.before dirty-new
run 0 apply --ignore-dirty -o made dirty-new
run 1 ht diff made wanted
run 0 ht ls made
printf 'New\\\n' >found
same found out
run 0 apply --dry-run dirty-old
same_bytes dirty-old.before dirty-old
