#!/usr/bin/env bash
# Tests a running server with curl: keep-alive connections, uploads of both framings, Expect, HEAD, HTTP/1.0, trailers, errors.
#
# usage: curl.sh BASE_URL UNIX_SOCKET
set -euo pipefail
url=$1 socket=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

curl() { command curl --silent --show-error --no-progress-meter --max-time 60 "$@"; }
fail() { printf 'curl.sh: %s\n' "$*" >&2; exit 1; }
expect() { [[ $2 == "$3" ]] || fail "$1: $2 instead of $3"; }
same() { cmp "$2" "$3" || fail "$1: the body of the response differs"; }

head -c 5000000 /dev/urandom >"$work/body"

expect "GET" "$(curl "$url/")" "Hello, world!"
expect "a keep-alive connection" "$(curl -w '%{num_connects}' -o "$work/1" "$url/" -o "$work/2" "$url/" -o "$work/3" "$url/")" 100
expect "Connection: close" "$(curl -H 'Connection: close' -w '%{num_connects}' -o "$work/1" "$url/" -o "$work/2" "$url/")" 11
expect "HEAD, keep-alive" "$(curl --head -w ' %{http_code} %{num_connects}' -o "$work/1" "$url/" -o "$work/2" "$url/")" " 200 1 200 0"
grep -qi '^content-length: 14' "$work/2" || fail "HEAD: no Content-Length of 14"

for framing in '' 'Transfer-Encoding: chunked'; do
    curl -H "$framing" --data-binary "@$work/body" -o "$work/echo" "$url/echo"
    same "upload ($framing)" "$work/body" "$work/echo"
done
curl -X POST --upload-file - -o "$work/echo" "$url/echo" <"$work/body"
same "upload from a pipe" "$work/body" "$work/echo"

curl -v -H 'Expect: 100-continue' --expect100-timeout 30 --data-binary "@$work/body" -o "$work/echo" "$url/echo" 2>"$work/log"
same "upload after 100" "$work/body" "$work/echo"
grep -q '< HTTP/1.1 100 Continue' "$work/log" || fail "Expect: no 100 received"
curl -v -H 'Expect: 100-continue' --expect100-timeout 30 --data-binary "@$work/body" -o "$work/1" "$url/missing" 2>"$work/log"
grep -q '< HTTP/1.1 404' "$work/log" || fail "Expect: no 404 received"
if grep -q '100 Continue' "$work/log"; then fail "Expect: a body was requested that the handler does not read"; fi

expect "an unread body, then another request" \
    "$(curl -w '%{http_code} ' --data-binary @"$work/3" -o "$work/1" "$url/unread" --next -sS -w '%{http_code}' -o "$work/2" "$url/")" "202 200"
expect "a stream" "$(curl "$url/stream?chunks=200&size=1000" | wc -c)" 200000
expect "a stream to HTTP/1.0" "$(curl --http1.0 "$url/stream?chunks=200&size=1000" | wc -c)" 200000
expect "HTTP/1.0" "$(curl --http1.0 "$url/")" "Hello, world!"
expect "a large body" "$(curl "$url/bytes/50000000" | wc -c)" 50000000
expect "a slow reader" "$(curl --limit-rate 1M "$url/bytes/500000" | wc -c)" 500000

curl -H 'X-Seen: here' --data-binary abc -D "$work/headers" -o "$work/1" "$url/trailers"
grep -qi '^x-count: 3' "$work/headers" || fail "trailers: those of the response are missing"

expect "204" "$(curl -w '%{http_code} %{size_download}' "$url/status/204")" "204 0"
expect "304" "$(curl -w '%{http_code} %{size_download}' "$url/status/304")" "304 0"
expect "404" "$(curl -w '%{http_code}' -o "$work/1" "$url/missing")" 404
expect "405" "$(curl -X DELETE -w '%{http_code}' -D "$work/headers" -o "$work/1" "$url/")" 405
grep -qi '^allow: .*GET' "$work/headers" || fail "405: no Allow"
expect "500" "$(curl -w '%{http_code}' -o "$work/1" "$url/fault")" 500
if command curl --silent -o "$work/1" "$url/broken"; then fail "an incomplete body was accepted as complete"; fi

expect "many concurrent requests" "$(curl --parallel --parallel-max 40 -o "$work/many_#1" -w '%{http_code}\n' "$url/bytes/[1000-1200]" | sort | uniq -c | tr -d ' \n')" 201200

expect "Unix socket" "$(curl --unix-socket "$socket" -w '%{num_connects}' -o "$work/1" http://localhost/ -o "$work/2" http://localhost/)" 10
curl --unix-socket "$socket" -H 'Transfer-Encoding: chunked' --data-binary "@$work/body" -o "$work/echo" http://localhost/echo
same "upload over a Unix socket" "$work/body" "$work/echo"
