# Sourced by demo.sh and test.sh: installs what is missing from Debian's packages.
# shellcheck shell=sh disable=SC2034

# need PACKAGE...
# Installs those that are not there. Without apt-get or the right to use it, says what to install.
need()
{
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1; then
        as_root=sudo
    else
        echo "please install, as root: apt-get install$missing" >&2
        return 1
    fi
    echo "installing:$missing"
    # shellcheck disable=SC2086
    $as_root apt-get update -q >/dev/null &&
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends \
            $missing >/dev/null
}

# like PACKAGE...
# Installs those that can be had without removing another package; the tests that need one of the
# others are skipped.
like()
{
    as_root=
    [ "$(id -u)" = 0 ] || as_root='sudo -n'
    is_updated=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' && continue
        [ -n "$is_updated" ] || $as_root apt-get update -q >/dev/null 2>&1 || :
        is_updated=yes
        echo "installing, for its tests: $package"
        # One at a time, since one that is not in the archive would keep out the rest.
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends \
            --no-remove "$package" >/dev/null 2>&1 ||
            echo "cannot install $package: its tests are skipped"
    done
}

build_packages='gcc make autoconf automake pkg-config perl libhivex-dev libarchive-dev
    libglib2.0-dev libssl-dev xz-utils'
test_packages='libcunit1-dev python3 libhivex-bin reglookup libarchive-tools libasan8 libubsan1'
# Other people's tools for images.
image_packages='skopeo umoci docker-registry containerd zstd'

# build FOLDER CONFIGURE-OPTION...
# Configures and builds out of tree; the build's own output goes to FOLDER/build.out.
build()
{
    folder=$1
    shift
    mkdir -p "$folder"
    [ -x ./configure ] || ./autogen.sh >"$folder/build.out" 2>&1 || {
        cat "$folder/build.out"
        return 1
    }
    (
        cd "$folder"
        [ -f Makefile ] || ../configure "$@" >build.out 2>&1 || exit 1
        make -j"$(nproc)" >>build.out 2>&1
    ) || {
        tail -n 40 "$folder/build.out" >&2
        return 1
    }
}
