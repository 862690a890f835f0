#!/usr/bin/env bash
# A load generator against a running server, briefly: not one request may fail.
#
# usage: load.sh {wrk|h2load|ab} BASE_URL UNIX_SOCKET
set -euo pipefail
tool=$1 url=$2 socket=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# play NAME COMMAND...: runs it, keeps what it says.
play() {
    name=$1
    shift
    "$@" >"$work/said" 2>&1 || fail "ended with status $?"
}
fail() { printf 'load.sh: %s: %s\n' "$name" "$*" >&2; cat "$work/said" >&2; exit 1; }
says() { grep -Eq "$1" "$work/said" || fail "does not say “$1”"; }
says_not() { if grep -Eq "$1" "$work/said"; then fail "says “$1”"; fi; }

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
    for way in "$url/" "$url/stream?chunks=5&size=100" "--script $work/post.lua $url/echo" "--script $work/pipelined.lua $url/"; do
        # shellcheck disable=SC2086  # two words where there is a script
        play "wrk $way" "${wrk[@]}" $way
        says '[1-9][0-9]* requests in'
        says_not 'Non-2xx|Socket errors'
    done
}

with_h2load() {
    local all=4000
    for way in "$url/" "-m 8 $url/" "$url/stream?chunks=5&size=100" "-d $work/body $url/echo" "-B unix:$socket http://localhost/"; do
        # shellcheck disable=SC2086
        play "h2load $way" h2load --h1 --requests $all --clients 20 --threads 2 $way
        says "$all total, $all started, $all done, $all succeeded, 0 failed, 0 errored, 0 timeout"
        says "$all 2xx, 0 3xx, 0 4xx, 0 5xx"
    done
}

with_ab() {
    local all=2000
    for way in "$url/" "-k $url/" "-k -i $url/" "-k -p $work/body -T text/plain $url/echo" "-k $url/stream?chunks=5&size=100"; do
        # shellcheck disable=SC2086
        play "ab $way" ab -q -s 30 -n $all -c 20 $way
        says "Complete requests: +$all"
        says 'Failed requests: +0'
        says_not 'Non-2xx|Write errors: +[1-9]'
        # The length of a stream is told to nobody in HTTP/1.0: the connection's end is its end.
        if [[ $way == -k* && $way != *stream* ]]; then says "Keep-Alive requests: +$all"; fi
    done
}

"with_$tool"
