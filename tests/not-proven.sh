#!/bin/sh
# One line at the end of make check: what was not proven, and for want of what. Reads the logs of tests,
# in which skip and unproven of tests/lib.sh leave lines; says nothing where there are none.
#
#   not-proven.sh SOURCE LOG...
set -eu

source=$1
shift
if [ $# -eq 0 ]; then
    exit 0
fi

# first_sentence TEST: of the comment at its head.
first_sentence() {
    awk 'NR > 1 && !/^#/ { exit }
        /^# [^!]/ && !/^# shellcheck/ { text = text " " substr($0, 3) }
        END { sub(/^ /, "", text); sub(/[.:;]( .*)?$/, "", text); print text }' "$1"
}

tab=$(printf '\t')
for log; do
    sed -n 's/^not proven: //p' "$log" | while IFS="$tab" read -r cause what; do
        test=${log%.log}
        if [ -z "$what" ] && [ -f "$source/$test.sh" ]; then
            what=$(first_sentence "$source/$test.sh")
        fi
        printf '%s\t%s (%s)\n' "$cause" "${what:-all of it}" "${test##*/}"
    done
done | LC_ALL=C sort | awk -F'\t' '
    $1 != cause { text = text (NR > 1 ? "; " : "") $1 ": "; cause = $1; separator = "" }
    { text = text separator $2; separator = ", " }
    END { if (NR) print "NOT PROVEN HERE: " text }'
