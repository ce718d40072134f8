#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make check` prints of a test, and that its results are those of Automake's driver.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
driver=$top/m4/aux/tap-driver.sh
if [ ! -r "$driver" ]; then
    echo "1..0 # SKIP no $driver here"
    exit 0
fi

# check NAME <TEST: runs it through the driver alone and through tap-quiet
check() {
    cat >"$work/test.sh"
    set -- --test-name "$1" --color-tests "${color-no}" --enable-hard-errors yes \
        --expect-failure no
    sh "$driver" "$@" --log-file plain.log --trs-file plain.trs -- sh "$work/test.sh" \
        >"$work/all" 2>&1
    status=0
    sh "$top/tests/tap-quiet.sh" sh "$driver" "$@" --log-file quiet.log --trs-file quiet.trs -- \
        sh "$work/test.sh" a -- 'b c' >"$work/out" 2>"$work/err" || status=$?
    out=$(cat "$work/out")
    err=$(cat "$work/err")
    last="tap-quiet: $(cat "$work/test.sh")"
    is "$status" 0 "$2 the driver's exit"
    is "$(cat quiet.trs)" "$(cat plain.trs)" "$2 the results"
}

check some/test <<'END'
echo '1..3'
echo 'ok 1 - one'
echo '# a remark'
echo 'ok 2 - two # SKIP not here'
echo 'ok 3 - three'
END
is "$out" 'PASS: some/test: 2 points, 1 skipped' 'all is well: one line'
like "$(cat quiet.log)" '# a remark' 'the log has everything'
check some/test <<'END'
echo '1..3'
echo 'ok 1 - one'
echo 'not ok 2 - two'
echo '# expected: 1'
echo '#      got: 2'
echo 'ok 3 - three'
echo '# a remark'
END
is "$out" 'FAIL: some/test 2 - two
# some/test: expected: 1
# some/test: got: 2
FAIL: some/test: 1 of 3 points' 'a failure in full'
color=yes
check some/test <<'END'
echo 'ok 1 - one'
echo 'not ok 2 - two'
echo '1..2'
END
like "$out" 'FAIL: some/test: 1 of 2 points' 'in colour'
unlike "$out" one 'without the rest'
unset color
check some/test <<'END'
echo 'ok 1 - one'
echo 'not ok 2 - two # TODO later'
echo 'ok 3 - three # TODO later'
echo '1..3'
END
like "$out" 'XPASS: some/test 3 - three # TODO later' 'what should fail and does not'
like "$out" 'FAIL: some/test: 1 of 3 points' 'counts as a failure'
unlike "$out" two 'what should fail and does'
check some/test <<'END'
echo 'ok 1 - one'
echo '1..1'
exit 7
END
like "$out" 'ERROR: some/test - exited with status 7' 'a failure after the last point'
check some/test <<'END'
echo 'ok 1 - one'
kill -9 $$
END
like "$out" 'ERROR: some/test - missing test plan' 'a crash'
check some/test <<'END'
echo '1..0 # SKIP no network'
END
is "$out" 'SKIP: some/test - no network' 'a whole file left out'
check some/test </dev/null
like "$out" 'ERROR: some/test - missing test plan' 'nothing at all'
TAP_VERBOSE=1
export TAP_VERBOSE
check some/test <<'END'
echo 'ok 1 - one'
echo '1..1'
END
is "$out" "$(cat "$work/all")" 'V=1: all'
is "$out" 'PASS: some/test 1 - one' 'a line for each point'

done_testing
