#!/bin/sh
# Every help text fits a screen, says in one line what the exit statuses mean, and has two examples that run.
. "${abs_srcdir:?}/tests/lib.sh"

# What the examples speak of, in the folder prepared, of which each command has a copy.
prepare() {
    rm -rf prepared
    mkdir -p prepared/old prepared/windows/Windows/System32/config
    cd prepared
    cp "$abs_srcdir/fixtures/hives/$1" SYSTEM
    cp SYSTEM windows/Windows/System32/config/SYSTEM
    ht --quiet new -o old/SOFTWARE
    printf 'REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\App]\n"Name"="x"\n' >change.reg
    ht --quiet apply -o SOFTWARE old/SOFTWARE change.reg
    cp SOFTWARE windows/Windows/System32/config/SOFTWARE
    [ "$2" = hivetool ] || cp -R ../oci image
    [ "$2" = hivetool ] || cp -R ../pause pause
    cd ..
}

# check_help PROGRAM RUNNER FIXTURE
check_help() {
    run 0 "$2" --help
    [ "$(wc -l <out)" -le 60 ] || fail "$1 --help does not fit a screen"
    sed -n '/^commands:$/,/^$/s/^  \([a-z]*\)  .*/\1/p' out | grep -v '^help$' >commands
    [ "$(wc -l <commands)" -ge 7 ] || fail "the commands of $1 were not found"
    prepare "$3" "$1"
    while read -r command; do
        run 0 "$2" "$command" --help
        mv out help
        [ "$command" = build ] || [ "$command" = scratch ] || [ "$(wc -l <help)" -le 56 ] || fail "$1 $command --help does not fit a screen"
        [ "$(tail -n 1 help | cut -d, -f 1 | grep -c '^exit status: 0 ')" -eq 1 ] ||
            fail "$1 $command --help does not end with the exit statuses"
        sed -n '/^examples:$/,/^$/s/^  //p' help >examples
        [ "$(wc -l <examples)" -ge 2 ] || fail "$1 $command --help has not two examples"
        # Needs a terminal.
        [ "$command" != browse ] || continue
        rm -rf example
        cp -R prepared example
        cd example
        while read -r line; do
            case $line in "$1 "*) ;; *) fail "$line: is no command line of $1" ;; esac
            status=0
            (
                # shellcheck disable=SC2317 # eval calls them
                hivetool() { ht "$@"; }
                # shellcheck disable=SC2317
                layerpack() { lp "$@"; }
                eval "$(printf '%s\n' "$line" | sed 's|/mnt/windows|windows|g')"
            ) >out 2>err || status=$?
            # Those on images that nothing here makes are other tests'.
            case $1:$command in
            hivetool:* | layerpack:ls | layerpack:explain | layerpack:verify | layerpack:extract) ;;
            layerpack:create | layerpack:build | layerpack:scratch) ;;
            *) continue ;;
            esac
            # 1 is an answer, and told as one.
            [ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && tail -n 1 ../help | grep ', 1 ' >said; } ||
                fail "status $status: $line: $(cat err)"
        done <../examples
        cd ..
    done <commands
}

check_help hivetool ht SYSTEM
run 0 lp --quiet scratch --to=oci:oci
run 0 lp --quiet scratch --to=oci:pause:3.9
run 0 lp --quiet scratch --to=oci:pause:3.10
check_help layerpack lp SYSTEM
