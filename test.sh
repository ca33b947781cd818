#!/bin/sh
# Installs what is missing, builds, and runs every test twice: under AddressSanitizer and UndefinedBehaviorSanitizer, and
# as released, out of the tarball, which also has to install and uninstall (make distcheck).
# Ends with a line "N passed, N failed, N skipped".
# A compiler's warning stops the build only with CI=true or WERROR=1: new compilers warn of more, and
# who only wants to know whether the tests pass cannot mend that.
set -eu
cd "$(dirname "$0")"
. tests/setup-debian.sh
# shellcheck disable=SC2086
need $build_packages $test_packages
# shellcheck disable=SC2086
like $image_packages

passed=0 failed=0 skipped=0

# tests OUT TARGET OPTION...: makes TARGET in build-asan, whose output goes to OUT, and tells what the tests did; of those
# that failed the logs. Sets n_failed; is false when any failed, or something else did.
tests()
{
    out=$1
    shift
    find build-asan -name '*.trs' -delete
    made=0
    # More at a time than there are processors: tests wait for the disk, since outputs are synced, for terminals and for
    # servers.
    make -C build-asan -k -j"$(($(nproc) * 3 / 2 + 1))" "$@" >"$out" 2>&1 || made=$?
    n_failed=$(grep -cE '^(FAIL|ERROR|XPASS):' "$out" || :)
    failed=$((failed + n_failed))
    passed=$((passed + $(grep -c '^PASS:' "$out" || :)))
    skipped=$((skipped + $(grep -c '^SKIP:' "$out" || :)))
    grep -E '^(FAIL|ERROR|XPASS):' "$out" || :
    find build-asan -name '*.trs' | while read -r trs; do
        grep -q '^:test-result: \(PASS\|SKIP\)' "$trs" || cat "${trs%.trs}.log"
    done
    grep -E '^(PASS|SKIP):' "$out" | sort || :
    [ "$made" -eq 0 ] || [ "$n_failed" -gt 0 ] || tail -n 60 "$out"
    return "$made"
}

# in_memory: prints a folder that is in memory, if there is one with room for the files of tests, in which programs run.
in_memory()
{
    room_kb=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
    [ "${room_kb:-0}" -gt 3000000 ] && [ "${memory_kb:-0}" -gt 6000000 ] || return 0
    folder=$(mktemp -d /dev/shm/hivetool-tests.XXXXXX 2>/dev/null) || return 0
    chmod 711 "$folder" # some tests are another user for a while
    printf '#!/bin/sh\n' >"$folder/program"
    chmod +x "$folder/program"
    if "$folder/program" 2>/dev/null; then
        echo "$folder"
    else
        rm -r "$folder"
    fi
}

werror=
case ${CI-}:${WERROR-} in
true:* | *:1) werror=--enable-werror ;;
esac
# Ninety programs are linked, each with half of libhivecore: a third of the time with gold, where that is.
linker=
! command -v ld.gold >/dev/null || linker=-fuse-ld=gold

echo '== under the sanitizers'
# shellcheck disable=SC2086
build build-asan $werror -C --enable-sanitizers=trap CFLAGS='-Og -g1' LDFLAGS="$linker"
# There syncs cost nothing. As released, tests have their files where everybody has them.
memory=$(in_memory)
trap 'rm -rf "$memory"' EXIT
trap 'exit 1' HUP INT TERM
tests build-asan/check.out check ${memory:+TMPDIR="$memory"} || failed=$((failed + (n_failed == 0)))

# The release is built out of the tarball, whose files are read-only: all that git tracks is in it, and its tests are all
# tests. What configure has found out of this system is not asked again, but for the flags.
echo '== as released: make distcheck'
grep -v '^ac_cv_env_' build-asan/config.cache >build-asan/release.cache || :
[ ! -d ../shared ] || ln -sfn ../../shared build-asan/shared
if tests build-asan/distcheck.out distcheck XZ_OPT=-1 \
    DISTCHECK_CONFIGURE_FLAGS="$werror --disable-dependency-tracking --cache-file='$PWD/build-asan/release.cache'" &&
    { ! git rev-parse HEAD || make -C build-asan tracked-in-dist; } >>build-asan/distcheck.out 2>&1; then
    echo 'PASS: distcheck'
    passed=$((passed + 1))
else
    echo 'FAIL: distcheck'
    [ "$made" -ne 0 ] || tail -n 20 build-asan/distcheck.out
    failed=$((failed + 1))
fi

grep '^NOT PROVEN' build-asan/distcheck.out || :
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
