#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What lakehost writes as YAML, PyYAML (YAML 1.1) and lakehost itself (YAML 1.2) read back.

2000 documents made of strings that somebody once misread. Run it alone from the build folder:
    srcdir=.. /usr/bin/python3 ../tests/system/yaml-roundtrip.py
"""
import json
import os
import random
import subprocess
import sys

try:
    import yaml
except ImportError:
    other = "/usr/bin/python3"
    if sys.executable != other and os.path.exists(other) and "YAML_RETRY" not in os.environ:
        os.environ["YAML_RETRY"] = "1"
        os.execv(other, [other] + sys.argv)
    print("1..0 # SKIP no python3 with the module yaml (PyYAML)")
    sys.exit(0)

TOOL = "tests/system/yaml-tool"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SLOW = 400  # documents that go through the pure Python loader too

TRAPS = """
null Null NULL nUll ~ true True TRUE tRue false False FALSE yes Yes YES no No NO on On ON off Off
OFF y Y n N oN .inf .Inf -.INF +.inf .nan .NaN .NAN inf nan 0 00 0123 08 09 -0 +1 -1 1 12 1_000
0x1F 0xG 0o17 0o18 017 0b101 -0x1 1e3 1e+3 1.0 1. .5 . .. ... 1.5e-7 6.8523015e+5 685.230_15e+03
190:20:30 190:20:30.15 12:30:45 12:30 1:60 2024-01-01 2024-1-1 2001-12-14t21:59:43.10-05:00
2001-12-14T21:59:43Z << = ! !! !a & &a * *a ? - -- --- -a - : :a a: a:b :: # a# #a % %a @ @a ` `a
| |- > >- [ ] { } , [a] {a} {} [] " ' "a" 'a' \\ \\n a\\ $ ${a} $(a) /a ./a ../a a/b a.b a-b _ _1
1a a1 9223372036854775807 9223372036854775808 -9223372036854775809 18446744073709551616 1e400
""".split() + [
    "", " ", "  ", "a ", " a", "a b", "a  b", "a: b", "a :b", "a : b", "x #y", "x# y", "# x", "- x",
    "? x", ": x", "2001-12-14 21:59:43", "key: [a, b]", "a, b", "\t", "a\tb", "\ta", "a\t",
    "\n", "\n\n", "a\n", "a\n\n", "\na", "a\nb", "a\nb\n", "a\n\nb", "a \nb", "a\n b", " a\nb",
    "a\n ", "a\n  b\n   c\n", "a\n---\nb", "---\na", "...\n", "a\n...\nb\n", "#a\nb", "a\n#b\n",
    "a: b\nc: d\n", "- a\n- b", "a\r\nb", "a\rb", "\r", "a\\\nb", "SELECT *\n  FROM t -- x\n",
    "\x01", "\x07", "\x1b[0m", "\x7f", "\x80", "\x85", "a\x85b", "\x9f", "\xa0", "a\xa0", "\xa1",
    "\u200b", "\u2028", "a\u2028b", "\u2029", "\ud7ff", "\ue000", "\ufeff", "a\ufeffb", "\ufffd",
    "\ufffe", "\uffff", "\U00010000", "\U0001f600", "a \U0001f600 b", "\U0010ffff", "Größe",
    "ключ", "表", "日本語: テスト", "éa\nb", "x" * 200, "word " * 60, "k" * 130, "k" * 1100, "'\"'\"",
    "it's", "say \"hi\"", "*.csv", "0 0 * * * ?", "0 */5 * * *", "host:8080", "http://a/b?c=d#e",
    "C:\\dir\\", "100%", "50 %", "@daily", "!important", "&amp;", ">=1.0", "<a>", "|x|", "~/x",
]
SCALARS = [None, True, False, 0, 1, -1, 2**63 - 1, -2**63, 8, 123, 0.5, -0.0, 1e5, 1e-7, 1e300,
           19.99, 1e16, 123456789.125, 5e-324, 1.7976931348623157e308]
PIECES = "a b:#-?\n\t\"'\\ é\x85\u2028\U0001f600,[]{}0123456789.eE+_x|>%@`!&*~=<y"


def text(rng):
    if rng.random() < 0.7:
        return rng.choice(TRAPS)
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(12)))


def document(rng, depth):
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        return text(rng) if rng.random() < 0.75 else rng.choice(SCALARS)
    if kind < 0.7:
        return {text(rng): document(rng, depth - 1) for _ in range(rng.randrange(6))}
    return [document(rng, depth - 1) for _ in range(rng.randrange(6))]


def same(a, b):
    """Equal with types, signs of zero and the order of keys."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b)


def tool(mode, values):
    lines = "".join(json.dumps(v) + "\n" for v in values)
    done = subprocess.run([TOOL, mode], input=lines.encode(), stdout=subprocess.PIPE, timeout=120)
    if done.returncode:
        raise SystemExit("%s %s: exit %d" % (TOOL, mode, done.returncode))
    return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]


def load(loader, source):
    try:
        return yaml.load(source, Loader=loader)
    except yaml.YAMLError as error:
        return {"error": str(error)}


class Tap:
    run = failed = 0

    def check(self, what, wanted, got, texts):
        bad = [i for i, (a, b) in enumerate(zip(wanted, got)) if not same(a, b)]
        if len(wanted) != len(got):
            bad.append(min(len(wanted), len(got)) - 1)
        self.run += 1
        self.failed += bool(bad)
        print("%s %d - %s: %d documents" % ("not ok" if bad else "ok", self.run, what, len(wanted)))
        for i in bad[:5]:
            print("# expected: %s\n#      got: %s\n#     text: %s" % (
                json.dumps(wanted[i]), json.dumps(got[i], default=repr), json.dumps(texts[i])))


def main():
    rng = random.Random(20240101)
    documents = [document(rng, 4) for _ in range(1600)]
    documents += TRAPS + SCALARS + [{t: t} for t in TRAPS] + [[t, [t]] for t in TRAPS[:100]]
    tap = Tap()
    texts = tool("write", documents)
    strings = [t if isinstance(t, str) else "" for t in texts]

    tap.check("all are written, each ends its last line and bears no marker", [True] * len(texts),
              [isinstance(t, str) and t.endswith("\n") and not t.endswith("\n...\n")
               and not t.startswith("---") for t in texts], texts)
    tap.check("PyYAML reads them back (libyaml)", documents, [load(LOADER, s) for s in strings], texts)
    tap.check("PyYAML reads them back (pure Python)", documents[-SLOW:],
              [load(yaml.SafeLoader, s) for s in strings[-SLOW:]], texts[-SLOW:])
    tap.check("lakehost reads them back", documents, tool("read", strings), texts)
    tap.check("the same bytes again", texts, tool("write", tool("read", strings)), texts)
    print("1..%d" % tap.run)
    return tap.failed > 0


sys.exit(main())
