#!/bin/sh
# Every file argument of every command: what is no hive, no patch or no place to write to.
. "${abs_srcdir:?}/tests/lib.sh"

needs_program timeout sha256sum

run 0 ht new -o SOFTWARE
printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\K]\n"v"="1"\n' >p.reg
: >empty
mkdir folder
mkfifo fifo
ln -s nowhere dangling
truncate -s 1G zeros
: >unreadable
chmod 0 unreadable
find . ! -name out ! -name err ! -name expected ! -name zeros -printf '%p %y %s %T@\n' | sort >listing
sha256sum SOFTWARE p.reg >digests

# A command that waits for a FIFO would end with 124.
limited() {
    timeout 20 "$abs_builddir/hivetool/hivetool" "$@"
}

# says_one STATUS MESSAGE ARGUMENT...: that status, nothing on standard output, one line.
says_one() {
    wanted=$1
    message=$2
    shift 2
    run "$wanted" limited "$@"
    says out
    says err "hivetool: $message"
}

# each STATUS MESSAGE FILE: FILE in place of every hive.
each_hive() {
    says_one "$1" "$2" apply -n "$3" p.reg
    says_one "$1" "$2" apply -o out.hive "$3" p.reg
    says_one "$1" "$2" apply --in-place "$3" p.reg
    says_one "$1" "$2" verify "$3" p.reg
    says_one "$1" "$2" export "$3"
    says_one "$1" "$2" ls "$3"
    says_one "$1" "$2" get "$3" K v
    says_one "$1" "$2" info "$3"
    says_one "$1" "$2" delta -o out.hive "$3" SOFTWARE
    says_one "$1" "$2" delta -o out.hive SOFTWARE "$3"
}
# each_side: the same on either side of diff, which takes patches too.
each_side() {
    says_one "$1" "$2" diff "$3" SOFTWARE
    says_one "$1" "$2" diff SOFTWARE "$3"
}
for file in missing dangling ''; do
    each_side 5 "${file:-"''"}: cannot open: No such file or directory" "$file"
done
each_side 3 'empty: the file is empty, expected a registry hive' empty
each_side 3 'folder: holds no registry hives, and is no Windows disk or unpacked layer' folder
no_patch="is empty, expected 'Windows Registry Editor Version 5.00' or 'REGEDIT4' in line 1"
each_side 3 "fifo: $no_patch" fifo
each_side 3 "/dev/null: $no_patch" /dev/null
each_hive 5 'missing: cannot open: No such file or directory' missing
each_hive 5 'dangling: cannot open: No such file or directory' dangling
for command in 'apply -n folder p.reg' 'apply --in-place folder p.reg' 'verify folder p.reg' \
    'export folder' 'ls folder' 'get folder K v' 'info folder' 'check folder' 'digest folder' \
    'delta -o out.hive folder SOFTWARE'; do
    # shellcheck disable=SC2086
    run 3 limited $command
    says out
    says err 'hivetool: folder: holds no registry hives, and is no Windows disk or unpacked layer'
done
each_hive 5 'fifo: is not a regular file' fifo
each_hive 5 '/dev/null: is not a regular file' /dev/null
each_hive 5 "'': cannot open: No such file or directory" ''
each_hive 3 'empty: the file is empty, expected a registry hive' empty
each_hive 3 'p.reg: not a registry hive but a .reg patch; state:p.reg takes what it says for all that is there' p.reg

# The first bytes say it; a gigabyte of nothing is not read.
for command in 'apply -n zeros p.reg' 'verify zeros p.reg' 'diff zeros SOFTWARE' 'diff SOFTWARE zeros' \
    'export zeros' 'ls zeros' 'get zeros K' 'info zeros' 'delta -o out.hive zeros SOFTWARE'; do
    # shellcheck disable=SC2086
    run 3 limited $command
    says out
    grep -c '^hivetool: zeros: ' err >n_lines || fail "no message on $command"
    says n_lines 1
done

each_patch() {
    says_one "$1" "$2" apply -n SOFTWARE "$3"
    says_one "$1" "$2" apply -o out.hive SOFTWARE p.reg "$3"
    says_one "$1" "$2" apply --in-place SOFTWARE "$3" p.reg
    says_one "$1" "$2" verify SOFTWARE "$3"
}
each_patch 5 'missing: cannot open: No such file or directory' missing
each_patch 5 'folder: is a directory' folder
each_patch 3 "empty: $no_patch" empty
each_patch 3 "/dev/null: $no_patch" /dev/null
each_patch 3 "fifo: $no_patch" fifo
each_patch 3 "SOFTWARE: is a registry hive, not a patch; 'hivetool diff --format=reg OLD NEW' makes a patch of two hives" SOFTWARE

each_output() {
    says_one "$1" "$2" apply -o "$3" SOFTWARE p.reg
    says_one "$1" "$2" diff -o "$3" SOFTWARE SOFTWARE
    says_one "$1" "$2" export -o "$3" SOFTWARE
    says_one "$1" "$2" new -o "$3"
    says_one "$1" "$2" delta -o "$3" SOFTWARE SOFTWARE
}
each_output 5 'folder: is a directory' folder
each_output 5 'fifo: is not a regular file' fifo
each_output 5 '/dev/null: is not a regular file' /dev/null
each_output 5 'nowhere/out: cannot create: No such file or directory' nowhere/out
each_output 5 'SOFTWARE/out: cannot create: Not a directory' SOFTWARE/out

# Nothing was made, nothing was changed.
run 0 sha256sum -c --quiet digests
# The file now is only named here to be left out.
# shellcheck disable=SC2094
find . ! -name out ! -name err ! -name expected ! -name zeros ! -name n_lines ! -name listing \
    ! -name digests ! -name now -printf '%p %y %s %T@\n' | sort >now
grep -v -e '^\. ' -e '^\./listing ' listing >before
grep -v -e '^\. ' -e '^\./before ' now >after
same before after

# Where permissions apply.
if [ "$(id -u)" -ne 0 ]; then
    each_hive 5 'unreadable: cannot open: Permission denied' unreadable
    each_patch 5 'unreadable: cannot open: Permission denied' unreadable
    chmod 555 folder
    each_output 5 'folder/out: cannot create: Permission denied' folder/out
fi
