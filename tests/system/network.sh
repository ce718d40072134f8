#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How requests get to a source: HTTP/2 with many of them on one connection, and proxies.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
if ! command -v openssl >/dev/null && ! command -v certtool >/dev/null; then
    skip 'HTTP/2 and proxies' 'neither openssl nor certtool is installed'
    done_testing
fi
mkdir "$work/plugins"
cp "${LAKEHOST%/*}/tests/conform/web/.libs/web.so" "$work/plugins/web.so"
chmod 755 "$work/plugins" "$work/plugins/web.so"
LAKEHOST_PLUGIN_PATH=$work/plugins
export LAKEHOST_PLUGIN_PATH
for name in http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY; do
    unset "$name"
done

# --- HTTP/2
pages() { # pages AHEAD OPTIONS
    ahead=$1
    shift
    run read web items --option "base_url=$fake" --option concurrent=8 --cacert "$fake_ca" \
        --table-option "ahead=$ahead" "$@"
}
ids() { sed 's/^{"id":\([0-9]*\)}$/\1/' "$work/out" | sort -n | tr '\n' ' '; }
# Five requests are held back until five are there: who sends one after the other waits 20 seconds.
fake http2 --hold 5 --rows 2
pages 7
is "$status" 0 'HTTP/2'
is "$(fake_ask stats.requests)" 20 'twenty pages are twenty requests'
is "$(ids)" "$(for n in $(seq 1 20); do printf '%d %d ' "${n}000" "${n}001"; done)" \
    'whose answers each went to one who asked'
is "$(fake_ask stats.connections)" 1 'over one connection'
is "$(($(fake_ask stats.most_streams) >= 5))" 1 'at the same time'
fake_stop "$fake_pid"
fake http2 --goaway 3 --rows 2
pages 7
is "$status $(wc -l <"$work/out" | tr -d ' ')" '0 40' 'a connection that the source ends: each page, once'
is "$(($(fake_ask stats.connections) > 1))" 1 'is followed by another'
is "$(fake_ask stats.requests)" 20 'and nothing that was answered is asked for again'
fake_stop "$fake_pid"

# --- proxies
token=tok-3f9c2a7e51
fake plain --tls other-name --items 30
source_other=$fake_other source_pid=$fake_pid source_ca=$fake_ca
source_port=${fake##*:}
source_at() { "$PYTHON" "$fakes/fake.py" ask "$source_other" "$1"; } # source_at stats.x
fake proxy
proxy=$fake
told() { # what the proxy was told, a line each; "-" is nothing
    told_log=$(fake_ask GET /_fake/log)
    fake_ask POST /_fake/reset >/dev/null
    printf '%s\n' "${told_log:--}"
}
far() { # a source that no name server knows, by TLS
    run read web items --option "base_url=https://other.example:$source_port" --cacert "$source_ca" \
        --option "token=$token" --table-option pages=3 --retries 0 --debug
}
LAKEHOST_PROXY=$proxy
export LAKEHOST_PROXY
far
is "$status $(wc -l <"$work/out" | tr -d ' ')" '0 30' 'through a proxy'
told=$(told)
is "$(echo "$told" | grep -c '"line"')" 1 'which is told once'
like "$told" "CONNECT other.example:$source_port HTTP/1.1" 'whereto'
unlike "$told" uthorization 'and nothing of credentials'
unlike "$told" "$token" 'in no header'
unlike "$told" 'from the spec' 'nor what the spec sends to the source'
unlike "$(source_at stats.violations)" 'misplaced' 'the source has the token where it belongs'
is "$(source_at stats.secrets | tr -d '0-9')" '{"main header:authorization": }' 'and there alone'

# A source on this machine is never asked through it, whatever it is called.
fake_stop "$source_pid"
kept_fake=$fake kept_other=$fake_other kept_pid=$fake_pid
fake plain --items 30
near=$fake near_pid=$fake_pid
fake=$kept_fake fake_other=$kept_other fake_pid=$kept_pid
for base in "$near" "http://localhost:${near##*:}"; do
    run read web items --option "base_url=$base" --option "token=$token" --table-option pages=3 \
        --retries 0
    is "$status $(wc -l <"$work/out" | tr -d ' ')" '0 30' "$base: this machine"
done
is "$(told)" - 'is asked without the proxy'

# Without TLS, where the configuration allows it, the proxy sees the request: that is what TLS is for.
far_plain() {
    run read web items --option "base_url=http://other.example:${near##*:}" \
        --option "token=$token" --table-option pages=3 --retries 0 "$@"
}
far_plain
is "$status" 3 'without TLS: not through a proxy either'
is "$(told)" - 'which learns nothing'
echo 'plain_http: [other.example]' >plain.yaml
far_plain --config plain.yaml
is "$status $(wc -l <"$work/out" | tr -d ' ')" '0 30' 'unless it is allowed'
like "$(told)" "GET http://other.example:${near##*:}/items" 'by a request to the proxy'

# Variables of the environment are looked at when the configuration says so.
LAKEHOST_PROXY=
http_proxy=$proxy
export http_proxy
far_plain --config plain.yaml
is "$status" 7 'variables of the environment do nothing by themselves'
is "$(told)" - 'indeed'
LAKEHOST_PROXY=environment
far_plain --config plain.yaml
is "$status" 0 'proxy=environment'
is "$(told | grep -c '"line"')" 1 'takes the proxy that they name'
no_proxy=other.example
export no_proxy
far_plain --config plain.yaml
is "$status" 7 'but for what they leave out'
is "$(told)" - 'of which the proxy is not told'
unset no_proxy
run read web items --option "base_url=$near" --option "token=$token" --retries 0
is "$status $(told)" '0 -' 'this machine: without it'
unset http_proxy

# --- one that wants a password
fake_stop "$fake_pid"
fake proxy --user 'ann:pr0xy-s3cret'
LAKEHOST_PROXY=$fake
far_plain --config plain.yaml
is "$((status > 0))" 1 'a proxy that refuses'
like "$out$err" 407 'is named'
LAKEHOST_PROXY=http://ann:pr0xy-s3cret@${fake#http://}
far_plain --config plain.yaml --debug --trace-http trace --record rec
is "$status $(wc -l <"$work/out" | tr -d ' ')" '0 30' 'a proxy with a password'
is "$(grep -rlF -e pr0xy-s3cret -e "$(printf ann:pr0xy-s3cret | base64)" "$work/out" "$work/err" trace rec)" \
    '' 'which is written down nowhere'
unlike "$("$PYTHON" "$fakes/fake.py" ask "$near/_fake/log" GET)" pr0xy 'nor told to the source'
LAKEHOST_PROXY=http://ann:pr0xy-s3cret@127.0.0.1:1
far_plain --config plain.yaml --debug
is "$status" 7 'a proxy that is not there'
unlike "$err" pr0xy-s3cret 'no password in the message'
fake_stop "$near_pid"

done_testing
