#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The HTTP engine as connectors meet it: tests/conform/web asks, tests/fakes/plain.py answers.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

mkdir "$work/plugins"
cp "${LAKEHOST%/*}/tests/conform/web/.libs/web.so" "$work/plugins/web.so"
chmod 755 "$work/plugins" "$work/plugins/web.so"
LAKEHOST_PLUGIN_PATH=$work/plugins
export LAKEHOST_PLUGIN_PATH
# The program itself: a shell or a wrapper between would take the signal.
program=${LAKEHOST%/*}/host/lakehost
LAKEHOST_PKGDATADIR=$top/templates
export LAKEHOST_PKGDATADIR
token=tok-3f9c2a7e51

# ask OPTION=VALUE...: the table `get`; words with -- in front go to the command
ask() {
    set_options=''
    for word in "$@"; do
        case $word in
        --*) set_options="$set_options $word" ;;
        *) set_options="$set_options --table-option $word" ;;
        esac
    done
    # shellcheck disable=SC2086 # options without blanks inside
    run read web get --option base_url="$fake" ${sign-} $set_options
}
fault() { # fault JSON...: instead of all before, and the book is empty
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/reset >/dev/null
    for f in "$@"; do fake_ask POST /_fake/faults "$f" >/dev/null; done
}
asked() { fake_ask stats.requests; }
clean() { is "$(fake_ask stats.violations)" '[]' "$1: no violation"; }

fake plain --sign-in none --items 200

# --- one request
fault
ask url=/items?per_page=1 show=Content-Type
is "$status" 0 'a request'
like "$out" '"status":200,' 'its status'
like "$out" '"header":"application/json' 'a header, in any case'
like "$out" "\"final_url\":\"$fake/items?per_page=1\"" 'where it came from'
like "$out" '"id":9007199254740993,' 'and what, as it was sent'
ask url=/echo method=POST 'body={"a":1}' repeatable=true
like "$out" '"body":"{\"a\":1}"' 'a body'
ask url=/items method=HEAD
like "$out" '"status":405' 'a status that is no success is an answer'
ask url=/items/7 fail=true
is "$status" 5 '404 by http_fail: exit 5'
like "$err" "GET $fake/items/7: 404" 'with method, URL and status'
ask url=/items header=X-Own:1
fake_log=$(fake_ask GET /_fake/log | tail -n 1)
like "$fake_log" 'from the spec' 'a header of the spec'
like "$fake_log" '"x-own"' 'a header of the connector'

# --- what connectors may not send
for header in Authorization:x Cookie:a=b Host:h Content-Length:1 Proxy-X:1 Connection:close \
    Transfer-Encoding:chunked; do
    ask url=/items header=$header
    is "$status" 8 "header $header: exit 8"
    like "$err" 'rule 17' "header $header: the rule"
done
fault
for url in '/items#x' 'http://u:p@127.0.0.1/x' 'items' '' 'ftp://127.0.0.1/' '/../x'; do
    ask "url=$url"
    is "$status" 8 "URL \"$url\": exit 8"
    like "$err" 'rule 17' "URL \"$url\": the rule"
done
ask url=/items method=CONNECT
like "$err" 'the method: expected GET' 'a method'
ask url=/items bucket=other
like "$err" 'other' 'a bucket that the spec does not have'
is "$status" 8 'is a broken rule'
is "$(asked)" 0 'nothing of this was sent'

# --- origins and redirects
fault
ask "url=$fake_other/items"
is "$status" 1 'an origin that is not declared'
like "$err" "$fake_other is refused" 'is named'
ask "url=http://169.254.169.254/x"
like "$err" 'is refused' 'whichever it is'
fault '{"kind":"redirect","to":"other"}'
ask url=/items
is "$status" 1 'a redirect to such an origin'
like "$err" "the redirect to $fake_other is refused" 'is named too'
fault '{"kind":"redirect","to":"same"}'
ask url=/items
is "$status" 0 'a redirect within the origin'
like "$out" "\"final_url\":\"$fake/_fake/hop/items\"" 'is followed'
fault '{"kind":"redirect","to":"loop"}'
ask url=/items
like "$err" 'more than 5 times' 'circles end'
is "$(asked)" 6 'after five hops'
for code in 301 302 303; do
    fault "{\"kind\":\"redirect\",\"url\":\"$fake/items?per_page=1\",\"status\":$code}"
    ask url=/echo method=POST body={}
    like "$out" '"status":200' "$code to a POST is a GET"
done
fault "{\"kind\":\"redirect\",\"url\":\"$fake/echo?b\",\"status\":307,\"path\":\"/echo\"}"
ask url=/echo method=POST 'body={"k":1}'
like "$out" '"method":"POST"' '307 to a POST stays one'
like "$out" '"body":"{\"k\":1}"' 'with its body'
sign="--option files_url=$fake_other"
fault '{"kind":"redirect","to":"other"}'
ask url=/items header=X-Secret:mine
is "$status" 0 'a redirect to a declared origin'
unlike "$(fake_ask GET /_fake/log | grep '"listener": *"other"')" mine 'loses the headers'
ask "url=$fake_other/items"
is "$status" 0 'which may be asked directly'
sign=
clean origins
run read web get --option base_url=http://example.invalid --table-option url=/items
is "$status" 3 'no TLS to another machine: exit 3'
like "$err" 'plain_http' 'with the way out'

# --- attempts
fault '{"kind":"close","count":2}'
ask url=/items?per_page=1
is "$status" 0 'two lost connections'
like "$out" '"attempts":3' 'are tried again'
fault '{"kind":"503","count":9,"retry-after":"0"}'
ask url=/items --retries=2
is "$status" 0 'with the budget spent'
like "$out" '"status":503,' 'the last answer is handed out'
like "$out" '"attempts":3' 'after so many'
is "$(asked)" 3 'and the source has seen as many'
ask url=/items fail=true --retries=0
is "$status" 7 '503 by http_fail: exit 7'
fault '{"kind":"503"}'
ask url=/echo method=POST body={}
is "$(asked)" 1 'a POST is not repeated'
fault '{"kind":"503"}'
ask url=/echo method=POST body={} repeatable=true
is "$(asked)" 2 'unless it is repeatable'
fault '{"kind":"close"}'
ask url=/echo method=POST body={}
is "$status" 7 'a POST whose connection is lost'
is "$(asked)" 1 'is not repeated either'
fault '{"kind":"429","retry-after":"1"}'
ask url=/echo method=POST body={}
is "$(asked)" 2 'but after 429, which has done nothing'
clean attempts
fault '{"kind":"429","count":0,"retry-after":"99999"}'
ask url=/items fail=true
is "$status" 7 'a wait that is longer than the budget'
is "$(asked)" 1 'is not begun'
like "$err" '429' 'and its reason told'
fault '{"kind":"429","count":0,"retry-after":"99999"}'
ask url=/items times=2
is "$status" 7 'a bucket that is closed for long'
is "$(asked)" 1 'is not waited for'
fault '{"kind":"429","body":"{\"policyName\":\"DAILY\"}"}'
ask url=/items fail=true
is "$(asked)" 1 'a rule of the spec gives up'
fault '{"kind":"418","count":2}'
ask url=/items?per_page=1
like "$out" '"attempts":3' 'and another one tries again'
fault
ask url=/items?per_page=1 again=2 times=2
is "$(asked)" 6 'http_again asks again'
ask url=/items?per_page=1 again=9 --retries=3
is "$status" 7 'within the budget'
like "$err" 'the test asks for more; it was sent 4 times' 'and says why it asked'
run read web get --option base_url=http://127.0.0.1:1 --table-option url=/x --retries 1
is "$status" 7 'nobody there: exit 7'
like "$err" '(2 attempts): no connection' 'with what was tried'

# --- bodies
fault '{"kind":"truncated","count":1}'
ask url=/items?per_page=5
like "$out" '"attempts":2' 'a body that was cut off is asked for again'
fault '{"kind":"truncated","count":0}'
ask url=/items --retries=1
like "$err" '(2 attempts): the answer was cut off' 'or named'
is "$status" 7 'exit 7'
fault '{"kind":"huge","bytes":17000000}'
ask url=/items
is "$status" 1 'more than 16 MiB'
like "$err" 'larger than 16777216 bytes' 'is refused'
fault
ask 'url=/bytes?n=17000000' max_bytes=20000000
like "$out" '"bytes":17000000,' 'unless it is asked for'
ask 'url=/bytes?n=5000' max_bytes=4999
like "$err" 'larger than 4999 bytes' 'a bound of the request, after decoding'
fault '{"kind":"bomb","bytes":9000000}'
ask url=/items
like "$err" 'grew by decompression more than' 'a bomb'
fault '{"kind":"bad-gzip","count":0}'
ask url=/items --retries=0
is "$status" 7 'broken compression'
fault '{"kind":"garbage"}'
ask url=/items
is "$status" 1 'a success that is no JSON'
like "$err" 'is no JSON' 'is named'
fault '{"kind":"html"}'
ask url=/items plain=true
is "$status" 0 'unless that is said'
fault '{"kind":"bad-utf8"}'
ask url=/items
is "$status" 1 'a byte that is no UTF-8'
fault '{"kind":"deep","depth":100}'
ask url=/items
like "$err" 'a limit' 'nested too deep'
fault '{"kind":"empty"}'
ask url=/items
like "$out" '"bytes":0,' 'an empty body'
fault '{"kind":"headers","bytes":90000}'
ask url=/items
is "$status" 1 'headers without bound'
fault '{"kind":"trickle","ms":4000}'
ask url=/items timeout_ms=400 --retries=0
like "$err" 'did not come in time' 'a slow body has the time of the request'
fault '{"kind":"hang","count":0}'
ask url=/items --timeout=0.5
is "$status" 7 'the time of --timeout'
like "$err" 'the time of --timeout is over' 'is kept'
fault '{"kind":"hang","count":0}'
"$program" read web get --option base_url="$fake" --table-option url=/items >sig.out 2>sig.err &
pid=$!
while [ "$(asked)" = 0 ] && kill -0 $pid 2>/dev/null; do sleep 0.05; done
began=$(date +%s%3N)
kill -INT $pid
wait $pid
is $? 130 'SIGINT ends a transfer'
ok_in=$(($(date +%s%3N) - began))
[ "$ok_in" -lt 60000 ] && at_once=yes || at_once="no: $ok_in ms"
is "$at_once" yes 'without waiting for it'

# --- in advance, and from memory
fault
run read web items --option base_url="$fake" --table-option ahead=3
is "$(wc -l <"$work/out" | tr -d ' ')" 200 'pages that were fetched in advance'
is "$(asked)" 20 'are asked for once'
sed 's/^{"id":\([0-9]*\).*/\1/' "$work/out" | sort >ids
fake_ask GET '/_fake/ids?table=items' | sort >ids.want
is "$(diff ids ids.want)" '' 'and are the right ones'
fault '{"kind":"503","nth":5,"count":2}'
run read web items --option base_url="$fake" --table-option ahead=4 --table-option pages=10
is "$status" 0 'what fails in advance'
is "$(asked)" 12 'is tried again'
fault
ask 'url=/items?page=1' 'then=/items?page=2'
is "$(asked)" 2 'a prefetch is taken'
fault
ask url=/items cache_ms=60000 times=5
is "$(asked)" 1 'cache_ms: asked once'
ask url=/items cache_ms=1 times=3 sleep_ms=30
is "$(asked)" 4 'and again when it is old'
fault
run read web linked --option base_url="$fake" --table-option 'url=/items?per_page=50'
is "$(asked)" 4 'pages by their links'
fault
ask url=/items?per_page=1 times=1002
is "$status" 1 'the same page for ever'
like "$err" 'goes in circles' 'is found'
fault
ask url=/items?per_page=1 times=20 bucket=slow
is "$(fake_ask stats.max_in_flight)" 1 'a bucket'
clean 'in advance'
fault
run read web leaves --option base_url="$fake"
is "$status" 0 'requests that nobody takes'

# --- answers that are gone
misuse() { # misuse TABLE PART
    for mode in none process; do
        run read web "$1" --isolation "$mode" --option base_url="$fake"
        is "$status" 8 "$1, $mode: exit 8"
        like "$err" "web: read_table($1): " "$1, $mode: the call"
        like "$err" "$2" "$1, $mode: $2"
    done
}
misuse released_twice 'rule 7 of the interface is broken: http_release was called with an answer that was released'
misuse released_fail 'rule 7 of the interface is broken: http_fail was called with an answer that was released'
misuse released_header 'rule 7 of the interface is broken: http_header was called with'
misuse released_again 'rule 7 of the interface is broken: http_again was called with'
misuse released_json 'expected an array of objects, found nothing'
misuse held_twice 'http_release was called with an answer that was released before'
misuse held_json 'expected an array of objects, found nothing'
misuse released_long_ago 'http_fail was called with an answer that was released before'
misuse old_answer 'an answer of an earlier call'
misuse foreign_answer 'expected an answer of the host, found something else'
misuse no_answer 'expected an answer of the host, found NULL'
misuse no_place 'no place for the answer'
misuse no_request 'found NULL'
misuse small_request 'rule 1'
misuse unknown_flag 'rule 4'
misuse prefetched_post 'rule 18'
misuse nul_in_url 'rule 12'
misuse line_in_header 'rule 17'
run read web hoards --option base_url="$fake"
is "$status" 1 'too many answers: a limit'
like "$err" 'release them' 'with what to do'

# --- what people see
fault '{"kind":"503","retry-after":"0"}'
ask 'url=/items?per_page=1&api_key=abcdefgh' --debug --trace-http=trace.jsonl
like "$err" 'per_page=1&api_key=***: 503, ' '--debug has a line'
like "$err" 'per_page=1&api_key=***: 200, 17' 'for each attempt'
unlike "$err$(cat trace.jsonl)" abcdefgh 'without secrets'
is "$(wc -l <trace.jsonl | tr -d ' ')" 2 '--trace-http too'
is "$("$PYTHON" -c '
import json
for line in open("trace.jsonl"):
    o = json.loads(line); print(o["method"], o["status"], o["attempt"], sorted(o) == list(o))')" \
    'GET 503 1 True
GET 200 2 True' 'as JSON Lines'
is "$(stat -c %a trace.jsonl)" 600 'for its owner'

# --- record and replay
fault
run read web items --option base_url="$fake" --record rec --as-of 2026-01-02T03:04:05Z
cp "$work/out" recorded
is "$status" 0 '--record'
count=$(asked)
run read web items --option base_url="$fake" --replay rec
is "$out" "$(cat recorded)" '--replay gives the same'
is "$(asked)" "$count" 'without a request'
run read web items --option base_url="$fake" --replay rec --table-option per_page=7
is "$status" 1 'what was not recorded'
for mode in none process; do
    run read web clock --option base_url="$fake" --isolation "$mode" --record "clock.$mode"
    cp "$work/out" recorded
    is "$status" 0 "now_ms, $mode: --record"
    for other in none process; do
        sleep 0.1
        run read web clock --option base_url="$fake" --isolation "$other" --replay "clock.$mode"
        is "$out" "$(cat recorded)" "now_ms, $mode: --replay with $other tells the time as it was"
    done
done
run read web items --option base_url="$fake" --replay rec --record other
is "$status" 2 'not both'
fake_stop "$fake_pid"

# --- a source that complains has fewer requests at a time from then on
fake plain --sign-in none --items 200 --delay-ms 50 --limit default=1000000/60/4
fault '{"kind":"429","nth":1,"retry-after":"0"}'
run read web items --option base_url="$fake" --option concurrent=8 --table-option ahead=7
is "$status $(wc -l <"$work/out" | tr -d ' ')" '0 200' 'more requests at a time than the source likes'
# of the eight that were under way when it said so, half were too many
is "$(($(fake_ask stats.limits.default.too_many) <= 4))" 1 'are halved when it complains'
fake_stop "$fake_pid"

# --- sign-in: every kind, and a secret that greps to nothing
sign_in() { # sign_in KIND OPTIONS
    kind=$1
    sign=$2
    fake plain --sign-in "$kind" --items 30
    ask url=/items --debug --trace-http=trace --record="rec.$kind"
    is "$status" 0 "$kind: signed in"
    like "$out" '"status":200' "$kind: the source agrees"
    cat "$work/out" "$work/err" trace "rec.$kind"/* >all
    is "$(grep -c -e "$token" -e 'pass/w:ord' -e "$(printf 'ann@example.com:pass/w:ord-81' | base64)" \
        -e shh-5d1e90 all)" 0 "$kind: no secret anywhere"
    fault '{"kind":"redirect","to":"other","path":"/items"}'
    ask url=/items
    like "$err" 'is refused' "$kind: a redirect elsewhere"
    sign="$2 --option files_url=$fake_other"
    fault "{\"kind\":\"redirect\",\"url\":\"$fake_other/items\",\"path\":\"/items\"}"
    ask url=/items
    is "$status" 0 "$kind: a redirect to a host of files"
    fault '{"kind":"redirect","to":"other","path":"/items"}'
    ask url=/items
    unlike "$out$err" "$token" "$kind: the source's own words hold no secret"
    sign=$2
    clean "$kind"
}
sign_in bearer "--option token=$token"
ask url=/items unsigned=true
like "$out" '"status":401' 'a request that is not signed'
sign='--option token=wrong-token'
ask url=/items fail=true
is "$status" 4 '401 by http_fail: exit 4'
unlike "$err" wrong-token 'without the token'
sign_in basic '--option user=ann@example.com --option password=pass/w:ord-81'
sign_in header "--option api_key=$token"
sign_in query "--option query_token=$token"
sign_in oauth2 '--option client_id=client-1 --option client_secret=shh-5d1e90'
fault
ask url=/items times=3
is "$(fake_ask stats.paths)" '{"POST /oauth/token": 1, "GET /items": 3}' 'one token for three requests'
fault
fake_ask POST /_fake/revoke >/dev/null
fault '{"kind":"401","nth":2,"path":"/items"}'
ask url=/items times=3
is "$status" 0 'a token that is refused on the way'
is "$(fake_ask stats.paths)" '{"POST /oauth/token": 2, "GET /items": 4}' 'is fetched anew, once'
fault '{"kind":"503","path":"/oauth/token","count":2}'
ask url=/items
is "$status" 0 'a token endpoint that is busy'
is "$(fake_ask stats.paths)" '{"POST /oauth/token": 3, "GET /items": 1}' 'is asked again'
fault '{"kind":"503","path":"/oauth/token","count":0}'
ask url=/items --retries=1
is "$status" 7 'but not for ever'
like "$err" 'token endpoint' 'and it is named'
fault
# shellcheck disable=SC2086 # options without blanks inside
run read web items --option base_url="$fake" $sign --table-option ahead=4 --table-option pages=3
is "$status" 0 'pages in advance, before there is a token'
is "$(fake_ask stats.paths)" '{"POST /oauth/token": 1, "GET /items": 3}' 'wait for the one that is fetched'
sign=

# --- TLS
tls() { # tls KIND
    fake plain --sign-in none --tls "$1"
    ask url=/items --retries=0
    is "$status" 7 "TLS $1: not trusted"
    like "$err" 'certificate' "TLS $1: and named"
}
tls good
ask url=/items --cacert="$fake_ca"
is "$status" 0 'with --cacert it is'
run read web get --option base_url="$fake" --option ca_file="$fake_ca" --table-option url=/items
is "$status" 0 'or with the option of the source'
run read web get --option base_url="$fake" --option verify_ssl=false --table-option url=/items
is "$status" 0 'unverified, by an option of the source'
like "$err" 'verify_ssl is false' 'with a warning'
fake_ask POST /_fake/faults '{"kind":"redirect","to":"http"}' >/dev/null
ask url=/items --cacert="$fake_ca"
is "$status" 1 'from https to http'
like "$err" 'from https to http' 'is refused'
clean TLS
ask url=/items --cacert=/nonexistent
is "$status" 3 'a file that is not there'
tls expired
tls other-name
tls self-signed

done_testing
