# SPDX-License-Identifier: Apache-2.0
"""Airtable's formulas, as far as filters go. What is not known is refused, as Airtable does."""
import re

import airtable_data as data

TOKENS = re.compile(r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]+)|
    '(?P<one>(?:[^'\\]|\\.)*)'|"(?P<two>(?:[^"\\]|\\.)*)"|\{(?P<field>(?:[^}\\]|\\.)*)\}|
    (?P<op>!=|<=|>=|[=<>(),]))""", re.VERBOSE | re.DOTALL)


class Invalid(Exception):
    """The formula is none."""


class Wrong(Exception):
    """#ERROR! of one record."""


def unescaped(text):
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def tokens(text):
    at, found = 0, []
    text = text.strip()
    while at < len(text):
        match = TOKENS.match(text, at)
        if not match:
            raise Invalid("The formula for filtering records is invalid: Invalid formula. Please "
                          "check your formula text.")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found + [("end", "")]


def time_of(value):
    """Milliseconds; a date where there is none is an error."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?Z)?",
                         value if isinstance(value, str) else "")
    if not match:
        raise Wrong()
    return "%s-%s-%s" % match.group(1, 2, 3), "%s:%s:%s" % tuple(
        part or "00" for part in match.group(4, 5, 6)), (match.group(7) or "").ljust(3, "0")


class Formula:
    """A filter; matches(record) says whether Airtable lists the record."""

    def __init__(self, text, by_name):
        """by_name: {name or id of a field: its id}"""
        self.tokens, self.at, self.by_name = tokens(text), 0, by_name
        self.tree = self.compare()
        if self.tokens[self.at][0] != "end":
            raise Invalid("The formula for filtering records is invalid: Invalid formula.")

    def take(self, kind, text=None):
        got = self.tokens[self.at]
        if got[0] != kind or (text is not None and got[1] != text):
            return None
        self.at += 1
        return got

    def compare(self):
        left = self.value()
        op = self.tokens[self.at]
        if op[0] != "op" or op[1] in "(),":
            return left
        self.at += 1
        return (op[1], left, self.value())

    def value(self):
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return ("literal", float(text))
        if kind in ("one", "two"):
            return ("literal", unescaped(text))
        if kind == "field":
            name = unescaped(text)
            if name not in self.by_name:
                raise Invalid("The formula for filtering records is invalid: Unknown field names: "
                              "%s" % name.lower())
            return ("field", self.by_name[name])
        if kind != "word" or text.upper() not in FUNCTIONS or not self.take("op", "("):
            raise Invalid("The formula for filtering records is invalid: Invalid formula.")
        args = []
        while not self.take("op", ")"):
            if args and not self.take("op", ","):
                raise Invalid("The formula for filtering records is invalid: Invalid formula.")
            args.append(self.compare())
        if len(args) not in FUNCTIONS[text.upper()]:
            raise Invalid("The formula for filtering records is invalid: Invalid formula.")
        return (text.upper(), *args)

    def evaluate(self, node, record):
        name, args = node[0], node[1:]
        if name == "literal":
            return args[0]
        if name == "field":
            return record["cells"].get(args[0])
        if name == "CREATED_TIME":
            return data.iso(record["created"])
        if name == "BLANK":
            return None
        if name == "IF":
            return self.evaluate(args[1] if self.evaluate(args[0], record) else args[2], record)
        values = [self.evaluate(arg, record) for arg in args]
        if name == "AND":
            return all(values)
        if name == "OR":
            return any(values)
        if name == "NOT":
            return not values[0]
        if name == "IS_BEFORE":
            return time_of(values[0]) < time_of(values[1])
        if name == "IS_AFTER":
            return time_of(values[0]) > time_of(values[1])
        left, right = ("" if v is None else v for v in values)
        if name in ("=", "!="):
            return (left == right) == (name == "=")
        try:
            return {"<": left < right, ">": left > right,
                    "<=": left <= right, ">=": left >= right}[name]
        except TypeError:
            raise Wrong() from None

    def matches(self, record):
        try:
            return bool(self.evaluate(self.tree, record))
        except Wrong:
            return False


FUNCTIONS = {"IF": (3,), "AND": range(1, 99), "OR": range(1, 99), "NOT": (1,), "BLANK": (0,),
             "CREATED_TIME": (0,), "IS_BEFORE": (2,), "IS_AFTER": (2,)}
