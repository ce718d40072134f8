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
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
HOME=$work/home
mkdir -p "$HOME" "$work/cwd"
unset XDG_CONFIG_HOME NO_COLOR LAKEHOST_CONFIG
export HOME
cd "$work/cwd" || exit 99
n=0
failures=0

# `run ARGUMENTS`: stdin is /dev/null unless `input` names a file.
run() {
    status=0
    "$LAKEHOST" "$@" <"${input:-/dev/null}" >"$work/out" 2>"$work/err" || status=$?
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

done_testing() {
    echo "1..$n"
    [ "$failures" -eq 0 ] && [ "$n" -gt 0 ]
    exit $?
}
