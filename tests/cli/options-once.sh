#!/bin/sh
# An option that takes one value cannot be given twice, in both programs and every command; those
# that take several are the lists named here.
. "${abs_srcdir:?}/tests/lib.sh"

lists="apply:user verify:user apply:output set:output rm:output mkkey:output mv:output cp:output apply:set delta:set verify:set diff:set lint:hive lint:root lint:set lint:disable diff:ignore diff:key diff:include diff:exclude diff:exclude-file diff:kind diff:type"
lists="$lists digest:ignore create:base create:changed create:set scratch:license scratch:add scratch:copy-from scratch:symlink"
lists="$lists scratch:junction scratch:grant scratch:acl create:add create:copy-from create:symlink create:junction create:grant create:acl"
lists="$lists scratch:env scratch:label build:reg build:build-arg build:build-context build:skip-run build:add build:copy-from build:remove build:symlink build:junction build:grant build:acl extract:file build:env build:label build:set"
lists="$lists explain:hive explain:key explain:include explain:exclude explain:exclude-file explain:kind explain:type export:key apply:allow verify:allow lint:allow build:allow fmt:allow diff:allow"
lists="$lists build:annotation build:expose build:volume scratch:annotation scratch:expose scratch:volume"
lists="$lists build:platform index:os-feature index:annotation"
lists="$lists timeline:key"
lists="$lists find:in find:type find:key find:include find:exclude find:exclude-file"

# options PROGRAM COMMAND: its options that take a value.
options() {
    "$1" "$2" --help | sed -n 's/^ *\(-.,\)* *--\([a-z-]*\)=[^ ].*/\2/p'
}

for program in ht lp; do
    name=hivetool
    [ "$program" = ht ] || name=layerpack
    "$program" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -v '^help$' >commands
    [ "$(wc -l <commands)" -ge 7 ] || fail "the commands of $name were not found"
    while read -r command; do
        options "$program" "$command" >found
        while read -r option; do
            case " $lists " in
            *" $command:$option "*)
                "$program" "$command" "--$option=0" "--$option=1" >out 2>err || :
                lacks err 'given twice, and'
                ;;
            *)
                run 2 "$program" "$command" "--$option=0" "--$option=1"
                says err "$name: --$option is given twice, and it takes one value" \
                    "$name: see '$name $command --help'"
                ;;
            esac
        done <found
    done <commands
done

# Also where the one stands before the command, and in its short form.
run 2 ht --color=always info --color=never x
says err "hivetool: --color is given twice, and it takes one value" \
    "hivetool: see 'hivetool info --help'"
run 2 ht new -o a --output=b
says err "hivetool: --output is given twice, and it takes one value" \
    "hivetool: see 'hivetool new --help'"
run 2 ht fmt --ansi-codepage=ten x
says err "hivetool: --ansi-codepage is 'ten', not a number" "hivetool: see 'hivetool fmt --help'"

# Lists with commas add up.
run 0 ht new -o h
run 0 ht diff --ignore=security --ignore=class,flags h h
run 2 ht diff --ignore=security --ignore=colour h h
says err "hivetool: --ignore has 'colour', not timestamps, security, class, flags, order or none" \
    "hivetool: see 'hivetool diff --help'"
