#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The GitHub connector against what people at GitHub wrote: recorded traffic, and a server made from
# the API's own description. Both come from the npm registry into a folder that is removed.
# Not part of `make check`, for its size: make check-third-party.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

leave() {
    skip 'recorded traffic and the description of the API' "$1"
    done_testing
}
command -v npm >/dev/null || leave 'npm is not installed'
command -v node >/dev/null || leave 'node is not installed'
mkdir "$work/npm"
# get MOST-SECONDS NPM-ARGUMENTS: in the folder, without waiting long for a registry that is not there
get() {
    get_most=$1
    shift
    (cd "$work/npm" && timeout -k 5 "$get_most" npm "$@" --no-audit --no-fund \
        --loglevel error --fetch-retries 1 --fetch-timeout 20000 --cache "$work/npm/cache" \
        >"$work/npm.log" 2>&1) ||
        leave "npm cannot get them: $(grep -i -m 1 'reason\|err' "$work/npm.log" || echo too slow)"
}
# The description is one file of a package of 400 MB; it is taken out before the rest is unpacked.
get 60 pack @octokit/openapi@23.0.2
get 90 install @octokit/fixtures-server@8.1.7 @octokit/fixtures@23.1.2 @stoplight/prism-cli@5.16.0
modules=$work/npm/node_modules

printf 'ghp_fAk3/t0ken+S3cret=9' >"$work/token"
hub() { # hub COMMAND TABLE ARGUMENTS
    hub_command=$1 hub_table=$2
    shift 2
    run "$hub_command" github "$hub_table" "$@" --option "token=file:$work/token" --option "base_url=$base"
}
clean() { is "$(fake_ask stats.violations)" '[]' "$1: the token went nowhere else"; }
free_port() {
    "$PYTHON" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}
# start PORT SCRIPT ARGUMENTS: until it answers; on loopback, wherever it would listen
cat >"$work/loopback.mjs" <<'END'
import net from "node:net";
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
    if (typeof port === "object") return listen.call(this, { ...port, host: "127.0.0.1" }, ...rest);
    return listen.call(this, port, "127.0.0.1", ...rest.filter((x) => typeof x === "function"));
};
END
start() {
    start_port=$1
    shift
    node --import "$work/loopback.mjs" "$@" >"$work/server.log" 2>&1 </dev/null &
    start_pid=$!
    fake_pids="$fake_pids $start_pid"
    until "$PYTHON" -c "import socket
socket.create_connection(('127.0.0.1', $start_port)).close()" 2>/dev/null; do
        if ! kill -0 "$start_pid" 2>/dev/null; then
            echo "Bail out! $1 did not start: $(tail -n 1 "$work/server.log")"
            exit 99
        fi
        sleep 0.2
    done
}

# --- recorded traffic: strict about each header and query, and asked for once
recorded=$(free_port)
front=$(free_port)
start "$recorded" "$modules/@octokit/fixtures-server/bin/server.js" --port "$recorded" \
    --fixtures-url "http://127.0.0.1:$front" --log-level silent
fake front --port "$front" --to "http://127.0.0.1:$recorded" --keep per_page,page \
    --send 'Accept:application/vnd.github.v3+json' \
    --send 'Authorization:token 0000000000000000000000000000000000000001'
base=$("$PYTHON" -c 'import json, sys, urllib.request
ask = urllib.request.Request(sys.argv[1] + "/fixtures", b"""{"scenario": "paginate-issues"}""",
                             {"Content-Type": "application/json"})
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(json.load(opener.open(ask, timeout=30))["url"])' "http://127.0.0.1:$recorded")
hub read issues --table-option owner=octokit-fixture-org --table-option repo=paginate-issues \
    --table-option per_page=3
is "$status $err" '0 ' 'recorded: five pages of issues, of which the first alone has the name'
is "$(sed 's/.*"id":\(10[01][0-9]\),"node_id":"[^"]*","number":.*/\1/' "$work/out" | sort |
    tr '\n' ' ')" '1000 1001 1002 1003 1004 1005 1006 1007 1008 1009 1010 1011 1012 ' \
    'all thirteen, each once'
clean 'recorded'
fake_stop "$fake_pid"

# --- the description: what is asked for keeps to it, what it answers fits the columns, and its
# --- next page is at GitHub itself, where nothing may be asked for
# Of it, what this connector may ask for: reading all of it takes longer than the test.
tar -xzf "$work"/npm/octokit-openapi-*.tgz -C "$work/npm" package/generated/api.github.com.json
"$PYTHON" - "$work/npm/package/generated/api.github.com.json" "$work/described.json" <<'END'
import json, re, sys
with open(sys.argv[1], encoding="utf-8") as file:
    api = json.load(file)
wanted = re.compile(r"/user(/orgs|/teams)?|/orgs/\{org\}/(repos|teams/\{team_slug\})|/repos/\{owner\}/\{repo\}/"
                    r"(issues(/comments)?|pulls(/\{pull_number\}/reviews)?|commits|assignees|collaborators|branches)")
api["paths"] = {path: {"get": of["get"]} for path, of in api["paths"].items() if wanted.fullmatch(path)}
assert len(api["paths"]) == 13, sorted(api["paths"])
kept, left = {}, set(re.findall(r'"#/components/([^"]*)"', json.dumps(api["paths"])))
while left:
    kind, name = left.pop().split("/")
    kept.setdefault(kind, {})[name] = api["components"][kind][name]
    for found in re.findall(r'"#/components/([^"]*)"', json.dumps(kept[kind][name])):
        if found.split("/")[1] not in kept.get(found.split("/")[0], {}):
            left.add(found)
api["components"] = kept
for more in ("webhooks", "x-webhooks"):
    api.pop(more, None)
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(api, file)
END
described=$(free_port)
start "$described" "$modules/@stoplight/prism-cli/dist/index.js" mock -h 127.0.0.1 \
    -p "$described" "$work/described.json"
fake front --to "http://127.0.0.1:$described" --send Accept:application/json \
    --send 'Authorization:Bearer x'
base=$fake
for table in issues pull_requests comments commits reviews assignees collaborators branches \
    users organizations teams repositories; do
    case $table in
    users | organizations | teams) where='' ;;
    repositories) where='--table-option org=github' ;;
    *) where='--table-option owner=octocat --table-option repo=Hello-World' ;;
    esac
    # shellcheck disable=SC2086 # options without blanks inside
    hub read "$table" $where --typed
    if [ "$table" = users ]; then # the one without pages
        is "$status $(wc -l <"$work/out" | tr -d ' ') $err" '0 1 ' "$table: the example fits"
        continue
    fi
    is "$status $(wc -l <"$work/out" | tr -d ' ') $(wc -l <"$work/err" | tr -d ' ')" '1 1 1' \
        "$table: the example fits, and there is one thing to say"
    like "$err" 'api.github.com:443 is refused: it is no declared origin' \
        "$table: the next page is elsewhere, and is not asked for"
done
is "$(fake_ask stats.statuses | tr -d '0-9 ')" '{"":}' 'one status for all requests'
like "$(fake_ask stats.statuses)" '{"200":' 'and it is 200: all of them keep to the description'
clean 'described'

done_testing
