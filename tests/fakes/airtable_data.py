# SPDX-License-Identifier: Apache-2.0
"""What is in the bases of airtable.py: fields of every kind, their cells, and beside each cell what
a reader should make of it."""
import json


def iso(second, ms=0):
    """Seconds since 1970 as Airtable writes times."""
    days, rest = divmod(int(second), 86400)
    year, day = 1970, days
    while day >= 365 + leap(year):
        day -= 365 + leap(year)
        year += 1
    months = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    month = 0
    while day >= months[month]:
        day -= months[month]
        month += 1
    return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (
        year, month + 1, day + 1, rest // 3600, rest // 60 % 60, rest % 60, ms)


def leap(year):
    return int(year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


FIRST = 1704067200      # 2024-01-01
PEOPLE = "struct<id: string, email: string, name: string>"
SMALL = "struct<url: string, width: bigint, height: bigint>"
FILES = ("struct<id: string, url: string, filename: string, size: bigint, type: string, "
         "width: bigint, height: bigint, thumbnails: struct<small: %s, large: %s, full: %s>>" % (
             SMALL, SMALL, SMALL))
AI = "struct<state: string, isStale: boolean, value: string, errorType: string>"


def person(i):
    got = {"id": "usr%014d" % i, "email": "p%d@example.com" % i, "name": "Pérsön %d" % i}
    if i % 3 == 2:
        del got["name"], got["email"]
    return got


def attachment(i):
    got = {"id": "att%014d" % i, "url": "https://v5.airtableusercontent.com/%d?x=1&y=\u00fc" % i,
           "filename": "\u00dcn \"%d\".pdf" % i, "size": 9007199254740993 + i,
           "type": "application/pdf"}
    if i % 2:
        full = {"url": "https://v5.airtableusercontent.com/f", "width": 10, "height": 20}
        got.update(width=1, height=2, thumbnails={"small": full, "large": full, "full": full})
    return got


def link(i):
    return "recLINKED%08d" % i


def formula(result, **more):
    return dict({"formula": "{fld}", "isValid": result is not None, "referencedFieldIds": [],
                 "result": result}, **more)


def lookup(result):
    return {"fieldIdInLinkedTable": "fldX", "recordLinkFieldId": "fldY",
            "isValid": result is not None, "result": result}


def same(make):
    """A cell that stays as it is; every seventh is empty, which Airtable does not send."""
    def cell(i):
        value = make(i) if i % 7 else None
        return value, value
    return cell


def as_list(*pairs):
    """One (cell, column) pair after the other."""
    return lambda i: pairs[i % len(pairs)]


ERROR = {"error": "#ERROR!"}
NAN = {"specialValue": "NaN"}
TEXTS = ["plain", "it's \"quoted\" \\ {x}", "\u00dc\U0001f600", "two\nlines\t", "${api_token}", " "]
DATE = {"type": "date", "options": {"dateFormat": {"name": "iso", "format": "YYYY-MM-DD"}}}
TIME = {"type": "dateTime", "options": {"timeZone": "utc", "dateFormat": {"name": "iso"}}}
NUMBER = {"type": "number", "options": {"precision": 1}}
TEXT = {"type": "singleLineText"}

day = same(lambda i: iso(FIRST + i * 86400)[:10])
moment = same(lambda i: iso(FIRST + i * 3601, i % 1000))
words = same(lambda i: TEXTS[i % len(TEXTS)])

# name in Airtable, name and type of the column, type and options of the field, its cells
EVERYTHING = [
    ("Name", "name", "string", "singleLineText", None, words),
    ("ID", "id_2", "double", "number", {"precision": 0}, same(lambda i: i)),
    ("createdTime", "createdtime_2", "timestamp", "createdTime", {"result": TIME}, moment),
    ("Notes", "notes", "string", "multilineText", None, words),
    ("notes ", "notes_", "string", "multilineText", None, words),
    ("NOTES", "notes_3", "string", "richText", None, words),
    ("Notes 2", "notes_2", "string", "singleLineText", None, words),
    ("Price/Unit ($)", "price_unit_dollar", "double", "currency",
     {"precision": 2, "symbol": "\u20ac"}, same(lambda i: i / 4)),
    ("% done", "__done", "double", "percent", {"precision": 1}, same(lambda i: i / 1000)),
    ("Duration", "duration", "double", "duration", {"durationFormat": "h:mm:ss.SSS"},
     same(lambda i: i + 0.125)),
    ("Rating", "rating", "bigint", "rating", {"max": 5, "icon": "star"}, same(lambda i: i % 5 + 1)),
    ("Exact", "exact", "double", "number", {"precision": 8}, same(lambda i: 1e-8 * i - 3)),
    ("Done?", "done_", "boolean", "checkbox", {"icon": "check", "color": "greenBright"},
     as_list((True, True), (None, False))),
    ("Due", "due", "date", "date", DATE["options"], day),
    ("At", "at", "timestamp", "dateTime", TIME["options"], moment),
    ("In Vienna", "in_vienna", "timestamp", "dateTime", {"timeZone": "Europe/Vienna"}, moment),
    ("On the client", "on_the_client", "timestamp", "dateTime", {"timeZone": "client"}, moment),
    ("Status", "status", "string", "singleSelect", {"choices": []},
     as_list(("Open", "Open"), ("Won, \"big\"", "Won, \"big\""), (None, None))),
    ("Tags", "tags", "array<string>", "multipleSelects", {"choices": []},
     same(lambda i: TEXTS[:i % 4 + 1])),
    ("Links", "links", "array<string>", "multipleRecordLinks", {"linkedTableId": "tblX"},
     as_list(([link(1)], [link(1)]), ([{"id": link(2)}, link(3)], [link(2), link(3)]),
             (None, None))),
    ("Owner", "owner", PEOPLE, "singleCollaborator", {}, same(person)),
    ("Team", "team", "array<%s>" % PEOPLE, "multipleCollaborators", {},
     same(lambda i: [person(i), person(i + 1)])),
    ("Maker", "maker", PEOPLE, "createdBy", None, same(person)),
    ("Editor", "editor", PEOPLE, "lastModifiedBy", None, same(person)),
    ("Files", "files", "array<%s>" % FILES, "multipleAttachments", {"isReversed": False},
     same(lambda i: [attachment(i), attachment(i + 1)])),
    ("Barcode", "barcode", "struct<text: string, type: string>", "barcode", None,
     as_list(({"text": "123", "type": "upce"},) * 2, ({"text": "4"},) * 2, (None, None))),
    ("Push", "push", "struct<label: string, url: string>", "button", None,
     as_list(({"label": "Go", "url": "https://example.com/?a=1"},) * 2,
             ({"label": "No", "url": None},) * 2)),
    ("AI", "ai", AI, "aiText", {"prompt": ["x"]},
     as_list(({"state": "generated", "isStale": False, "value": "Yes \u00fc"},) * 2,
             ({"state": "error", "errorType": "emptyDependency", "isStale": True,
               "value": None},) * 2)),
    ("Mail", "mail", "string", "email", None, same(lambda i: "m%d@example.com" % i)),
    ("Web", "web", "string", "url", None, same(lambda i: "https://example.com/%d" % i)),
    ("Phone", "phone", "string", "phoneNumber", None, same(lambda i: "(415) 555-%04d" % i)),
    ("Source", "source", "string", "externalSyncSource", {"choices": []}, words),
    ("Number #", "number_num", "bigint", "autoNumber", None, same(lambda i: i + 1)),
    ("Count", "count", "bigint", "count", {"isValid": True, "recordLinkFieldId": "fldY"},
     same(lambda i: i % 9)),
    ("F number", "f_number", "double", "formula", formula(NUMBER),
     as_list((1.5, 1.5), (ERROR, None), (NAN, "NaN"), ({"specialValue": "Infinity"}, "Infinity"),
             ([2], 2), (None, None))),
    ("F text", "f_text", "string", "formula", formula(TEXT),
     as_list(("a", "a"), (7, "7"), (ERROR, None), (["a", "b"], '["a","b"]'), (True, "true"))),
    ("F date", "f_date", "date", "formula", formula(DATE), day),
    ("F time", "f_time", "timestamp", "formula", formula(TIME), moment),
    ("F check", "f_check", "boolean", "formula", formula({"type": "checkbox", "options": {}}),
     as_list((True, True), (None, False))),
    ("F broken", "f_broken", "string", "formula", formula(None),
     as_list((ERROR, None), (None, None))),
    ("R number", "r_number", "double", "rollup", formula(NUMBER), as_list((3, 3), (ERROR, None))),
    ("R text", "r_text", "string", "rollup", formula(TEXT), words),
    ("L text", "l_text", "array<string>", "multipleLookupValues", lookup(TEXT),
     as_list((["a", "b"],) * 2, ([5, None, ERROR], ["5", None, None]), (None, None))),
    ("L number", "l_number", "array<double>", "multipleLookupValues", lookup(NUMBER),
     as_list(([1, 2.5],) * 2, ([ERROR, NAN, 4], [None, "NaN", 4]), (ERROR, None))),
    ("L check", "l_check", "array<boolean>", "lookup", lookup({"type": "checkbox"}),
     as_list(([True, None],) * 2)),
    ("L tags", "l_tags", "array<string>", "multipleLookupValues",
     lookup({"type": "multipleSelects"}), same(lambda i: ["x", "y\u00fc"])),
    ("L files", "l_files", "array<%s>" % FILES, "multipleLookupValues",
     lookup({"type": "multipleAttachments"}), same(lambda i: [attachment(i)])),
    ("L people", "l_people", "array<%s>" % PEOPLE, "multipleLookupValues",
     lookup({"type": "createdBy"}), same(lambda i: [person(i)])),
    ("L lookup", "l_lookup", "array<date>", "multipleLookupValues",
     lookup({"type": "multipleLookupValues", "options": lookup(DATE)}),
     same(lambda i: ["2024-02-29"])),
    ("L formula", "l_formula", "array<timestamp>", "multipleLookupValues",
     lookup({"type": "formula", "options": formula(TIME)}), same(lambda i: [iso(FIRST)])),
    ("L broken", "l_broken", "array<string>", "multipleLookupValues", lookup(None),
     as_list((ERROR, None), (None, None))),
    ("New kind", "new_kind", "string", "holoCube", {"x": 1},
     as_list(({"a": [1, "\u00fc"]}, '{"a":[1,"\u00fc"]}'), ("b", "b"), (2.50, "2.5"))),
    ("No kind", "no_kind", "string", None, None, words),
    ("\U0001f600", "_", "string", "singleLineText", None, words),
    ("\U0001f388", "__2", "string", "singleLineText", None, words),
    ("2nd", "col_2nd", "string", "singleLineText", None, words),
    ("Gr\u00d6\u00dfe", "gr\u00f6\u00dfe", "string", "singleLineText", None, words),
    ("GR\u00d6\u00dfE", "gr\u00f6\u00dfe_2", "string", "singleLineText", None, words),
    ("\u03a9MEGA \u0416\u0418", "\u03c9mega_\u0436\u0438", "string", "singleLineText", None, words),
    ("\u6771\u4eac\u3002", "\u6771\u4eac_", "string", "singleLineText", None, words),
    ("()", "field", "string", "singleLineText", None, words),
    ("A--B,{c}=\"\u2122\"", "a__bc___", "string", "singleLineText", None, words),
    ("Born", "born", "date", "createdTime", {"result": DATE}, day),
    ("Status changed", "status_changed", "timestamp", "lastModifiedTime",
     {"isValid": True, "referencedFieldIds": ["fldOther"], "result": TIME}, moment),
    ("Changed on", "changed_on", "date", "lastModifiedTime",
     {"isValid": True, "referencedFieldIds": [], "result": DATE}, day),
]

# "Last modified" and "Plan" are made by airtable.py
TASKS = [
    ("Name", "name", "string", "singleLineText", None, same(lambda i: "Task %d" % i)),
    ("Status", "status", "string", "singleSelect", {"choices": []},
     as_list(("Open", "Open"), ("it's done", "it's done"), (None, None))),
    ("Last {modified} 'at'", "last_modified__at_", "timestamp", "lastModifiedTime",
     {"isValid": True, "referencedFieldIds": [], "result": TIME}, None),
    ("Planned", "planned", "timestamp", "dateTime", TIME["options"],
     as_list((iso(FIRST + 5),) * 2, (None, None), ("2099-01-01T00:00:00.000Z",) * 2)),
]

PLAIN = [
    ("Name", "name", "string", "singleLineText", None, words),
    ("Value", "value", "double", "number", {"precision": 0}, same(lambda i: i)),
]


def as_text(value, zone):
    """A cell with cellFormat string: what Airtable shows, more or less."""
    if isinstance(value, list):
        return ", ".join(as_text(v, zone) for v in value)
    if isinstance(value, dict):
        return value.get("name") or value.get("filename") or json.dumps(value)
    if value is True:
        return "checked"
    if isinstance(value, str) and value.endswith("Z") and value[10:11] == "T":
        return "%s in %s" % (value[:16], zone)
    return str(value)
