#!/bin/sh
# tests/chroots.sh [--quick] DIR [RELEASE[-root|-user]...]
#
# Runs ./demo.sh and ./test.sh in fresh installations of Debian, as root, who gets all packages from the
# scripts, and as an ordinary user, for whom the packages are there. By hand, as root, with debootstrap
# and a network; not part of CI. Of each release a bare system is kept in DIR and copied for each run;
# logs and a summary go to DIR too. Without RELEASE: bookworm and trixie, both ways.
#
# --quick: instead of ./test.sh only "make check", as released.
# MIRROR: where packages come from (http://deb.debian.org/debian).
# What lies beside the source as ../shared is there in the chroots, read-only.
set -eu

mirror=${MIRROR-http://deb.debian.org/debian}
tests=./test.sh
if [ "${1-}" = --quick ]; then
    tests='. tests/setup-debian.sh; need $build_packages $test_packages &&
        like $image_packages; build build-test && { make -j2 -k -C build-test check || {
            find build-test/tests -name "*.trs" -exec grep -L "result: \(PASS\|SKIP\)" {} + |
                while read -r trs; do cat "${trs%.trs}.log"; done
            exit 1
        }; }'
    shift
fi
[ $# -ge 1 ] || {
    sed -n '2s/^# /usage: /p' "$0" >&2
    exit 2
}
[ "$(id -u)" = 0 ] || {
    echo "$0: only root can make a chroot" >&2
    exit 2
}
top=$(cd "$(dirname "$0")/.." && pwd)
commit=$(git -C "$top" rev-parse HEAD)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- bookworm trixie

# bare RELEASE: the bare system in DIR/RELEASE, made once.
bare()
{
    [ ! -e "$dir/$1.made" ] || return 0
    rm -rf --one-file-system "${dir:?}/$1"
    echo "$1: debootstrap, see $dir/$1.log"
    debootstrap --variant=minbase "$1" "$dir/$1" "$mirror" >"$dir/$1.log" 2>&1 || return 1
    rm -f "$dir/$1"/var/cache/apt/archives/*.deb
    touch "$dir/$1.made"
}

# inside ROOT USER COMMAND: in a mount namespace of its own, which takes its mounts away at the end.
inside()
{
    # shellcheck disable=SC2016
    unshare --mount --propagation=private sh -c '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        [ ! -d "$4/../shared" ] || {
            mkdir -p "$1/src/shared"
            mount --bind "$4/../shared" "$1/src/shared"
            mount -o remount,bind,ro "$1/src/shared"
        }
        exec chroot --userspec="$2" "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            HOME=/src LANG=C.UTF-8 sh -c "cd /src/tree && $3"' \
        sh "$1" "$2" "$3" "$top"
}

# try ROOT USER COMMAND LOG: one line of the summary.
try()
{
    start=$(date +%s)
    result=passed
    inside "$1" "$2" "$3" >"$4" 2>&1 </dev/null || result=FAILED
    echo "$(basename "$4" .log): $result in $(($(date +%s) - start)) s; $(tail -n 1 "$4")"
}

# run RELEASE root|user
run()
{
    root=$dir/$1-$2
    user=root
    bare "$1" || {
        echo "$1: cannot be installed, see $dir/$1.log"
        return 0
    }
    rm -rf --one-file-system "$root"
    cp -a "$dir/$1" "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir -p "$root/src/tree"
    # What is committed, so that nothing changes under the tests.
    git -C "$top" archive "$commit" | tar -C "$root/src/tree" -xf -
    if [ "$2" = user ]; then
        # shellcheck disable=SC2016
        inside "$root" root '. tests/setup-debian.sh; need $build_packages $test_packages &&
            like $image_packages' >"$root.packages.log" 2>&1 </dev/null
        chroot "$root" useradd --home-dir /src builder
        user=builder
    fi
    chown -R "$(chroot "$root" id -u "$user")" "$root/src/tree" "$root/src"
    try "$root" "$user" ./demo.sh "$root.demo.log"
    try "$root" "$user" "$tests" "$root.test.log"
    rm -rf --one-file-system "$root"
}

for one in "$@"; do
    case $one in
    *-root | *-user) run "${one%-*}" "${one##*-}" ;;
    *)
        run "$one" root
        run "$one" user
        ;;
    esac
done | tee "$dir/summary"
! grep -q ': FAILED\|cannot be installed' "$dir/summary"
