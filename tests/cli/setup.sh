#!/bin/sh
# A machine without apt-get is told what to install, by its own names, whoever asks; one that has all is
# told nothing.
. "${abs_srcdir:?}/tests/lib.sh"

setup=$abs_srcdir/tests/setup-debian.sh
shell=$(command -v sh)
mkdir bare
for tool in sed tr; do
    ln -s "$(command -v "$tool")" "bare/$tool"
done

# ask OS-RELEASE-LINES PACKAGE...: on a machine that has nothing but a shell, sed and tr.
ask() {
    printf '%b' "$1" >os-release
    shift
    env -i PATH="$tmp/bare" OS_RELEASE="$tmp/os-release" \
        "$shell" -c '. "$0" && need "$@"' "$setup" "$@"
}

first='there is no apt-get here; please install, as root, and run this again:'
last='what your system does not have is at https://libguestfs.org (hivex), https://libarchive.org and so on'

run 1 ask 'NAME=x\nID=fedora\n' gcc libhivex-dev libglib2.0-dev libcunit1-dev libasan8
says out
says err "$first" '  Fedora: dnf install gcc hivex-devel glib2-devel CUnit-devel' "$last"
run 1 ask 'ID="rocky"\nID_LIKE="rhel centos fedora"\n' python3 pkg-config
says err "$first" '  Fedora: dnf install python3 pkgconf-pkg-config' "$last"
run 1 ask 'ID=manjaro\nID_LIKE=arch\n' gcc python3 libhivex-bin libssl-dev
says err "$first" '  Arch:   pacman -S --needed gcc python openssl' "$last"
run 1 ask 'ID=alpine\n' gcc xz-utils libarchive-tools
says err "$first" '  Alpine: apk add gcc musl-dev xz libarchive-tools' "$last"
run 1 ask 'ID=slackware\n' make libarchive-dev
says err "$first" '  Fedora: dnf install make libarchive-devel' '  Arch:   pacman -S --needed make libarchive' \
    '  Alpine: apk add make libarchive-dev' '  Debian has them as: make libarchive-dev' "$last"

# All that the scripts ask for is in the table, and what is there is not asked for.
(
    # shellcheck source=tests/setup-debian.sh
    . "$setup"
    # shellcheck disable=SC2086
    for package in $build_packages $test_packages; do
        echo "$package_table" | grep -q "^$package " || echo "$package"
    done
) >unnamed
says unnamed
for command in gcc make autoconf automake perl xz python3 pkg-config; do
    printf '#!%s\n' "$shell" >"bare/$command"
    chmod +x "bare/$command"
done
run 0 ask 'ID=fedora\n' gcc make autoconf automake pkg-config perl libhivex-dev libarchive-dev \
    libglib2.0-dev libssl-dev xz-utils python3 libcunit1-dev
says out
says err
