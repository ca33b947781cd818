#!/bin/sh
# What layerpack writes when a call fails or a signal comes at a place that is known: "I could not look"
# is never taken for "there is nothing", names and links are on the disk before what leads to them, and
# a run that is ended leaves nothing that is half made.
. "${abs_srcdir:?}/tests/lib.sh"
. "$abs_srcdir/tests/interop/image-lib.sh"
needs_program "$PYTHON3" sha256sum
echo x >f
run 0 lp scratch --to oci:base:1
run 0 lp build --from oci:base:1 --user u --to oci:to:kept

ended='ended by a signal; what it had begun to write is removed'

# sums PATH...: of every file, and the names of folders.
sums() {
    find "$@" -type d | sort
    find "$@" -type f -exec sha256sum {} + | sort
}

# fails STATUS RULES MESSAGE COMMAND...: and nothing has changed.
fails() {
    fails_status=$1
    fails_rules=$2
    fails_message=$3
    shift 3
    sums . >../sums-before
    run "$fails_status" faulty "$fails_rules" lp "$@"
    says out
    # The shell, too, says that a program was ended.
    sed -e '/Terminated/d' -e '/Hangup/d' -e "s/: .*$ended/: $ended/" err >told
    says told "layerpack: $fails_message"
    rm out err expected told
    sums . >../sums-after
    same ../sums-before ../sums-after
}
mkdir work
mv base to f work
cd work

blob=$("$PYTHON3" -S "$here/image.py" layers oci:base:1 | sed 's/^sha256:\([0-9a-f]*\) .*/\1/')
look='cannot find out what is there'
for errno in EIO ESTALE EACCES; do
    case $errno in
    EIO) text='Input/output error' ;;
    ESTALE) text='Stale file handle' ;;
    EACCES) text='Permission denied' ;;
    esac
    # The index, which holds the other tags, and the mark of the layout.
    fails 5 "stat:*/index.json:$errno" "to/index.json: $look: $text" \
        build --from oci:base:1 --add f=/f --to oci:to:new
    fails 5 "open:to/index.json:$errno" "to/index.json: cannot open: $text" \
        build --from oci:base:1 --add f=/f --to oci:to:new
    fails 5 "stat:to/oci-layout:$errno" "to/oci-layout: $look: $text" scratch --to oci:to:new
    # What is open: it is not malformed.
    fails 5 "fstat:*/base/index.json:$errno" \
        "oci:base:1: index.json: cannot find out what it is: $text" verify oci:base:1
    fails 5 "fstat:*/base/blobs/sha256/$blob:$errno" \
        "oci:base:1: blobs/sha256/$blob: cannot find out what it is: $text" \
        build --from oci:base:1 --add f=/f --to oci:to:new
    # The target: a folder that cannot be looked into may hold anything.
    mkdir empty
    fails 5 "open:empty:$errno" "empty: cannot open: $text" scratch --to oci:empty:1
    fails 5 "stat:empty:$errno" "empty: $look: $text" scratch --to oci:empty:1
    rmdir empty
    # A blob of that name.
    fails 5 "stat:to/blobs/sha256/$blob:$errno" "oci:to:new: to/blobs/sha256/$blob: $look: $text" \
        build --from oci:base:1 --user v --to oci:to:new
    fails 5 "open:to/blobs/sha256/$blob:$errno" "oci:to:new: to/blobs/sha256/$blob: cannot open: $text" \
        build --from oci:base:1 --user v --to oci:to:new
    # Whether the output is an input.
    fails 5 "stat:new.tar:$errno" "new.tar: $look: $text" \
        build --from oci:base:1 --add f=/f --to oci-archive:new.tar
    fails 5 "stat:f:$errno" "f: cannot read: $text" scratch --add f=/f --to oci-archive:new.tar
    # Whether an archive lies in a layout.
    fails 5 "stat:*/oci-layout:$errno" "$(pwd -P)/oci-layout: $look: $text" \
        scratch --to oci-archive:new.tar
    # What extract would write through.
    mkdir out-dir
    fails 5 "stat:out-dir/SAM:$errno" "out-dir/SAM: $look: $text" extract oci:base:1 SAM -o out-dir
    rmdir out-dir
done

# A folder of an unpacked layer whose names cannot all be read: verify does not take them for all.
mkdir -p unpacked/Files/inner unpacked/Hives
for place in unpacked unpacked/Files/inner unpacked/Hives; do
    fails 5 "readdir:*/$place:EIO" "$place/: cannot read: Input/output error" verify unpacked
    fails 5 "open:$place/:EACCES" "$place/: cannot open: Permission denied" verify unpacked
done
rm -r unpacked

# Whether the output of hivetool is an input.
cp "$abs_srcdir/fixtures/hives/SOFTWARE" "$abs_srcdir/fixtures/patches/pause.reg" .
for errno in 'EIO:Input/output error' 'ESTALE:Stale file handle'; do
    for place in SOFTWARE pause.reg new; do
        run 5 faulty "stat:$place:${errno%%:*}" ht apply -o new SOFTWARE pause.reg
        says err "hivetool: $place: $look: ${errno#*:}"
        [ ! -e new ] || fail 'the output is there'
    done
    run 5 faulty "stat:new:${errno%%:*}" ht export -o new SOFTWARE
    says err "hivetool: new: $look: ${errno#*:}"
done
rm SOFTWARE pause.reg out err

# A disk that does not give a layer is no answer about that layer.
run 5 faulty "read:*/base/blobs/sha256/$blob:EIO" lp verify oci:base:1
tail -n 2 out >last
says last "layer 1  sha256:$blob  not read" '2 findings'
says err "layerpack: oci:base:1: layer 1: cannot read: Input/output error"
run 5 faulty "open:$blob:EACCES" lp verify oci:base:1
says err "layerpack: oci:base:1: blobs/sha256/$blob: cannot open: Permission denied"
rm last

# What is new is on the disk, and what holds its name, before the index leads to it.
for place in to/blobs/sha256 'to/blobs/sha256/*'; do
    run 5 faulty "fsync:*/$place:EIO" lp build --from oci:base:1 --add f=/f --to oci:to:new
    run 1 lp ls oci:to:new
    run 0 lp ls oci:to:kept
done
# (a blob that is linked is synced through the name by which it was opened)
for place in fresh/blobs/sha256 fresh/blobs fresh "base/blobs/sha256/$blob"; do
    rm -rf fresh
    run 5 faulty "fsync:*/$place:EIO" lp build --from oci:base:1 --add f=/f --to oci:fresh:1
    [ ! -e fresh/index.json ] || fail "an index was written although $place is not on the disk"
done
rm -rf fresh
mkdir above
run 5 faulty "fsync:*/above:EIO" lp build --from oci:base:1 --user u --to oci:above/new:1
[ ! -e above/new/index.json ] || fail "an index was written although the layout's name is not on the disk"
rm -rf above/new
run 5 faulty "fsync:*/above:EIO" lp extract oci:base:1 -o above/hives
says err 'layerpack: above: cannot write the folder: Input/output error'
# The blob of the base is one file in both layouts, and was linked, not copied.
run 0 lp build --from oci:base:1 --user u --to oci:fresh:1
[ "$(stat -c %h "fresh/blobs/sha256/$blob")" -eq 3 ] || fail "the blob of the base was not linked"
rm -rf fresh above out err expected

# A run that is ended takes back what it has made, and ends by that signal.
run 0 lp build --from oci:base:1 --user u --to oci:to:kept
rm out err
for rule in 'mkdir:fresh:SIGTERM' 'mkdir:*/sha256:SIGTERM' 'open:*/.build.*:SIGTERM' 'open:*/.layer.*:SIGTERM' \
    'write:*/.layer.*:SIGTERM' 'link:*:SIGTERM' 'stat:*/blobs/sha256/*:SIGTERM'; do
    fails 143 "$rule" "$ended" build --from oci:base:1 --add f=/f --to oci:fresh:1
done
fails 143 'write:*/.layer.*:SIGTERM' "$ended" build --from oci:base:1 --add f=/f --to oci:to:new
fails 129 'write:*/.layer.*:SIGHUP' "$ended" scratch --to oci:fresh:1
fails 130 'open:./.new.tar.*:SIGINT' "$ended" scratch --to oci-archive:new.tar
fails 143 'mkdir:hives:SIGTERM' "$ended" extract oci:base:1 -o hives
fails 143 'open:hives/.SOFTWARE.*:SIGTERM' "$ended" extract oci:base:1 -o hives
fails 143 'write:*/hives/.SAM.*:SIGTERM' "$ended" extract oci:base:1 -o hives
mkdir hives
fails 143 'write:*/hives/.SAM.*:SIGTERM' "$ended" extract oci:base:1 -o hives
rmdir hives
# A second one ends at once: temporary files are gone, the folders are not.
run 143 faulty 'mkdir:fresh:SIGTERM,mkdir:fresh/blobs:SIGTERM' \
    lp build --from oci:base:1 --add f=/f --to oci:fresh:1
says out
find fresh >found
says found fresh
run 130 faulty 'open:hives/.SAM.*:SIGTERM,write:*/hives/.SAM.*:SIGINT' lp extract oci:base:1 -o hives
find hives >found
says found hives
rmdir hives
# What was ended is no hindrance; one that was published is whole.
run 143 faulty 'rename:*/index.json:SIGTERM' lp build --from oci:base:1 --add f=/f --to oci:fresh:1
run 0 image check oci:fresh:1
# An ignored signal is none.
ignoring() {
    (trap '' TERM && faulty "$@")
}
run 0 ignoring 'link:*:SIGTERM' lp build --from oci:base:1 --add f=/f --to oci:fresh:2

# The lock of the layout: what cannot be locked is not written, where there are no locks it is said.
rm -rf fresh out err found expected
fails 5 'flock:*/to:EIO' 'to: cannot lock: Input/output error' \
    build --from oci:base:1 --user v --to oci:to:kept
run 0 faulty 'flock:*/to:ENOLCK' lp build --verbose --from oci:base:1 --user v --to oci:to:kept
says err 'layerpack: to: not locked: No locks available'
"$PYTHON3" -S - "$abs_builddir/layerpack/layerpack" >out <<'END'
import fcntl, os, subprocess, sys

held = os.open("to", os.O_RDONLY)
fcntl.flock(held, fcntl.LOCK_EX)
# The name is that of a Python, whichever it is.
name = open("/proc/self/comm").read().strip()
for command in (["build", "--from", "oci:base:1", "--user", "w"], ["scratch"]):
    done = subprocess.run([sys.argv[1], *command, "--lock-timeout", "0", "--to", "oci:to:kept"],
                          capture_output=True, text=True)
    print(done.returncode, done.stdout, done.stderr.replace(str(os.getpid()), "PID").replace(name, "NAME"),
          end="")
END
says out "5  layerpack: to: is in use by process PID (NAME), also after 0 seconds (--lock-timeout waits longer)" \
    "5  layerpack: to: is in use by process PID (NAME), also after 0 seconds (--lock-timeout waits longer)"
run 2 lp build --from oci:base:1 --user w --lock-timeout=-1 --to oci:to:kept
run 0 lp ls oci:to:kept
