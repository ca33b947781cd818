#!/bin/sh
# Installs what is missing, builds, and runs every test: once as released, once under
# AddressSanitizer and UndefinedBehaviorSanitizer, and the release checks (make distcheck).
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

passed=0 failed=0 skipped=0 unproven=

# count FOLDER: adds up the results that automake left in FOLDER/tests.
count()
{
    find "$1/tests" -name '*.trs' -exec sed -n 's/^:test-result: //p' {} + >"$1/results"
    n_passed=$(grep -c '^PASS' "$1/results" || :)
    n_skipped=$(grep -c '^SKIP' "$1/results" || :)
    passed=$((passed + n_passed))
    skipped=$((skipped + n_skipped))
    failed=$((failed + $(wc -l <"$1/results") - n_passed - n_skipped))
}

# check FOLDER: runs the tests there; failures are told at once and counted. More of them than there are processors: tests
# wait for the disk, since outputs are synced, for terminals and for servers.
check()
{
    find "$1" -name '*.trs' -delete
    (cd "$1" && make -j"$(($(nproc) * 3 / 2 + 1))" -k check) >"$1/check.out" 2>&1 || {
        grep -E '^(FAIL|ERROR|XPASS)' "$1/check.out" || tail -n 40 "$1/check.out"
        find "$1/tests" -name '*.trs' | while read -r trs; do
            grep -q '^:test-result: \(PASS\|SKIP\)' "$trs" || cat "${trs%.trs}.log"
        done
        [ -n "$(find "$1/tests" -name '*.trs')" ] || failed=$((failed + 1))
    }
    grep -E '^(PASS|SKIP):' "$1/check.out" | sort || :
    unproven=$(grep '^NOT PROVEN' "$1/check.out" || :)
    count "$1"
}

werror=
case ${CI-}:${WERROR-} in
true:* | *:1) werror=--enable-werror ;;
esac

echo '== as released'
# shellcheck disable=SC2086
build build-test $werror
check build-test

echo '== under the sanitizers'
# shellcheck disable=SC2086
build build-asan $werror --enable-sanitizers=trap CFLAGS='-Og -g1'
check build-asan

# The tarball builds, installs and uninstalls, and holds all that git tracks. Its tests are those that ran above, so only a
# few of them run again, from it, and nothing is optimized.
echo '== make distcheck'
again='tests/unit/test-json tests/cli/docs.sh tests/cli/fixtures.sh tests/cli/hivetool-apply.sh tests/cli/layerpack-build.sh'
if (
    cd build-test && make -j"$(nproc)" distcheck DISTCHECK_CONFIGURE_FLAGS='CFLAGS=-O0' AM_MAKEFLAGS="TESTS='$again'" &&
        { ! git -C .. rev-parse HEAD || make maintainer-check-dist; }
) >build-test/distcheck.out 2>&1; then
    echo 'PASS: distcheck'
    passed=$((passed + 1))
else
    tail -n 60 build-test/distcheck.out
    failed=$((failed + 1))
fi

[ -z "$unproven" ] || echo "$unproven"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
