# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Turns a connector's spec.json into an include that holds its bytes:
#
#     LC_ALL=C awk -f spec.awk spec.json >spec.inc
#
# Bytes, because ISO C compilers need not take a string literal above 4095 bytes. The include puts
# them into the ELF note that lakehost reads, and LH_SPEC gives the same bytes to the connector's
# table; see <lakehost/note.h>. Any awk that sees bytes will do: LC_ALL=C makes them do so.

BEGIN {
    for (i = 1; i < 256; i++)
        byte[sprintf("%c", i)] = i
    size = 0
    row = ""
    rows = 0
    if (length("\303\251") != 2)
        problem = "this awk reads characters, not bytes: run it with LC_ALL=C"
}

function add(number) {
    row = row number ","
    if (++size % 20 == 0)
        end_row()
}

function end_row() {
    if (row != "")
        text[++rows] = row
    row = ""
}

problem == "" {
    n = length($0)
    for (i = 1; i <= n; i++) {
        letter = substr($0, i, 1)
        if (!(letter in byte)) {
            problem = FILENAME ":" FNR ": a NUL byte; a spec is JSON text"
            break
        }
        add(byte[letter])
    }
    add(10)
}

END {
    end_row()
    if (problem == "" && size == 0)
        problem = FILENAME ": empty; a spec is a JSON object"
    if (problem != "") {
        print "spec.awk: " problem | "cat 1>&2"
        exit 1
    }
    print "/* Made from spec.json by spec.awk; not to be edited. */"
    print "#include <lakehost/note.h>"
    print ""
    print "#define LH_SPEC_SIZE " size "u"
    print "LH_SPEC_NOTE(LH_SPEC_SIZE) = {LH_SPEC_NOTE_HEAD(LH_SPEC_SIZE), {"
    for (i = 1; i <= rows; i++)
        print text[i]
    print "}};"
}
