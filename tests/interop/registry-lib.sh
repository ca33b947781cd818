# A registry on loopback, for the tests that need one: source it after lib.sh and image-lib.sh.
# shellcheck shell=sh

# start_registry [LINES]: Debian's docker-registry on a port that the system chooses; sets $port and
# $registry. LINES: more of its configuration.
# shellcheck disable=SC2120  # most give none
start_registry() {
    mkdir -p registry
    cat >registry.yml <<END
version: 0.1
storage:
  filesystem:
    rootdirectory: $tmp/registry
http:
  addr: 127.0.0.1:0
${1-}
END
    # Here before the loop below looks at it, however late the server starts.
    : >registry.log
    docker-registry serve registry.yml >registry.log 2>&1 &
    registry=$!
    trap stop_registry EXIT
    port=
    tries=0
    while [ -z "$port" ]; do
        tries=$((tries + 1))
        [ "$tries" -le 300 ] || fail "the registry does not listen: $(cat registry.log)"
        kill -0 "$registry" 2>/dev/null ||
            skip "docker-registry does not start here: $(tail -n 1 registry.log)"
        port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' registry.log)
        [ -n "$port" ] || sleep 0.1
    done
    # shellcheck disable=SC2034  # of those who source this
    at=docker://127.0.0.1:$port
}

kill_registry() {
    kill "$registry" 2>/dev/null || :
    wait "$registry" 2>/dev/null || :
}

stop_registry() {
    kill_registry
    remove_tmp
}

# A policy that takes everything, and nothing else of the user's.
mkdir -p "$HOME/.config/containers"
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$HOME/.config/containers/policy.json"
XDG_CACHE_HOME=$tmp/cache
export XDG_CACHE_HOME
# shellcheck disable=SC2034  # of those who source this
cached=$XDG_CACHE_HOME/layerpack/blobs/sha256

# gets KIND: how many manifests or blobs were asked for since the log was emptied.
gets() {
    grep -c "http.request.method=GET.*http.request.uri=\"*/v2/[^ ]*/$1/" registry.log || :
}
