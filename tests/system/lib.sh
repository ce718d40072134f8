# shellcheck shell=sh disable=SC2034 # sourced; its variables are for the tests
# SPDX-License-Identifier: Apache-2.0
# TAP for shell tests of the program as a user runs it. Source it, test, call `done_testing`.
#
#   run config show --origin        # sets $status, $out, $err (files: $work/out, $work/err)
#   is "$status" 0 'it works'
#   like "$err" 'did you mean' 'it helps'
#
# Every test file works in a folder of its own, which is removed at the end, with HOME and
# XDG_CONFIG_HOME below it: nothing of the user's is read.
: "${LAKEHOST:=./lakehost}"
case $LAKEHOST in /*) ;; *) LAKEHOST=$PWD/$LAKEHOST ;; esac
top=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/lakehost-test.XXXXXX") || exit 99
trap 'fake_stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
HOME=$work/home
mkdir -p "$HOME" "$work/cwd"
unset XDG_CONFIG_HOME NO_COLOR LAKEHOST_CONFIG
# For tests that start the program itself, because the wrapper would take a signal.
LAKEHOST_LIBEXECDIR=${LAKEHOST%/*}/host/worker
export HOME LAKEHOST_LIBEXECDIR
cd "$work/cwd" || exit 99
n=0
failures=0
runs=0

# `run ARGUMENTS`: stdin is /dev/null unless `input` names a file. With LAKEHOST_VALGRIND=N it is
# each Nth that runs under valgrind.
run() {
    status=0
    runs=$((runs + 1))
    if [ $((runs % ${LAKEHOST_VALGRIND:-1})) -eq 0 ]; then
        "$LAKEHOST" "$@" <"${input:-/dev/null}" >"$work/out" 2>"$work/err" || status=$?
    else
        LAKEHOST_VALGRIND='' "$LAKEHOST" "$@" \
            <"${input:-/dev/null}" >"$work/out" 2>"$work/err" || status=$?
    fi
    # what valgrind says of calls that it does not know, such as pidfd_open
    [ -z "${LAKEHOST_VALGRIND:-}" ] || sed -i '/^--[0-9]*-- /d' "$work/err"
    # the note of a build with sanitizers, at each load: tests/system/worker.sh looks at it
    sed -i '/: isolation: this build has sanitizers/d' "$work/err"
    out=$(cat "$work/out")
    err=$(cat "$work/err")
    last="lakehost $*"
}

report() { # report GOOD NAME
    n=$((n + 1))
    if [ "$1" = yes ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        failures=$((failures + 1))
        printf '%s\n' "after: ${last-}" "status: ${status-}" "stdout: ${out-}" "stderr: ${err-}" |
            sed 's/^/# /'
    fi
}

is() { # is GOT WANTED NAME
    if [ "$1" = "$2" ]; then
        report yes "$3"
    else
        report no "$3"
        printf '%s\n' "expected: $2" "     got: $1" | sed 's/^/# /'
    fi
}

like() { # like TEXT PART NAME
    case $1 in
    *"$2"*) report yes "$3" ;;
    *)
        report no "$3"
        printf '%s\n' "expected in it: $2" | sed 's/^/# /'
        ;;
    esac
}

unlike() { # unlike TEXT PART NAME
    case $1 in
    *"$2"*)
        report no "$3"
        printf '%s\n' "not expected in it: $2" | sed 's/^/# /'
        ;;
    *) report yes "$3" ;;
    esac
}

skip() { # skip NAME REASON
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

# `fake NAME OPTIONS`: starts tests/fakes/NAME.py and waits until it is ready. Sets $fake (its
# address), $fake_other (the other origin), $fake_ca (with --tls) and $fake_pid. It ends with
# `fake_stop PID`, at the end of the test, and when this shell is killed: its stdin is a pipe
# that only this shell holds open.
: "${PYTHON:=/usr/bin/python3}"
fakes=$top/tests/fakes
fake_pids=
fake_count=0
fake() {
    fake_count=$((fake_count + 1))
    fake_said=$work/fake.$fake_count
    : >"$fake_said"
    if [ "$fake_count" -eq 1 ]; then
        mkfifo "$work/alive"
        exec 9<>"$work/alive"
    fi
    fake_name=$1
    shift
    "$PYTHON" "$fakes/$fake_name.py" "$@" <"$work/alive" >"$fake_said" 2>"$fake_said.err" 9>&- &
    fake_pid=$!
    fake_pids="$fake_pids $fake_pid"
    while ! grep -q '^ready ' "$fake_said"; do
        if ! kill -0 "$fake_pid" 2>/dev/null; then
            echo "Bail out! the fake $fake_name did not start: $(tail -n 1 "$fake_said.err")"
            exit 99
        fi
        sleep 0.02
    done
    fake=$(sed -n 's/^ready //p' "$fake_said")
    fake_other=$(sed -n 's/^other //p' "$fake_said")
    fake_ca=$(sed -n 's/^ca //p' "$fake_said")
}

# `fake_ask stats.violations`, `fake_ask POST /_fake/faults JSON`: of the newest fake. One with TLS
# is asked at its other address.
fake_ask() {
    if [ $# -eq 1 ]; then
        "$PYTHON" "$fakes/fake.py" ask "$fake_other" "$1"
    else
        fake_method=$1 fake_path=$2
        shift 2
        "$PYTHON" "$fakes/fake.py" ask "$fake_other$fake_path" "$fake_method" "$@"
    fi
}

fake_stop() { # fake_stop PID
    kill "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

fake_stop_all() {
    for fake_one in $fake_pids; do
        fake_stop "$fake_one"
    done
}

done_testing() {
    echo "1..$n"
    [ "$failures" -eq 0 ] && [ "$n" -gt 0 ]
    exit $?
}
