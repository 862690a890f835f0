#!/usr/bin/env bash
# Tests a server through nginx with requests, websockets and curl: over keep-alive TCP connections, a Unix socket and HTTP/1.0.
#
# usage: nginx.sh BASE_URL UNIX_SOCKET PYTHON
set -euo pipefail
url=$1 socket=$2 python=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
nginx=
stop() {
    local status=$?
    if [[ -n $nginx ]]; then
        kill -TERM "$nginx" 2>/dev/null || true
        wait "$nginx" 2>/dev/null || true
    fi
    if [[ $status -ne 0 && -e $work/error.log ]]; then tail -n 20 "$work/error.log" >&2; fi
    rm -rf "$work"
    exit "$status"
}
trap stop EXIT

fail() { printf 'nginx.sh: %s\n' "$*" >&2; exit 1; }

PATH=$PATH:/usr/sbin
# Another process may bind the free port before nginx does; then it tries the next one.
for _ in 1 2 3 4 5; do
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    sed "s|{directory}|$work|g; s|{tcp}|${url#http://}|; s|{socket}|$socket|; s|{port}|$port|" "$here/nginx.conf" >"$work/nginx.conf"
    nginx -p "$work" -c "$work/nginx.conf" >"$work/output" 2>&1 &
    nginx=$!
    until curl --silent --output /dev/null --max-time 2 --unix-socket "$work/front" http://localhost/; do
        if ! kill -0 "$nginx" 2>/dev/null; then
            wait "$nginx" || true
            nginx=
            break
        fi
        sleep 0.05
    done
    if [[ -n $nginx ]]; then break; fi
done
[[ -n $nginx ]] || { cat "$work/output" >&2; fail "nginx does not start"; }

front=http://127.0.0.1:$port
for location in streaming buffering socket; do
    "$python" "$here/requests_client.py" "$front/$location" --through-proxy || fail "requests failed at $location"
done
"$python" "$here/websockets_client.py" "$front/upgrading" || fail "a WebSocket failed through nginx"

for location in streaming buffering socket plain; do
    received=$(curl --silent --show-error --max-time 30 "$front/$location/stream?chunks=200&size=1000" | wc -c)
    [[ $received == 200000 ]] || fail "$location: a stream of $received bytes"
    received=$(head -c 3000000 /dev/zero | curl --silent --show-error --max-time 30 -X POST -T - "$front/$location/echo" | wc -c)
    [[ $received == 3000000 ]] || fail "$location: an echo of $received bytes"
    received=$(curl --silent --max-time 30 --head -o /dev/null -w '%{http_code}' "$front/$location/")
    [[ $received == 200 ]] || fail "$location: HEAD answered $received"
done

# The error log of nginx may only contain the requests whose bodies are buffered in files.
if grep -E '\[(warn|error|crit|alert|emerg)\]' "$work/error.log" | grep -v 'is buffered to a temporary file' >&2; then
    fail "nginx has logged errors"
fi
if awk '$9 >= 502' "$work/access.log" | grep . >&2; then fail "responses of nginx itself instead of the server"; fi
