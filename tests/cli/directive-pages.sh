#!/bin/sh
# The examples in docs/directives: each page's files are written, its commands run, and what they
# print is what the page shows.

. "${abs_srcdir:?}/tests/lib.sh"

hivetool() {
    ht "$@"
}

# run_page PAGE: in a folder of its own with the fixture hives. A "reg file=NAME" block is a file; in
# a "console" block "$ " starts a command, everything else is what it printed.
run_page() {
    block=
    n_commands=0
    last=0
    : >page
    : >shown
    while IFS= read -r line || [ -n "$line" ]; do
        case $block,$line in
        ,'```reg file='*)
            block=${line#'```reg file='}
            : >"$block"
            ;;
        ,'```console') block=console ;;
        ,'```'*) fail "$1: a block that is neither a file nor a console: $line" ;;
        ,*) ;;
        *,'```') block= ;;
        console,'$ '*)
            printf '%s\n' "$line" >>page
            printf '%s\n' "$line" >>shown
            command=${line#'$ '}
            status=0
            if [ "$command" = 'echo $?' ]; then
                echo "$last" >>shown
            else
                eval "$command" >>shown 2>&1 || status=$?
            fi
            last=$status
            n_commands=$((n_commands + 1))
            ;;
        console,*) printf '%s\n' "$line" >>page ;;
        *) printf '%s\n' "$line" >>"$block" ;;
        esac
    done <"$1"
    [ "$n_commands" -gt 0 ] || fail "$1: has no example"
    same page shown
}

for verb in assert exact expect map require scope var why README; do
    mkdir "$tmp/$verb"
    cd "$tmp/$verb"
    cp "$abs_srcdir/fixtures/hives/SOFTWARE" "$abs_srcdir/fixtures/hives/SYSTEM" .
    run_page "$abs_srcdir/docs/directives/$verb.md"
done

# Every page is in the index, and nothing else is there.
cd "$tmp"
(cd "$abs_srcdir/docs/directives" && ls) | sed '/^README.md$/d' | LC_ALL=C sort >pages
sed -n 's/^| \[`[a-z]*`\](\([a-z]*\.md\)).*/\1/p' "$abs_srcdir/docs/directives/README.md" |
    LC_ALL=C sort >index
same pages index
