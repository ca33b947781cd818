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

for page in "$abs_srcdir"/docs/directives/*.md; do
    name=${page##*/}
    mkdir "$tmp/${name%.md}"
    cd "$tmp/${name%.md}"
    cp "$abs_srcdir/fixtures/hives/SOFTWARE" "$abs_srcdir/fixtures/hives/SYSTEM" .
    run_page "$page"
done

# Every page is in the index, and nothing else is there.
cd "$tmp"
index=$abs_srcdir/docs/directives/README.md
(cd "$abs_srcdir/docs/directives" && ls) | sed '/^README.md$/d' | LC_ALL=C sort >pages
sed -n 's/^| \[`[a-z-]*`\](\([a-z-]*\.md\)).*/\1/p' "$index" | LC_ALL=C sort -u >linked
same pages linked

# The index has every directive there is, with the places where it may stand and its class.
sed -n 's/^| \[*`\([a-z-]*\)`.* | \([^|]*\) | \([A-C]\) |$/\1: \2, \3/p' "$index" >listed
v5='Windows Registry Editor Version 5.00'
key='[HKEY_CURRENT_USER\Software\k]'
printf '%s\n;!\n' "$v5" >none.reg
run 3 ht lint none.reg
sed -n "s/.*expected a verb: \(.*\) or '=' after ';!'.*/\1/p" out | sed 's/, /\n/g' >verbs
while read -r verb; do
    printf '%s\n;!%s\n%s\n;!%s\n"a"="b" ;!%s\n' "$v5" "$verb" "$key" "$verb" "$verb" >places.reg
    run 3 ht lint places.reg
    refused=$(sed -n "s/^places.reg:\([0-9]*\):[0-9]*: found the directive '$verb' here, .*/\1/p" out | tr '\n' ' ')
    case $refused in
    '') places=anywhere ;;
    '2 ') places='in a section or behind a value' ;;
    '2 5 ') places='in a section' ;;
    '2 4 ') places='behind a value' ;;
    '4 5 ') places='before the first key line' ;;
    *) places="not in lines $refused" ;;
    esac
    run 3 ht lint --format=json places.reg
    class=$(sed -n 's/.*"class": "\(.\)".*/\1/p' out)
    echo "$verb: $places, $class"
done <verbs >known
same listed known
