#!/usr/bin/env bash
# Runs a load generator against a running server for a short time; fails if a request fails.
#
# usage: load.sh {wrk|h2load|ab} BASE_URL UNIX_SOCKET
set -euo pipefail
tool=$1 url=$2 socket=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# play NAME COMMAND...: runs a command and stores its output.
play() {
    name=$1
    shift
    "$@" >"$work/output" 2>&1 || fail "ended with status $?"
}
fail() { printf 'load.sh: %s: %s\n' "$name" "$*" >&2; cat "$work/output" >&2; exit 1; }
expect_output() { grep -Eq "$1" "$work/output" || fail "the output has no “$1”"; }
expect_no() { if grep -Eq "$1" "$work/output"; then fail "the output has “$1”"; fi; }

head -c 5000 /dev/zero >"$work/body"

with_wrk() {
    cat >"$work/post.lua" <<'LUA'
wrk.method = "POST"
wrk.body = string.rep("body", 500)
LUA
    cat >"$work/pipelined.lua" <<'LUA'
function init(arguments)
    batch = string.rep(wrk.format(), 16)
end
function request()
    return batch
end
LUA
    local wrk=(wrk --threads 2 --connections 40 --duration 1s --timeout 30s)
    for arguments in "$url/" "$url/stream?chunks=5&size=100" "--script $work/post.lua $url/echo" "--script $work/pipelined.lua $url/"; do
        # shellcheck disable=SC2086  # two words where there is a script
        play "wrk $arguments" "${wrk[@]}" $arguments
        expect_output '[1-9][0-9]* requests in'
        expect_no 'Non-2xx|Socket errors'
    done
}

with_h2load() {
    local all=4000
    for arguments in "$url/" "-m 8 $url/" "$url/stream?chunks=5&size=100" "-d $work/body $url/echo" "-B unix:$socket http://localhost/"; do
        # shellcheck disable=SC2086
        play "h2load $arguments" h2load --h1 --requests $all --clients 20 --threads 2 $arguments
        expect_output "$all total, $all started, $all done, $all succeeded, 0 failed, 0 errored, 0 timeout"
        expect_output "$all 2xx, 0 3xx, 0 4xx, 0 5xx"
    done
}

with_ab() {
    local all=2000
    for arguments in "$url/" "-k $url/" "-k -i $url/" "-k -p $work/body -T text/plain $url/echo" "-k $url/stream?chunks=5&size=100"; do
        # shellcheck disable=SC2086
        play "ab $arguments" ab -q -s 30 -n $all -c 20 $arguments
        expect_output "Complete requests: +$all"
        expect_output 'Failed requests: +0'
        expect_no 'Non-2xx|Write errors: +[1-9]'
        # In HTTP/1.0 a body of unknown length ends with the connection, so it is not kept alive.
        if [[ $arguments == -k* && $arguments != *stream* ]]; then expect_output "Keep-Alive requests: +$all"; fi
    done
}

"with_$tool"
