#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `lakehost doctor`: each thing that can be missing, and its remedy.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

# what it says of valgrind is asked for, so each run is under it
[ -z "${LAKEHOST_VALGRIND-}" ] || LAKEHOST_VALGRIND=1
umask 022
unset XDG_DATA_HOME LAKEHOST_PLUGIN_PATH
load=${LOAD_CONNECTORS:-$PWD/tests/conform/load}/.libs
program=$LAKEHOST
json() { # json EXPRESSION: of the JSON on stdout, as `r`
    "$PYTHON" -c 'import json, sys
r = json.load(open(sys.argv[1]))
bad = [f for f in r["findings"] if not f["ok"]]
print(eval(sys.argv[2]))' "$work/out" "$1"
}

# --- isolation
if [ -n "${LAKEHOST_VALGRIND-}" ]; then
    run doctor
    like "$out" 'this program runs in valgrind' 'valgrind says what it leaves off'
    skip 'isolation' 'valgrind has no such system calls'
else
    run doctor
    if [ "$status" -eq 0 ]; then
        like "$out" 'nothing is missing' 'nothing is missing here'
        is "$err" '' 'and nothing is said elsewhere'
    else
        skip 'nothing is missing here' 'something is, or the machine lacks it'
    fi
    for part in resource no-new-privs hidden Landlock seccomp; do
        like "$out" " $part" "it looks at $part"
    done
    run doctor --output json
    is "$(json 'len([f for f in r["findings"] if f["area"] == "isolation" and f["what"] != "sanitizers"])')" \
        6 'as JSON: six parts'
    if grep -q '^#define LH_SANITIZED' "${LAKEHOST%/*}/config.h"; then
        like "$(json 'r["findings"]')" 'this build has sanitizers and leaves off the bound' 'and what sanitizers leave off'
    else
        unlike "$(json 'r["findings"]')" 'sanitizers' 'and no sanitizers'
    fi
    is "$(json 'r["problems"] == len(bad)')" True 'the problems are counted'
    complete=$(json 'r["problems"] == 0')

    without() { # without PART: what the program says on a kernel without it
        printf '#!/bin/sh\nexec "%s" "%s" %s "%s" "$@"\n' "$PYTHON" "$top/tests/system/without.py" \
            "$1" "$program" >"$work/without"
        chmod 755 "$work/without"
        LAKEHOST=$work/without
        shift
        run doctor "$@"
        LAKEHOST=$program
    }
    without landlock --output json
    if [ "$status" -eq 77 ] || [ "$complete" = False ]; then
        skip 'a kernel without a part' 'the processor is not known, or a part is missing already'
    else
        is "$status" 1 'a kernel without Landlock is a problem'
        is "$(json '[f["what"] for f in bad]')" "['Landlock']" 'and the only one'
        like "$(json 'bad[0]["detail"]')" 'this kernel does not have it' 'it says why'
        like "$(json 'bad[0]["remedy"]')" 'use Linux 5.13 or later' 'and what to do'
        like "$err" '1 problem was found; each is listed with its remedy' 'stderr has the sum'
        without landlock
        like "$out" 'PROBLEM    Landlock
             this kernel does not have it
             remedy: use Linux 5.13 or later' 'as text'
        is "$(tail -n 1 "$work/out")" '1 problem' 'the last line'
        without seccomp --output json
        is "$status" 1 'a kernel without seccomp'
        is "$(json '[f["what"] for f in bad]')" "['seccomp', 'seccomp after loading']" \
            'lacks both filters'
    fi
fi

# --- configuration
mkdir -p "$HOME/.config/lakehost"
printf 'color: auto\n' >"$HOME/.config/lakehost/config.yaml"
printf 'color: sometimes\n' >lakehost.yaml
printf 'pipeline:\n  chanel: x\n' >"$work/extra.yaml"
run --config "$work/extra.yaml" doctor --output json
is "$status" 1 'a configuration that no other command runs with'
is "$(json '[f["what"] for f in bad if f["area"] == "configuration"]')" \
    "['lakehost.yaml', '$work/extra.yaml']" 'every file that is wrong is named'
like "$out" "$HOME/.config/lakehost/config.yaml" 'the good one is listed too'
like "$(json 'bad')" 'lakehost.yaml:1:8: key /color: expected auto|always|never, found' \
    'a wrong value, with its place'
like "$(json 'bad')" 'key /pipeline/chanel: unknown key; did you mean "pipeline.channel"?' \
    'an unknown key, with the nearest'
like "$(json '[f["what"] for f in r["findings"] if f["area"] == "connectors"]')" example \
    'the connectors are looked at all the same'
rm lakehost.yaml
LAKEHOST_PIPELINE_SERVERLESS=nope
export LAKEHOST_PIPELINE_SERVERLESS
run doctor --output json
like "$(json 'bad')" "'area': 'configuration', 'detail': 'environment LAKEHOST_PIPELINE_SERVERLESS" \
    'a variable that is wrong'
unset LAKEHOST_PIPELINE_SERVERLESS
run --config "$work/nothing.yaml" doctor
is "$status" 1 'a file of --config that is not there'
like "$out" "$work/nothing.yaml: No such file" 'is named'
chmod 666 "$HOME/.config/lakehost/config.yaml"
run doctor
is "$status" 1 'a configuration that everybody may write to'
like "$out" 'everybody may write to it, and so name folders that code is loaded from' 'says why'
like "$out" 'chmod go-w' 'and what to do'
chmod 664 "$HOME/.config/lakehost/config.yaml"
run doctor
unlike "$out" 'may write' 'a group may'
chmod 644 "$HOME/.config/lakehost/config.yaml"
if [ "$(id -u)" -eq 0 ]; then
    chown 12345 "$HOME/.config/lakehost/config.yaml"
    run doctor
    like "$out" 'it belongs to another user' 'a configuration of somebody else'
    rm "$HOME/.config/lakehost/config.yaml"
else
    skip 'a configuration of somebody else' 'only root can make one'
fi
run doctor --output nonsense
is "$status" 2 'wrong usage is wrong usage'

# --- the worker
run doctor --output json
is "$(json '[f["ok"] for f in r["findings"] if f["area"] == "worker"]')" '[True]' 'the worker is there'
LAKEHOST_ISOLATION_WORKER=$work/nothing
export LAKEHOST_ISOLATION_WORKER
run doctor --output json
is "$status" 1 'a worker that is not there'
is "$(json '[f["what"] for f in bad if f["area"] == "worker"]')" "['$work/nothing']" 'is named'
if [ -n "${LAKEHOST_VALGRIND-}" ]; then
    skip 'with the reason' 'valgrind does not tell why a program could not be started'
else
    like "$(json 'bad')" 'No such file or directory' 'with the reason'
fi
like "$(json 'bad')" 'correct the setting isolation.worker' 'and the remedy'
LAKEHOST_ISOLATION_WORKER=/bin/true
run doctor
like "$out" 'PROBLEM    /bin/true' 'a program that is no worker'
LAKEHOST_ISOLATION_WORKER=$work/other-worker
build=${program%/*}/host/worker
"$PYTHON" - "$build/build-id.h" "$build/lakehost-worker" "$work/other-worker" <<'END'
import re, sys
header, worker, other = sys.argv[1:]
build_id = re.search('"(.+)"', open(header).read()).group(1).encode()
image = open(worker, "rb").read()
assert build_id in image
with open(other, "wb") as f:
    f.write(image.replace(build_id, build_id[:-1] + b"#"))
END
chmod 755 "$work/other-worker"
run doctor
is "$status" 1 'a worker of another build'
like "$out" "PROBLEM    $work/other-worker" 'is named'
like "$out" 'it is of another build than this program' 'with the reason'
unset LAKEHOST_ISOLATION_WORKER

# --- connectors
mkdir c closed
for name in good no_note bad_spec; do
    install -m 644 "$load/$name.so" "c/$name.so"
done
run doctor --plugin-path c --output json
is "$status" 1 'broken connectors'
is "$(json 'sorted(f["what"] for f in bad if f["area"] == "connectors")')" \
    "['bad_spec (c/bad_spec.so)', 'no_note (c/no_note.so)']" 'are the problems'
like "$(json 'bad')" 'it has no note of owner "lakehost"' 'with the reason'
like "$(json 'bad')" 'lakehost plugin validate c/no_note.so' 'and the command that says more'
like "$out" 'good (c/good.so)' 'the good one is listed'
rm c/no_note.so c/bad_spec.so
chmod 666 c/good.so
run doctor --plugin-path c
is "$status" 1 'a connector that others can change'
like "$out" 'good (c/good.so)' 'is named'
like "$out" 'chmod go-w' 'with the remedy'
chmod 644 c/good.so
printf '{"good": {"%s": "%064d"}}\n' "$(uname -m)" 0 >pins
LAKEHOST_PLUGINS_LOCK=$PWD/pins
export LAKEHOST_PLUGINS_LOCK
run doctor --plugin-path c
is "$status" 1 'a connector that is not the pinned one'
like "$out" 'good (c/good.so)' 'is named'
LAKEHOST_PLUGINS_LOCK=$PWD/nowhere
run doctor
is "$status" 1 'a lock file that is not there'
like "$out" "setting plugins_lock: there is no file $PWD/nowhere" 'is named'
unset LAKEHOST_PLUGINS_LOCK
if grep -q 'define LH_STATIC_CONNECTORS' "${program%/*}/config.h" 2>/dev/null; then
    skip 'no connector at all' 'one is built in'
else
    sed "s#^LAKEHOST_CONNECTORDIR=.*#LAKEHOST_CONNECTORDIR='$PWD/closed'#" "$program" >"$work/bare"
    chmod 755 "$work/bare"
    LAKEHOST=$work/bare
    run doctor
    is "$status" 1 'no connector at all'
    like "$out" 'no folder of it has a connector that can be used' 'is said'
    like "$out" 'or name its folder with --plugin-path' 'and how to come by one'
    LAKEHOST=$program
fi

done_testing
