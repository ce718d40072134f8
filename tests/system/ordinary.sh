# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# For tests that prove nothing as root, who may read, write and signal anything. Source it before
# lib.sh and call
#
#     as_ordinary_user NAME.sh
#
# As root this copies what the test needs to where everybody can read, runs the test again from
# there as nobody, and exits as it did. The test then says that it is not root: is_ordinary_user.
# A function stage_more, if the test has one, is given the copy's folder to add to it.
as_ordinary_user() {
    [ "$(id -u)" -eq 0 ] || return 0
    stage=$(mktemp -d "${TMPDIR:-/tmp}/lakehost-stage.XXXXXX") || exit 99
    trap 'rm -rf "$stage"' EXIT
    chmod 755 "$stage"
    build=${LAKEHOST%/*}
    mkdir -p "$stage/tests/system" "$stage/tests/conform/.libs" "$stage/load/.libs" \
        "$stage/connectors-1" "$stage/host/worker"
    cp "$srcdir/tests/system"/*.sh "$srcdir/tests/system"/*.py "$stage/tests/system"
    cp -R "$srcdir/templates" "$stage/templates"
    cp "$LOAD_CONNECTORS"/.libs/*.so "$stage/load/.libs"
    cp "$build"/tests/conform/.libs/*.so "$stage/tests/conform/.libs"
    cp "$build"/connectors-1/*.so "$stage/connectors-1"
    for program in host/lakehost host/worker/lakehost-worker; do
        [ ! -f "$build/$program" ] || cp "$build/$program" "$stage/$program"
    done
    # the wrapper with this folder for the build tree's
    sed -e "s#^\\(LAKEHOST_PKGDATADIR\\)=.*#\\1='$stage/templates'#" -e "s#$build/#$stage/#g" \
        "$LAKEHOST" >"$stage/lakehost"
    chmod -R go+rX,go-w "$stage"
    chmod 755 "$stage/lakehost"
    ! command -v stage_more >/dev/null || stage_more "$stage" || exit 99
    cd "$stage" || exit 99
    LAKEHOST=$stage/lakehost srcdir=$stage LOAD_CONNECTORS=$stage/load TMPDIR=/tmp
    export LAKEHOST srcdir LOAD_CONNECTORS TMPDIR
    if command -v setpriv >/dev/null; then
        setpriv --reuid=65534 --regid=65534 --clear-groups sh "tests/system/$1"
    else
        "$PYTHON" -c 'import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.execvp("sh", ["sh", "tests/system/" + sys.argv[1]])' "$1"
    fi
    exit
}

is_ordinary_user() {
    is "$([ "$(id -u)" -ne 0 ] && echo ordinary)" ordinary 'this is an ordinary user'
}
