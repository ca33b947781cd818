#!/bin/sh
# The options in --help, in the man page and in the completion are the same, command by
# command; and the help is where and what it should be.

. "${abs_srcdir:?}/tests/lib.sh"

needs_program sed sort

# options_of FILE: the long options that a help text lists, one on each line.
options_of() {
    sed -n 's/^  \(-[a-zA-Z], \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p' "$1"
}

# man_section POD HEADING: the part of a POD file under a =head2 that starts with HEADING.
man_section() {
    sed -n "/^=head2 $2\( \|\$\)/,/^=head[12] /p" "$1" | sed '1d;/^=head/,$d'
}

# man_options: the long options that the =items on standard input are for.
man_options() {
    sed -n '/^=item /{s/B<\(--[a-z0-9-]*\)>/\
\1\
/g;p;}' | grep '^--' || true
}

# completed RUNNER LINE: what completion offers at the end of it, one on each line.
completed() {
    "$1" __complete bash "$2" | sed 's/^[=+]//; s/=$//'
}

# check_program PROGRAM RUNNER
check_program() {
    program=$1
    pod=$abs_srcdir/docs/man/$program.1.pod
    [ -f "$pod" ] || fail "no $pod"

    run 0 "$2" --help
    says err
    cp out help
    run 0 "$2" help
    same help out
    sed -n '/^commands:$/,/^$/s/^  \([a-z]*\)  .*/\1/p' help | sort >commands
    [ -s commands ] || fail "$program --help lists no commands"

    # Options of every command.
    options_of help | sort >wanted
    sed -n '/^=head1 COMMON OPTIONS/,/^=head1 COMMANDS/p' "$pod" | man_options | sort >found
    same wanted found
    cp wanted globals

    { completed "$2" "$program " && completed "$2" "$program -"; } | sort >found
    sort commands globals >wanted
    same wanted found

    while read -r command; do
        [ "$command" != help ] || continue
        run 0 "$2" "$command" --help
        says err
        cp out help
        run 0 "$2" help "$command"
        same help out
        # Without the options of every command, which come last.
        sed '/^options of every command:/,$d' help >own
        options_of own | sort >wanted
        man_section "$pod" "$command" | man_options | sort >found
        same wanted found
        sort wanted globals >all
        completed "$2" "$program $command -" | sort >found
        same all found
        grep "^=head2 $command\( \|\$\)" "$pod" >heading ||
            fail "$program.1.pod has no section on $command"
    done <commands
}

check_program hivetool ht
check_program layerpack lp
