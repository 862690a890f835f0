#!/usr/bin/env bash
# A server behind nginx: Python's requests and websockets and curl through it, over kept TCP connections, a Unix socket and HTTP/1.0.
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
# Somebody may take the free port before nginx does: then the next one.
for _ in 1 2 3 4 5; do
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    sed "s|{directory}|$work|g; s|{tcp}|${url#http://}|; s|{socket}|$socket|; s|{port}|$port|" "$here/nginx.conf" >"$work/nginx.conf"
    nginx -p "$work" -c "$work/nginx.conf" >"$work/said" 2>&1 &
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
[[ -n $nginx ]] || { cat "$work/said" >&2; fail "nginx does not start"; }

front=http://127.0.0.1:$port
for way in streaming buffering socket; do
    "$python" "$here/requests_client.py" "$front/$way" --through-proxy || fail "requests failed through $way"
done
"$python" "$here/websockets_client.py" "$front/upgrading" || fail "a WebSocket failed through nginx"

for way in streaming buffering socket plain; do
    got=$(curl --silent --show-error --max-time 30 "$front/$way/stream?chunks=200&size=1000" | wc -c)
    [[ $got == 200000 ]] || fail "$way: a stream of $got bytes"
    got=$(head -c 3000000 /dev/zero | curl --silent --show-error --max-time 30 -X POST -T - "$front/$way/echo" | wc -c)
    [[ $got == 3000000 ]] || fail "$way: an echo of $got bytes"
    got=$(curl --silent --max-time 30 --head -o /dev/null -w '%{http_code}' "$front/$way/")
    [[ $got == 200 ]] || fail "$way: HEAD answered $got"
done

# What nginx has to say about the server: nothing, but that a client went away and a broken body was broken.
if grep -E '\[(warn|error|crit|alert|emerg)\]' "$work/error.log" | grep -v 'is buffered to a temporary file' >&2; then
    fail "nginx is not content"
fi
if awk '$9 >= 502' "$work/access.log" | grep . >&2; then fail "answers that nginx made up itself"; fi
