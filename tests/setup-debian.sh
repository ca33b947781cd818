# Sourced by demo.sh and test.sh: installs what is missing from Debian's packages; on another system,
# says what to install.
# shellcheck shell=sh disable=SC2034

# Debian's package, what shows that it is there, its name on Fedora, on Arch and on Alpine; "-" where it
# comes with another one or there is none. A word with a dot at the end is a module of pkg-config.
package_table='
gcc               gcc         gcc                 gcc         gcc,musl-dev
make              make        make                make        make
autoconf          autoconf    autoconf            autoconf    autoconf
automake          automake    automake            automake    automake
pkg-config        pkg-config  pkgconf-pkg-config  pkgconf     pkgconf
perl              perl        perl                perl        perl
libhivex-dev      hivex.      hivex-devel         hivex       hivex-dev
libarchive-dev    libarchive. libarchive-devel    libarchive  libarchive-dev
libglib2.0-dev    glib-2.0.   glib2-devel         glib2       glib-dev
libssl-dev        libcrypto.  openssl-devel       openssl     openssl-dev
libncurses-dev    ncursesw.   ncurses-devel       ncurses     ncurses-dev
xz-utils          xz          xz                  xz          xz
python3           python3     python3             python      python3
git               git         git                 git         git
libcunit1-dev     cunit.      CUnit-devel         cunit       cunit-dev
zsh               zsh         zsh                 zsh         zsh
fish              fish        fish                fish        fish
libhivex-bin      hivexml     hivex               -           hivex
reglookup         reglookup   reglookup           -           -
libarchive-tools  bsdtar      bsdtar              -           libarchive-tools
valgrind          valgrind    valgrind            valgrind    valgrind
tmux              tmux        tmux                tmux        tmux
patch             patch       patch               patch       patch
libasan8          -           libasan             -           -
libubsan1         -           libubsan            -           -
'

# is_there SIGN: whether the command, or the module of pkg-config, is there.
is_there()
{
    case $1 in
    -) ;;
    *.) pkg-config --exists "${1%.}" 2>/dev/null ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# other_names COLUMN PACKAGE...: those of Debian's packages that are not there, by another name.
other_names()
{
    column=$1
    shift
    for package in "$@"; do
        echo "$package_table" | while read -r name sign fedora arch alpine; do
            [ "$name" = "$package" ] || continue
            is_there "$sign" && continue
            case $column in
            fedora) name=$fedora ;;
            arch) name=$arch ;;
            alpine) name=$alpine ;;
            esac
            [ "$name" = - ] || printf ' %s' "$name"
        done
    done | tr , ' '
}

# tell PACKAGE...: on a machine without apt-get: says what to install when something is missing. Names
# only the machine's own system where /etc/os-release says which that is.
tell()
{
    [ -n "$(other_names debian "$@")" ] || return 0
    id=$(sed -n 's/^ID\(_LIKE\)*=//p' "${OS_RELEASE:-/etc/os-release}" 2>/dev/null | tr '"\n' '  ')
    echo 'there is no apt-get here; please install, as root, and run this again:'
    told=
    case " $id " in
    *" fedora "* | *" rhel "*) told=fedora ;;
    *" arch "*) told=arch ;;
    *" alpine "*) told=alpine ;;
    esac
    [ "${told:-fedora}" != fedora ] || echo "  Fedora: dnf install$(other_names fedora "$@")"
    [ "${told:-arch}" != arch ] || echo "  Arch:   pacman -S --needed$(other_names arch "$@")"
    [ "${told:-alpine}" != alpine ] || echo "  Alpine: apk add$(other_names alpine "$@")"
    [ -n "$told" ] || echo "  Debian has them as:$(other_names debian "$@")"
    echo 'what your system does not have is at https://libguestfs.org (hivex), https://libarchive.org and so on'
    return 1
}

# need PACKAGE...
# Installs those that are not there. Without apt-get or the right to use it, says what to install.
need()
{
    if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
        tell "$@" >&2
        return
    fi
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
        echo "please install, as root, and run this again: apt-get install$missing" >&2
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
    command -v apt-get >/dev/null 2>&1 || return 0
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
    libglib2.0-dev libssl-dev libncurses-dev xz-utils'
test_packages='libcunit1-dev git patch python3 libhivex-bin reglookup libarchive-tools tmux libasan8 libubsan1
    valgrind zsh fish'
# Other people's tools for images, and judges of hives. Wine and mingw-w64 are too large for every run:
# docs/judges.md.
image_packages='skopeo umoci buildah docker-registry containerd zstd
    python3-jsonschema chromium chromium-driver python3-hivex python3-libregf python3-pyregfi samba-libs'

# build FOLDER CONFIGURE-OPTION...
# Configures and builds out of tree and says so; the build's own output goes to FOLDER/build.out.
build()
{
    folder=$1
    shift
    mkdir -p "$folder"
    echo "building in $folder/, which takes a minute or two the first time (its output: $folder/build.out)"
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
