#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A folder to the workspace: what becomes of each file, and what happens when answers are lost.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

fake workspace
DATABRICKS_HOST=$fake
DATABRICKS_TOKEN=dapi-4c1f0e72a95b
export DATABRICKS_HOST DATABRICKS_TOKEN
said=$work/said
up() { # up DIR PATH OPTIONS
    run upload-dir "$@"
    printf '%s\n%s\n' "$out" "$err" >>"$said"
}
fault() { # fault JSON, instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults "$1" >/dev/null
}
forget() { fake_ask POST /_fake/reset >/dev/null; }
state() { # state PATH: "TYPE SHA256" of what is there
    fake_ask GET /_fake/state | "$PYTHON" -c '
import json, sys
o = json.load(sys.stdin)["objects"].get(sys.argv[1])
print("nothing" if o is None else " ".join([o["type"], o.get("sha256", "")]))' "$1"
}
sum() { # sum FILE
    sha256sum "$1" | cut -d ' ' -f 1
}
sent() { # sent PART: how many requests had this in their path
    fake_ask GET /_fake/log | grep -c "\"target\": \"[^\"]*$1"
}

# --- what becomes of what
mkdir -p src/a/b src/empty src/.git src/__pycache__
printf '# Databricks notebook source\nx = 1\n' >src/n.py
printf '# Databricks notebook sources\n' >src/almost.py
printf -- '-- Databricks notebook source\r\nselect 1\r\n' >src/q.sql
printf 'x = 2\n' >src/a/m.py
printf '{"cells": []}' >src/a/b/j.ipynb
printf '\000\377' >'src/a/b/a "b" & ü%.bin'
: >src/none
echo secret >src/.git/config
ln -s n.py src/link
up src /Workspace/Shared/x
is "$status" 0 'it is uploaded'
is "$out" 'uploaded   /Workspace/Shared/x/a/b/a "b" & ü%.bin
uploaded   /Workspace/Shared/x/a/b/j
uploaded   /Workspace/Shared/x/a/m.py
uploaded   /Workspace/Shared/x/almost.py
uploaded   /Workspace/Shared/x/n
uploaded   /Workspace/Shared/x/none
uploaded   /Workspace/Shared/x/q' 'in order, notebooks without an extension'
like "$err" 'src/link: a symbolic link, left out' 'links are left out'
is "$(state /Shared/x/a/m.py)" "FILE $(sum src/a/m.py)" 'a file, byte for byte'
is "$(state '/Shared/x/a/b/a "b" & ü%.bin')" "FILE $(sum 'src/a/b/a "b" & ü%.bin')" 'any bytes, any name'
printf 'x = 1\n' >body
is "$(state /Shared/x/n)" "NOTEBOOK $(sum body)" 'a notebook'
is "$(state /Shared/x/almost.py | cut -d ' ' -f 1)" FILE 'the header is a whole line'
is "$(state /Shared/x/q | cut -d ' ' -f 1)" NOTEBOOK 'SQL, with CR'
is "$(state /Shared/x/a/b/j | cut -d ' ' -f 1)" NOTEBOOK 'Jupyter'
is "$(state /Shared/x/empty)" 'DIRECTORY ' 'an empty folder'
is "$(state /Shared/x/.git)" nothing 'no .git'
is "$(sent workspace/mkdirs)" 2 'folders above others are not asked for'

# --- what is there already
echo new >src/new
up src /Shared/x
is "$status" 6 'what is there is refused'
like "$out" 'uploaded   /Shared/x/new' 'the rest is uploaded'
like "$out" 'exists     /Shared/x/n' 'and each is named'
like "$err" 'src/n.py: /Shared/x/n is there already; use --overwrite-existing' 'with the remedy'
like "$err" '7 of 8 files were not uploaded, the others are there' 'and the sum'
echo 'x = 3' >src/a/m.py
up src /Shared/x --overwrite-existing --output json
is "$status" 0 'or overwritten'
like "$out" '"type": "notebook"' 'JSON'
is "$(state /Shared/x/a/m.py)" "FILE $(sum src/a/m.py)" 'with what is new'
mkdir other
echo file >other/n
up other /Shared/x --overwrite-existing
is "$status" 0 'a file in place of a notebook'
is "$(state /Shared/x/n)" "FILE $(sum other/n)" 'is a file'
echo file >other/a
up other /Shared/x --overwrite-existing
is "$status" 6 'a file in place of a folder'
like "$err" '/Shared/x/a: something else than a file or a notebook is there; remove it' 'is not for us to decide'
is "$(state /Shared/x/a/m.py)" "FILE $(sum src/a/m.py)" 'and nothing is gone'

# --- what is wrong before anything is sent
forget
mkdir same
printf '# Databricks notebook source\n' >same/a.py
echo >same/a
up same /Shared/same
is "$status" 3 'two files that would be one'
like "$err" 'same/a and same/a.py would both become /Shared/same/a' 'are both named'
mkdir big
head -c 10485761 /dev/zero >big/zeros
up big /Shared/big
is "$status" 3 'a file of more than 10 MB'
like "$err" 'big/zeros: 10485761 bytes, and a workspace folder takes files of up to 10485760' 'is named'
up src Shared/x
is "$status" 2 'a path that is not absolute'
up nowhere /Shared/x
is "$status" 3 'no such folder'
like "$err" nowhere 'is named'
up src /Shared/x --jobs 0
is "$status" 2 '--jobs'
is "$(fake_ask stats.requests)" 0 'nothing was sent'

# --- answers that are lost. The first two requests make folders.
one() { # one FAULT NAME STATUS IMPORTS: uploads one file anew
    fault '{"kind":"slow","ms":0}'
    rm -rf one
    mkdir one
    date +%N >one/f
    fake_ask POST /_fake/seed '[{"method":"POST","path":"/api/2.0/workspace/mkdirs","body":{"path":"/Shared/one"}},
        {"method":"POST","path":"/api/2.0/workspace/delete","body":{"path":"/Shared/one","recursive":true}}]' >/dev/null
    forget
    fault "$1"
    up one /Shared/one
    is "$status" "$3" "$2"
    is "$(sent workspace/import)" "$4" "$2: so many imports"
    [ "$3" -ne 0 ] || is "$(state /Shared/one/f)" "FILE $(sum one/f)" "$2: and it is there"
}
one '{"kind":"lost","path":"*/import"}' 'an answer that is lost' 0 1
one '{"kind":"after","path":"*/import","status":503}' 'an error, and it happened' 0 1
one '{"kind":"close","path":"*/import"}' 'a connection that ends, and nothing happened' 0 2
one '{"kind":"lost","path":"*/mkdirs"}' 'the answer about the folder is lost' 0 1
one '{"kind":"429","path":"*/import","count":2,"retry-after":"0"}' 'twice 429' 0 3
one '{"kind":"503","path":"*/mkdirs","count":1}' 'a workspace that is away for a moment' 0 1
one '{"kind":"close","path":"*/import","count":0}' 'no answer at all' 7 3
one '{"kind":"403","path":"*/import"}' 'no permission' 4 1
like "$err" '403 PERMISSION_DENIED' 'with the code'
like "$err" 'token=***' 'and what was used to sign in'
one '{"kind":"html","path":"*/mkdirs"}' 'a web page' 1 0
like "$err" 'expected a JSON object, found a web page; check that the host is a workspace'"'"'s' 'is no workspace'
one '{"kind":"redirect","path":"*/mkdirs","to":"other"}' 'a redirect to elsewhere' 1 0
like "$err" 'is refused: it is no declared origin' 'is not followed'
fault '{"kind":"slow","ms":0}'

# --- many files, several at a time
mkdir many
i=0
while [ "$i" -lt 60 ]; do
    echo "$i" >"many/f$i"
    i=$((i + 1))
done
forget
fault '{"kind":"429","path":"*/import","nth":20,"count":3,"retry-after":"0"}'
up many /Shared/many
is "$status $(printf '%s\n' "$out" | grep -c ^uploaded)" '0 60' 'many files, three of them refused at first'
is "$(sent workspace/import)" 63 'each once more'
fault '{"kind":"403","path":"*/import","nth":5,"count":0}'
up many /Shared/more --jobs 1
is "$status" 4 'a permission that is lost on the way'
is "$(printf '%s\n' "$out" | cut -d ' ' -f 1 | sort | uniq -c | tr -s ' \n' ' ')" ' 1 failed 55 not 4 uploaded ' 'ends it'

# --- interrupted
fault '{"kind":"stuck","path":"*/import"}'
forget
"$LAKEHOST" upload-dir other /Shared/stuck >"$work/out" 2>"$work/err" &
pid=$!
tries=0
while [ "$(sent workspace/import)" -eq 0 ] && [ "$tries" -lt 600 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
cat "$work/out" "$work/err" >>"$said"
is "$status" 143 'a signal'
like "$(cat "$work/err")" 'interrupted by SIGTERM' 'ends it'

is "$(fake_ask stats.violations)" '[]' 'no violation'
is "$(grep -c 'dapi-4c1f0e72a95b' "$said")" 0 'the token is nowhere'
done_testing
