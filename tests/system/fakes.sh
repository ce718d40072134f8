#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The fake sources can be trusted: each fault is what it says, limits count, violations are seen.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

token='Authorization: Bearer tok-3f9c2a7e51'
probe() { # probe PATH OPTIONS: sets $got
    probe_path=$1
    shift
    got=$("$PYTHON" "$fakes/probe.py" "$fake$probe_path" -H "$token" "$@" 2>&1)
    out=$got last="probe $probe_path $*" status='' err=''
}
fault() { # fault JSON, instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults "$1" >/dev/null
}
violations() { fake_ask stats.violations | "$PYTHON" -c '
import json, sys
print("; ".join(sorted({v["kind"] for v in json.load(sys.stdin)})))'; }

# --- paging, ids, seeds
fake plain --items 25 --seed 7
first=$fake_pid
probe '/items?per_page=10'
like "$got" '200 ' 'a page'
like "$got" '"id":9007199254740993,' 'ids beyond a double'
probe '/items?per_page=10' --header Link
like "$got" "<$fake/items?page=2&per_page=10>" 'a Link header'
probe '/items?per_page=10&page=3' --header Link
is "$got" None 'the last page has none'
is "$(fake_ask GET '/_fake/ids?table=items' | wc -l | tr -d ' ')" 25 'the fake knows its ids'
is "$(fake_ask GET '/_fake/ids?table=items' | tail -n 1)" 9007199254741041 'the last id'
probe '/nowhere'
like "$got" '404 ' 'an unknown path'
probe /items -X DELETE
like "$got" '405 ' 'a wrong method'
probe /echo -X POST -d 'a body'
like "$got" '"body":"a body"' 'a body arrives'
probe '/bytes?n=5000' -H 'Accept-Encoding: gzip' --header Content-Encoding
is "$got" gzip 'gzip when asked'
probe '/bytes?n=5000' -H 'Accept-Encoding: gzip'
like "$got" '200 5000 {"x":"yyy' 'and it unpacks'

# --- sign-in and where credentials go
got=$("$PYTHON" "$fakes/probe.py" "$fake/items")
like "$got" '401 ' 'no credential'
got=$("$PYTHON" "$fakes/probe.py" "$fake/items" -H 'Authorization: Bearer wrong')
like "$got" '401 ' 'a wrong credential'
is "$(violations)" '' 'no violation so far'
is "$(fake_ask stats.secrets)" '{"main header:authorization": 8}' 'where the token was seen'
"$PYTHON" "$fakes/probe.py" "$fake/items?token=tok-3f9c2a7e51" >/dev/null
is "$(violations)" 'secret misplaced' 'a token in the URL'
fake_ask POST /_fake/reset >/dev/null
is "$(fake_ask stats.requests)" 0 'the book is empty again'
"$PYTHON" "$fakes/probe.py" "$fake_other/items" -H "$token" >/dev/null
is "$(violations)" 'credentials elsewhere' 'a token at the other origin'
fake_ask POST /_fake/reset >/dev/null
"$PYTHON" "$fakes/probe.py" "$fake_other/items" -H 'Cookie: a=b' >/dev/null
is "$(violations)" 'credentials elsewhere' 'a cookie at the other origin'
fake_ask POST /_fake/reset >/dev/null
"$PYTHON" "$fakes/probe.py" "$fake_other/items" -H 'X-Any: shh-5d1e90' >/dev/null
is "$(violations)" 'credentials elsewhere' 'another secret in any header there'
fake_ask POST /_fake/reset >/dev/null
"$PYTHON" "$fakes/probe.py" "$fake_other/items" >/dev/null
is "$(violations)" '' 'a request without any is fine'

# --- faults
probe /items
good=$got
fault '{"kind":"429","nth":2,"count":2,"retry-after":"7","path":"/items"}'
probe /items
is "$got" "$good" 'before the turn'
probe /items --header Retry-After
is "$got" 7 'nth=2'
probe /items
like "$got" '429 ' 'count=2'
is "$(violations)" 'wait ignored' 'asking again at once ignores the wait'
probe /bytes
like "$got" '200 ' 'another path'
probe /items
is "$got" "$good" 'after the turn'
is "$(fake_ask stats.faults.0.done)" 2 'it struck twice'
fault '{"kind":"503","retry-after":"date+30","count":0}'
probe /items --header Retry-After
like "$got" ' GMT' 'Retry-After as a date'
fault '{"kind":"503","retry-after":"raw:soon","count":0}'
probe /items --header Retry-After
is "$got" soon 'Retry-After as anything'
fault '{"kind":"403","header":"X-RateLimit-Remaining: 0","body":"no, \u00fc"}'
probe /items
like "$got" '403 6 no, ' 'a body of its own'
fault '{"kind":"reset"}'
probe /items
is "$got" reset 'reset'
fault '{"kind":"close"}'
probe /items
is "$got" closed 'close'
fault '{"kind":"truncated"}'
probe '/bytes?n=1000'
is "$got" '200 cut 500' 'truncated'
fault '{"kind":"reset-mid"}'
probe '/bytes?n=1000'
like "$got" '200 cut' 'reset in the middle'
fault '{"kind":"bad-status"}'
probe /items
like "$got" 'broken BadStatusLine' 'no status line'
fault '{"kind":"garbage"}'
probe /items
like "$got" 'not json' 'garbage'
fault '{"kind":"html"}'
probe /items
like "$got" '<!doctype' 'a web page'
fault '{"kind":"empty"}'
probe /items
is "$got" '200 0 ' 'an empty body'
fault '{"kind":"bad-gzip"}'
probe /items
is "$got" 'bad gzip' 'broken gzip'
fault '{"kind":"bomb","bytes":5000000}'
probe /items
like "$got" '200 5000012 ' 'a bomb unpacks'
fault '{"kind":"bomb","bytes":5000000}'
probe /items --header Content-Length
is "$([ "$got" -lt 20000 ] && echo small)" small 'and is small on the wire'
fault '{"kind":"huge","bytes":3000000}'
probe /items
like "$got" '200 3000000 {"items":["xxx' 'huge'
fault '{"kind":"deep","depth":1000}'
probe /items
like "$got" '200 2000 [[[[' 'deep'
fault '{"kind":"slow","ms":300}'
start=$(date +%s%N)
probe /items
is "$got" "$good" 'slow, and right'
is "$([ $((($(date +%s%N) - start) / 1000000)) -ge 300 ] && echo late)" late 'by what was said'
fault '{"kind":"trickle","ms":200}'
probe /items
is "$got" "$good" 'in pieces'
fault '{"kind":"nonsense"}' 2>/dev/null
is "$(fake_ask stats.faults)" '[]' 'an unknown fault is refused'

# --- redirects
fault '{"kind":"redirect","to":"same"}'
probe /items?page=2 --header Location
is "$got" '/_fake/hop/items?page=2' 'a redirect within the origin'
probe "$got"
like "$got" '"id":9007199254741013' 'leads to what was asked for'
fault '{"kind":"redirect","to":"other","status":307}'
probe /items --header Location
is "$got" "$fake_other/_fake/elsewhere/items" 'to the other origin'
got=$("$PYTHON" "$fakes/probe.py" "$got" -H "$token")
like "$got" '200 ' 'which answers'
like "$(violations)" 'credentials elsewhere' 'and must not see the token'
fault '{"kind":"redirect","to":"loop"}'
probe /items --header Location
probe "$got" --header Location
is "$got" '/_fake/loop/items' 'for ever'
fault '{"kind":"redirect","to":"http"}'
fake_ask POST /_fake/reset >/dev/null
probe /items --header Location
"$PYTHON" "$fakes/probe.py" "$got" >/dev/null
is "$(violations)" downgrade 'following to plain http is seen'

# --- the log
fake_ask POST /_fake/reset >/dev/null
probe /items
is "$(fake_ask GET /_fake/log | "$PYTHON" -c '
import json, sys
e = json.loads(sys.stdin.readline())
print(e["method"], e["target"], e["status"], e["limit"], e["listener"], dict(e["headers"])["Authorization"])')" \
    'GET /items 200 default main Bearer tok-3f9c2a7e51' 'the log'
is "$(fake_ask stats.paths)" '{"GET /items": 1}' 'requests by path'
is "$(fake_ask stats.max_in_flight)" 1 'one at a time'
printf 'nonsense\r\n\r\n' | "$PYTHON" -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(sys.stdin.buffer.read())
s.recv(10)' "${fake##*:}"
is "$(violations)" 'broken request' 'what is no HTTP is seen'
fake_stop "$first"
is "$(kill -0 "$first" 2>/dev/null || echo gone)" gone 'SIGTERM ends it'
probe /items
is "$got" refused 'nobody listens any more'

# --- limits
fake plain --limit default=3/3600
for _ in 1 2 3; do probe /items; done
like "$got" '200 ' 'three are within the limit'
probe /items --header X-RateLimit-Remaining
is "$got" 0 'the fourth is told'
is "$(fake_ask stats.limits.default.refused)" 1 'and counted'
is "$(violations)" '' 'which is no violation yet'
fake plain --limit default=1000/3600/1
"$PYTHON" - "$fake" "$token" <<'END'
import sys, threading, urllib.request
def get():
    name, value = sys.argv[2].split(": ")
    urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/items", headers={name: value}))
fault = b'{"kind":"slow","ms":1000,"count":0}'
urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/_fake/faults", fault))
threads = [threading.Thread(target=get) for _ in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
END
is "$(fake_ask stats.max_in_flight)" 2 'two at a time'
is "$(violations)" 'too many at a time' 'where one is allowed'
fake plain --limit default=1/0.2
for _ in 1 2; do
    probe /items
    sleep 0.25
done
like "$got" '200 ' 'a new window'
is "$(violations)" '' 'after the wait'
is "$("$PYTHON" "$fakes/plain.py" --limit other=1/1 </dev/null 2>&1 | tail -n 1)" \
    'ValueError: no limit other; there are: default' 'an unknown limit'

# --- other ways to sign in
fake plain --sign-in oauth2 --rotate
got=$("$PYTHON" "$fakes/probe.py" "$fake/oauth/token" -X POST \
    -d 'grant_type=client_credentials&client_id=client-1&client_secret=shh-5d1e90')
like "$got" '"access_token":"access-1-1"' 'a token by client credentials'
got=$("$PYTHON" "$fakes/probe.py" "$fake/items" -H 'Authorization: Bearer access-1-1')
like "$got" '200 ' 'it is good'
got=$("$PYTHON" "$fakes/probe.py" "$fake/oauth/token" -X POST \
    -d 'grant_type=refresh_token&client_id=client-1&client_secret=shh-5d1e90&refresh_token=refresh-0-77aa')
like "$got" '"access_token":"access-1-2"' 'a token by refresh token'
got=$("$PYTHON" "$fakes/probe.py" "$fake/items" -H 'Authorization: Bearer access-1-1')
like "$got" '401 ' 'the one before is void'
got=$("$PYTHON" "$fakes/probe.py" "$fake/oauth/token" -X POST \
    -d 'grant_type=refresh_token&client_id=client-1&client_secret=shh-5d1e90&refresh_token=refresh-0-77aa')
like "$got" 'invalid_grant' 'and so is the refresh token'
is "$(violations)" '' 'all of it where it belongs'

# --- TLS
if command -v openssl >/dev/null || command -v certtool >/dev/null; then
    for kind in good expired other-name self-signed; do
        fake plain --tls "$kind" --sign-in none
        probe /items --ca "$fake_ca"
        case $kind in
        good) like "$got" '200 ' 'TLS' ;;
        *) like "$got" 'untrusted' "a certificate that is $kind" ;;
        esac
    done
    folder=${fake_ca%/*}
    fake_stop "$fake_pid"
    is "$([ -e "$folder" ] || echo gone)" gone 'the authority is thrown away'
else
    skip 'TLS' 'neither openssl nor certtool is installed'
fi

# --- nothing is left when the test's shell is killed
cat >"$work/killed.sh" <<END
. "$top/tests/system/lib.sh"
fake plain
echo "\$fake_pid"
kill -9 \$\$
END
orphan=$(srcdir=$top TMPDIR=$work sh "$work/killed.sh" 2>/dev/null | head -n 1)
tries=0
while kill -0 "$orphan" 2>/dev/null && [ "$tries" -lt 1200 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
is "$(kill -0 "$orphan" 2>/dev/null || echo gone)" gone 'a fake ends with the shell that began it'

done_testing
