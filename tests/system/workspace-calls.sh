#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each call of a workspace's interface, what comes of its refusals, and that what must not happen
# twice does not, whatever becomes of the answer.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

tool=${LAKEHOST%/*}/tests/system/workspace-tool
DATABRICKS_TOKEN=dapi-4c1f0e72a95b
export DATABRICKS_TOKEN
ws() { # ws CALL...: sets $out, one line a call
    out=$("$tool" "$@" 2>"$work/err")
    err=$(cat "$work/err")
    last="workspace-tool $*"
}
line() { printf '%s\n' "$out" | sed -n "${1}p"; } # of $out
fault() { # fault JSON, instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults "$1" >/dev/null
}
forget() { fake_ask POST /_fake/reset >/dev/null; }
asked() { # asked METHOD PATH: how often
    fake_ask GET /_fake/log | grep -c "\"method\": \"$1\", \"target\": \"$2[\"?]"
}
count() { # count KIND: how many there are
    fake_ask GET /_fake/state | "$PYTHON" -c '
import json, sys
print(len(json.load(sys.stdin)[sys.argv[1]]))' "$1"
}

fake workspace --lag 1 --empty-pages --page-size 2
DATABRICKS_HOST=$fake
export DATABRICKS_HOST
first=$fake_pid

# --- who, catalogs, connections
ws me create-schema=Bronze get-schema=main.bronze get-schema=main.none create-schema=bronze
is "$(line 1)" 'done me@example.com' 'me'
is "$(line 2)" 'done' 'a schema'
like "$(line 3)" '"full_name": "main.bronze"' 'it is there'
like "$(line 4)" '5 exists=0 maybe=0 GET' 'another is not'
like "$(line 4)" '404 SCHEMA_DOES_NOT_EXIST' 'with its code'
like "$(line 5)" '9 exists=1 maybe=0 POST' 'twice is told apart'
body='{"name":"c","connection_type":"COMMUNITY","options":{"token":"hush-hush","sourceName":"x"}}'
ws "create-connection=$body" "create-connection=$body" get-connection=c 'update-connection={"k":"v"}' \
    get-connection=c "create-connection=$(echo "$body" | sed 's/"c"/"b"/')" \
    "create-connection=$(echo "$body" | sed 's/"c"/"a"/')" list-connections list-connections \
    delete-connection=a get-connection=a
like "$(line 1)" '"options": {"sourceName": "x"}' 'a connection'
like "$(line 2)" '9 exists=1' 'once'
like "$(line 5)" '"options": {"k": "v"}' 'new options replace the old ones'
is "$(line 9 | grep -o '"full_name": "[abc]"' | tr -d '\n')" \
    '"full_name": "a""full_name": "b""full_name": "c"' 'all pages, the empty one too'
is "$(line 10)" 'done' 'deleted'
like "$(line 11)" '5 exists=0' 'gone'
ws create-volume=v put-file=/Volumes/main/default/v/a/b.whl put-file=/Volumes/main/default/v/a/b.whl \
    make-directory=/Volumes/main/default/v/c put-file=/Volumes/main/default/none/x
is "$(line 2)" 'done' 'a file of a volume'
like "$(line 3)" '9 exists=1' 'is not overwritten by itself'
is "$(line 4)" 'done' 'a folder of it'
like "$(line 5)" '5 exists=0' 'no volume'
fake_ask POST /_fake/seed '[{"method":"POST","path":"/api/2.0/secrets/scopes/create","body":{"scope":"scope"}},
    {"method":"POST","path":"/api/2.0/secrets/put","body":{"scope":"scope","key":"k y","string_value":"hush-hush"}}]' >/dev/null
ws 'get-secret=k y' get-secret=none
is "$(line 1)" 'done hush-hush' 'a secret'
like "$(line 2)" '5 exists=0' 'none'
ws 'create-repo={"url":"https://example.com/o/r.git","provider":"gitHub","path":"/Users/me@example.com/r"}' \
    get-repo=@ 'update-repo={"branch":"dev"}' get-repo=@ list-folder=/Users/me@example.com delete-repo=@ \
    list-folder=/Users/me@example.com
like "$(line 4)" '"branch": "dev"' 'a Git folder'
is "$(line 5)" 'done 3 /Users/me@example.com/r' 'in its folder'
is "$(line 7)" 'done' 'and gone'

# --- pipelines
settings='{"name":"p_1","catalog":"main","schema":"default","tags":{"ours":"1"},"novelty":9007199254740993}'
ws "create-pipeline=$settings" get-pipeline=@ list-pipelines=p_1 list-pipelines=p_1 "create-pipeline=$settings"
like "$(line 2)" '"novelty": 9007199254740993' 'settings come as they were sent'
is "$(line 3)" 'done []' 'a list that lags'
like "$(line 4)" '"name": "p_1"' 'and does not for ever'
like "$(line 5)" '9 exists=1 maybe=0 POST' 'a name that is taken'
id=$(line 4 | sed 's/.*"pipeline_id": "\([^"]*\)".*/\1/')
ws "create-pipeline=$(echo "$settings" | sed s/p_1/pX1/)" list-pipelines=p_1 list-pipelines=p_1 list-pipelines
is "$(line 3 | grep -o '"name"' | wc -l | tr -d ' ')" 1 'a name is no pattern'
is "$(line 4 | grep -o '"name"' | wc -l | tr -d ' ')" 2 'all of them'
ws get-pipeline="$id" delete-pipeline=none stop-pipeline="$id" update="$id" list-events="$id" drop-pipeline="$id" drop-pipeline="$id"
is "$(line 2)" 'done' 'one that is gone already is gone'
is "$(line 4)" 'done COMPLETED' 'an update, followed to its end'
is "$(line 5 | grep -o '"event_type"' | wc -l | tr -d ' ')" 3 'the last events'
is "$(line 6)$(line 7)" donedone 'deleted'
ws "create-pipeline=$settings" 'replace-pipeline={"name":"p_1","was":1}' 'replace-pipeline={"name":"p_1","catalog":"main"}' get-pipeline=@
like "$(line 2)" '9 exists=0 maybe=0 PUT' 'somebody else was there'
unlike "$(line 4)" novelty 'replaced'
ws 'try-pipeline={"name":"dry","target":"a.b"}' 'try-pipeline={"name":"dry"}'
like "$(line 1)" '3 exists=0 maybe=0 POST' 'what would be refused'
is "$(line 2)" 'done' 'what would not'
is "$(count pipelines)" 2 'and none is made'

# --- jobs
tasks=$("$PYTHON" -c 'print(",".join("{\"task_key\":\"t%d\"}" % i for i in range(250)))')
job="{\"name\":\"J\",\"tasks\":[$tasks]}"
ws "create-job=$job" get-job=@ list-jobs=J list-jobs=J list-jobs=j 'reset-job={"name":"K"}' get-job=@ run-job=tok run-job= get-job=1 delete-job=1
is "$(line 2 | grep -o '"task_key"' | wc -l | tr -d ' ')" 250 'all tasks of a job, from three pages'
unlike "$(line 2)" next_page_token 'and no trace of them'
is "$(line 3)" 'done []' 'a list that lags'
like "$(line 4)" '"name": "J"' 'by its name'
is "$(line 5)" 'done []' 'exactly'
like "$(line 7)" '"name": "K"' 'reset'
like "$(line 10)" '5 exists=0 maybe=0 GET' '400 that means: not there'
is "$(line 11)" 'done' 'gone already'
ws 'create-job={"name":"R"}' run-job=tok get-run=@
like "$(line 3)" '"life_cycle_state": "TERMINATED"' 'a run'

# --- what must not happen twice. Connections are kept: the first call opens one.
once() { # once FAULT NAME WANTED JOBS
    forget
    before=$(count jobs)
    fault "$1"
    ws me 'create-job={"name":"once"}'
    like "$(line 2)" "$3" "$2"
    is "$(asked POST /api/2.2/jobs/create)" "${5:-1}" "$2: sent so often"
    is "$(($(count jobs) - before))" "$4" "$2: so many jobs"
}
create='"path":"/api/2.2/jobs/create"'
once "{\"kind\":\"lost\",$create}" 'an answer that is lost' '7 exists=0 maybe=1' 1
once "{\"kind\":\"reset\",$create}" 'a connection that is reset' '7 exists=0 maybe=1' 0
once "{\"kind\":\"close\",$create}" 'a connection that ends' '7 exists=0 maybe=1' 0
once "{\"kind\":\"after\",$create,\"status\":503}" 'an error, and it happened' '7 exists=0 maybe=1' 1
once "{\"kind\":\"500\",$create}" 'an error' '1 exists=0 maybe=1' 0
once "{\"kind\":\"truncated\",$create}" 'half an answer' '7 exists=0 maybe=1' 1
once "{\"kind\":\"garbage\",$create}" 'no JSON' '1 exists=0 maybe=1' 0
once "{\"kind\":\"429\",$create,\"retry-after\":\"0\"}" '429: it did not happen' 'done' 1 2
once "{\"kind\":\"403\",$create}" 'no permission' '4 exists=0 maybe=0' 0
# and what may is asked until there is an answer
fault '{"kind":"lost","path":"/api/2.2/jobs/list","count":2}'
ws list-jobs=once
like "$(line 1)" 'done [' 'a list is asked for again'
fault "{\"kind\":\"after\",\"path\":\"/api/2.0/pipelines/*\",\"method\":\"DELETE\"}"
ws "create-pipeline=$(echo "$settings" | sed s/p_1/gone/)" delete-pipeline=@
is "$(line 2)" 'done' 'a delete that happened is not a failure the second time'
fault '{"kind":"400","path":"/api/2.2/jobs/list","body":"{\"error_code\":\"INVALID_STATE\",\"message\":\"ClusterNotReadyException: x\"}"}'
forget
ws list-jobs
like "$(line 1)" 'done [' 'an error that passes, by its words'
is "$(asked GET /api/2.2/jobs/list)" 2 'is asked for again'
fault '{"kind":"400","path":"/api/2.2/jobs/list","body":"INVALID_STATE: try later"}'
ws list-jobs
like "$(line 1)" '400 INVALID_STATE: try later' 'an error that is no JSON'
fault '{"kind":"slow","ms":0}'
is "$(fake_ask stats.violations)" '[]' 'no violation'
fake_stop "$first"
done_testing
