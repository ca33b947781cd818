# Sourced by the tests of judges, after tests/lib.sh. POSIX sh.
# shellcheck shell=sh disable=SC2034

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
judges=$abs_srcdir/tests/interop/judges
tree=$abs_builddir/tests/interop/judges/tree

# made KIND COMMAND...: runs the command, with the path of a new hive behind it, of that kind.
made() {
    made_kind=$1
    shift
    mkdir -p "hives/$made_kind"
    n_made=$((${n_made-0} + 1))
    "$@" -o "hives/$made_kind/$n_made" >made-out 2>&1 || {
        cat made-out >&2
        fail "$*"
    }
}

# judged_hives: the folder hives, a folder below it for each way in which we make hives; where
# JUDGE_HIVES is set, that folder's instead.
judged_hives() {
    if [ -n "${JUDGE_HIVES-}" ]; then
        ln -s "$JUDGE_HIVES" hives
        return
    fi
    fixtures=$abs_srcdir/fixtures
    software='HKLM\SOFTWARE'
    mkdir -p hives/fixture
    for judged in SOFTWARE SYSTEM empty odd-names old-v1.3 small small-v1.4; do
        cp "$fixtures/hives/$judged" hives/fixture
        made rebuild ht rebuild "$fixtures/hives/$judged"
    done
    for engine in auto rebuild; do
        made "apply-$engine" ht apply -q --engine=$engine "$fixtures/hives/SYSTEM" \
            "$fixtures/patches/diagtrack.reg"
    done
    made apply-auto ht apply -q --root "$software" "$fixtures/hives/SOFTWARE" "$fixtures/patches/pause.reg"
    for judged in small small-v1.4 old-v1.3 empty; do
        for engine in auto rebuild; do
            for patch in every-statement pause; do
                made "apply-$engine" ht apply -q --root "$software" --engine=$engine \
                    "$fixtures/hives/$judged" "$fixtures/patches/$patch.reg"
                cp "hives/apply-$engine/$n_made" changed
                made delta ht delta --file-name Software_Delta "$fixtures/hives/$judged" changed
                cp "hives/delta/$n_made" delta
                made merge ht merge "$fixtures/hives/$judged" delta
            done
        done
        made apply-copy ht apply -q --root "$software" --new-keys=copy "$fixtures/hives/$judged" \
            "$fixtures/patches/every-statement.reg"
    done
    for judged in ordinary differencing; do
        made new ht new --kind=$judged
    done
    for judged in dirty-new dirty-old; do
        made recover ht recover "$fixtures/dirty/$judged"
    done
    lp extract -q --raw -o hives/layer "$fixtures/golden/layer.tar" >made-out
}

# judged JUDGE ARTEFACT VERDICT [NOTES]: a line of the table in docs/TRUST.md, for make judges.
judged() {
    [ -z "${JUDGE_RESULTS-}" ] ||
        printf '%s\t%s\t-\t%s\t%s\n' "$1" "$2" "$3" \
            "$(printf '%s\n' "${4:--}" | sed 's/^ *known: //;s/$/ ;; /' | tr -d '\n' | sed 's/ ;; $//')" \
            >>"$JUDGE_RESULTS"
}
