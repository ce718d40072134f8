#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# House rules that a compiler does not check: banned calls, the first lines of a file, its length.
# Runs alone: srcdir=. sh tests/lint/lint.sh
set -u
cd "${srcdir:-.}" || exit 1
n=0
bad=0

# result NAME FINDINGS
result() {
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        printf '%s\n' "$2" | head -n 20 | sed 's/^/# /'
        bad=1
    fi
}

c_files=$(find host sdk plugins tests -name '*.[ch]' 2>/dev/null | sort)
below_main=$(find host -name '*.c' ! -name main.c | sort)
product=$(find host sdk plugins -name '*.[ch]' 2>/dev/null | sort)
# connectors do not have the host's config.h
host_c=$(find host tests -name '*.c' ! -path 'tests/conform/*' 2>/dev/null | sort)

# The one string builder is lh_buf, numbers are read by base/number.h.
calls='strcpy|stpcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|strtok_r|atoi|atol|atoll|atof|gets|alloca|tmpnam|mktemp'
# shellcheck disable=SC2086 # lists of files without blanks
{
    result 'no banned call' "$(grep -nE "(^|[^A-Za-z0-9_])($calls)[[:space:]]*\(" $c_files)"
    result 'every file begins with its licence' "$(for f in $c_files; do
        head -n 1 "$f" | grep -q '^/\* SPDX-License-Identifier: Apache-2.0' || echo "$f"
    done)"
    result 'config.h comes first' "$(for f in $host_c; do
        grep -m 1 '^#include' "$f" | grep -q '"config.h"' || echo "$f"
    done)"
    result 'no file is longer than 800 lines' "$(wc -l $c_files | awk '$1 > 800 && $2 != "total"')"
    result 'no line of the product is longer than 100 characters' "$(grep -nE '^.{101,}' $product)"
    result 'no tab, no blank at the end of a line' "$(grep -nE '	| $' $c_files)"
    result 'nothing left for later' "$(grep -nE 'TODO|FIXME|XXX:|HACK' $c_files)"
    result 'no perror, no exit below main.c' "$(grep -nE \
        '(^|[^A-Za-z0-9_])(perror|exit|_exit|quick_exit)[[:space:]]*\(' $below_main |
        grep -v '_exit(.*/\* a forked child \*/')"
}
echo "1..$n"
exit "$bad"
