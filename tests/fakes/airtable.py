#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Airtable's Web API: bases, schemas, lists of records, OAuth tokens.

Bases: appMain0000000001 ("Operations") with the tables Everything (a field of every kind), Tasks (a
field that says when a record changed), one with an odd name, and Empty; appSecond00000002 and
appTwin0000000003, both "Archive", with a table Tasks each.

    GET  /_fake/rows?table=T&base=B[&format=string]   what a reader should make of it, JSON Lines
    GET  /_fake/columns?table=T                       NAME TYPE, a line each
    POST /_fake/change?table=T&at=S&n=N&delete=D&add=A   changes records, at the second S and later
    POST /_fake/drift?page=K    after K more pages the field Name is renamed and Notes is deleted
    POST /_fake/expire          forgets all lists

Options: --records, --tasks N; --max-page N; --expire N,N,...: at which requests for a further page
the list is forgotten (0: at each); --empty-page N; --change-every N: changes records of Tasks
between pages, at --change-at S; --empty-last: sorts records without a value last; --no-scope SCOPE;
--penalty-s N: nothing succeeds for so long after a 429, and --retry-after: it says so; --bases N
more of them; --oauth: the token is one of OAuth; --one-order: lists of the same come in the same
order, which otherwise is a new one for each.
"""
import json
import random

import airtable_data as data
import airtable_formula
import fake
from fake import Answer, answer_json, route

TOKEN = "pat3n/Fake+Token.5ecret=="
CLIENT, CLIENT_SECRET, REFRESH = "client/1", "cl+5ecret/=", "refresh-0/5ecret"
MAIN, SECOND, TWIN = "appMain0000000001", "appSecond00000002", "appTwin0000000003"
ODD = "Sales/2026? #1 \"q\" 100% \U0001f600"
KNOWN = {"pageSize", "maxRecords", "offset", "view", "fields", "sort", "filterByFormula",
         "cellFormat", "timeZone", "userLocale", "returnFieldsByFieldId"}


class Table:
    """Fields, and records by id: {"created", "cells": {field id: cell}, "expected": {...}}."""

    def __init__(self, source, number, name, fields, count):
        self.source, self.name, self.number = source, name, number
        self.id = "tbl%014d" % number
        self.fields = [dict(zip(("name", "column", "spark", "type", "options", "make"), f),
                            id="fld%04dX%09d" % (number, k)) for k, f in enumerate(fields)]
        self.views = [{"id": "viw%014d" % number, "name": "Open ones", "type": "grid"}]
        self.records, self.count = {}, 0
        for _ in range(count):
            self.add(data.FIRST + self.count // 3)

    def field(self, name):
        for field in self.fields:
            if name in (field["name"], field["id"]):
                return field
        return None

    def modified_field(self):
        for field in self.fields:
            if field["make"] is None:
                return field["id"]
        return None

    def add(self, second):
        """A record; every tenth has not been changed since."""
        i = self.count
        self.count += 1
        record = {"id": "rec%04d%010d" % (self.number, i * 7919 % 10 ** 9), "created": second,
                  "cells": {}, "expected": {}}
        for field in self.fields:
            if field["make"]:
                cell, expected = field["make"](i)
                record["expected"][field["id"]] = expected
                if cell is not None:
                    record["cells"][field["id"]] = cell
        self.records[record["id"]] = record
        if i % 10:
            self.touch(record, second)
        return record

    def touch(self, record, second):
        field = self.modified_field()
        if field:
            record["cells"][field] = record["expected"][field] = data.iso(second)

    def schema(self):
        fields = []
        for f in self.fields:
            entry = {"id": f["id"], "name": f["name"], "type": f["type"], "options": f["options"]}
            fields.append({k: v for k, v in entry.items() if v is not None})
        return {"id": self.id, "name": self.name, "primaryFieldId": fields[0]["id"],
                "fields": fields, "views": self.views}

    def row(self, record, zone):
        """As the connector should give it."""
        row = {"id": record["id"], "createdTime": data.iso(record["created"])}
        for field in self.fields:
            value = record["expected"].get(field["id"])
            if zone:
                cell = record["cells"].get(field["id"])
                value = None if cell is None else data.as_text(cell, zone)
            row[field["column"]] = value
        return row


class Airtable(fake.Source):
    name = "airtable"

    @staticmethod
    def add_options(parser):
        parser.add_argument("--records", type=int, default=230)
        parser.add_argument("--tasks", type=int, default=250)
        parser.add_argument("--max-page", type=int, default=100)
        parser.add_argument("--expire", default="")
        parser.add_argument("--empty-page", type=int, default=0)
        parser.add_argument("--change-every", type=int, default=0)
        parser.add_argument("--change-at", type=int, default=0)
        parser.add_argument("--empty-last", action="store_true")
        parser.add_argument("--no-scope", action="append", default=[])
        parser.add_argument("--penalty-s", type=float, default=30)
        parser.add_argument("--retry-after", action="store_true")
        parser.add_argument("--bases", type=int, default=0)
        parser.add_argument("--oauth", action="store_true")
        parser.add_argument("--one-order", action="store_true")

    def __init__(self, args):
        super().__init__(args)
        self.bases = {MAIN: "Operations", SECOND: "Archive", TWIN: "Archive"}
        for i in range(args.bases):
            self.bases["appMore%010d" % i] = "More %d" % i
        self.tables = {base: [] for base in self.bases}
        self.tables[MAIN] = [Table(self, 1, "Everything", data.EVERYTHING, args.records),
                             Table(self, 2, "Tasks", data.TASKS, args.tasks),
                             Table(self, 3, ODD, data.PLAIN, 20),
                             Table(self, 4, "Empty", data.PLAIN, 0)]
        self.tables[SECOND] = [Table(self, 5, "Tasks", data.PLAIN, 7)]
        self.tables[TWIN] = [Table(self, 6, "Tasks", data.PLAIN, 3)]
        self.add_limit("user", 50, 1, sliding=True)
        self.add_limit("base", 5, 1, sliding=True)
        self.iterators, self.pages, self.further, self.drift = {}, 0, 0, None
        self.blocked_until = {}
        self.tokens, self.good_token, self.refresh = 0, TOKEN, REFRESH
        if args.oauth:
            self.good_token = None
        self.changed_at = args.change_at

    # --- what tests ask
    def find(self, base, name):
        for table in self.tables.get(base, ()):
            if name in (table.name, table.id):
                return table
        return None

    def asked(self, request):
        return self.find(request.arg("base", MAIN), request.arg("table", ""))

    def ids(self, table, request):
        found = self.asked(request)
        return found and list(found.records)

    def control(self, name, request):
        with self.lock:
            if name == "expire":
                self.iterators = {}
                return {}
            if name == "drift":
                self.drift = request.number("page", 1)
                return {}
            table = self.asked(request)
            if table is None:
                return None
            if name == "columns":
                return Answer(200, "".join("%s %s\n" % (f["column"], f["spark"])
                                           for f in table.fields))
            if name == "rows":
                zone = "Europe/Vienna" if request.arg("format") == "string" else None
                return Answer(200, "".join(
                    json.dumps(table.row(r, zone), ensure_ascii=False) + "\n"
                    for _, r in sorted(table.records.items())))
            return self.changes(table, request) if name == "change" else None

    def changes(self, table, request):
        second = request.number("at", 0)
        changed, deleted, added = [], [], []
        for record in self.random.sample(list(table.records.values()), request.number("n", 0)):
            table.touch(record, second + len(changed))
            changed.append(record["id"])
        rest = [i for i in table.records if i not in changed]
        for i in self.random.sample(rest, request.number("delete", 0)):
            del table.records[i]
            deleted.append(i)
        for _ in range(request.number("add", 0)):
            added.append(table.add(second + len(added))["id"])
        return {"changed": changed, "deleted": deleted, "added": added}

    # --- sign-in, limits, errors
    def secrets(self):
        return {"token": TOKEN, "client_secret": CLIENT_SECRET, "refresh": self.refresh,
                "access": self.good_token or TOKEN}

    def may_carry(self, request, name, where):
        if request.path == "/oauth2/v1/token":
            return name in ("refresh", "client_secret")
        return super().may_carry(request, name, where)

    def sign_in(self, request):
        if request.path == "/oauth2/v1/token":
            return None
        if self.good_token and request.bearer() == self.good_token:
            return None
        return self.error(401, request)

    def base_of(self, request):
        parts = request.path.split("/")
        base = parts[4] if parts[2:4] == ["meta", "bases"] and len(parts) > 4 else parts[2]
        return base if base in self.bases else None

    def bucket(self, request):
        if not request.path.startswith("/v0/"):
            return None
        base = self.base_of(request)
        if base is None:
            return "user"
        if base not in self.limits:
            of_all = self.limits["base"]
            self.add_limit(base, of_all.rate, of_all.per_s, of_all.concurrent, sliding=True)
        return base, "user"

    def limited(self, request, limit, wait_s):
        """Nothing more succeeds until the penalty is over."""
        limit.wait_until, limit.times = 0, []   # the penalty, whatever was left of the window
        limit.tell(fake.limits.now(), self.args.penalty_s)
        self.blocked_until[limit.name] = fake.limits.now() + self.args.penalty_s
        return self.too_many()

    def too_many(self):
        headers = [("Retry-After", "%d" % self.args.penalty_s)] if self.args.retry_after else []
        return answer_json({"errors": [{"error": "RATE_LIMIT_REACHED", "message":
                                        "Rate limit exceeded. Please try again later"}]}, 429,
                           headers)

    def error(self, status, request):
        bodies = {
            401: ("AUTHENTICATION_REQUIRED", "Authentication required"),
            403: ("INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", "Invalid permissions, or the requested "
                  "model was not found. Check that both your user and your token have the required "
                  "permissions, and that the model names and/or ids are correct."),
            429: ("RATE_LIMIT_REACHED", "Rate limit exceeded. Please try again later"),
            503: ("SERVICE_UNAVAILABLE", "The server could not process your request in time."),
        }
        if status == 404:
            return answer_json({"error": "NOT_FOUND"}, 404)
        kind, text = bodies.get(status, ("SERVER_ERROR", "An error occurred"))
        return answer_json({"error": {"type": kind, "message": text}}, status)

    @staticmethod
    def invalid(kind, text):
        return answer_json({"error": {"type": kind, "message": text}}, 422)

    def handle(self, request):
        blocked = self.blocked_until.get(self.base_of(request) or "user", 0) \
            if request.path.startswith("/v0/") else 0
        if fake.limits.now() < blocked:
            return self.too_many()
        return super().handle(request)

    def lacks(self, scope):
        return scope in self.args.no_scope

    # --- bases and schemas
    @route("GET", "/v0/meta/whoami")
    def whoami(self, request):
        return answer_json({"id": "usrMe00000000001"})

    @route("GET", "/v0/meta/bases")
    def list_bases(self, request):
        if self.lacks("schema.bases:read"):
            return self.error(403, request)
        ids = list(self.bases)
        first = int((request.arg("offset") or "itr/0").split("/")[1])
        answer = {"bases": [{"id": i, "name": self.bases[i], "permissionLevel": "create"}
                            for i in ids[first:first + 1000]]}
        if first + 1000 < len(ids):
            answer["offset"] = "itr/%d" % (first + 1000)
        return answer_json(answer)

    @route("GET", "/v0/meta/bases/{base}/tables")
    def list_tables(self, request):
        base = request.match["base"]
        if base not in self.bases or self.lacks("schema.bases:read"):
            return self.error(403, request)
        with self.lock:
            return answer_json({"tables": [t.schema() for t in self.tables[base]]})

    # --- records
    @route("POST", "/v0/{base}/{table}/listRecords")
    def list_records(self, request):
        if self.lacks("data.records:read"):
            return self.error(403, request)
        with self.lock:
            table = self.find(request.match["base"], request.match["table"])
            if table is None:
                return self.error(403, request)
            try:
                what = request.json()
                return self.wrong_parameter(table, what) or self.page(table, what, request)
            except airtable_formula.Invalid as wrong:
                return self.invalid("INVALID_FILTER_BY_FORMULA", str(wrong))
            except ValueError:
                return self.invalid("INVALID_REQUEST_UNKNOWN", "Could not parse request body")

    def wrong_parameter(self, table, what):
        if set(what) - KNOWN:
            return self.invalid("INVALID_REQUEST_UNKNOWN", "Invalid request: parameter validation "
                                "failed: %s" % sorted(set(what) - KNOWN)[0])
        size = what.get("pageSize", 100)
        if not isinstance(size, int) or not 1 <= size <= 100:
            return self.invalid("INVALID_PAGE_SIZE", "Page size must be between 1 and 100")
        for name in what.get("fields", []) + [s["field"] for s in what.get("sort", [])]:
            if table.field(name) is None:
                return self.invalid("UNKNOWN_FIELD_NAME", "Unknown field name: \"%s\"" % name)
        if "view" in what and what["view"] not in (table.views[0]["id"], table.views[0]["name"]):
            return self.invalid("VIEW_NAME_NOT_FOUND", "View %s not found" % what["view"])
        if what.get("cellFormat") == "string" and not (what.get("timeZone") and
                                                       what.get("userLocale")):
            return self.invalid("INVALID_TIMEZONE", "timeZone and userLocale are required")
        return None

    def begin(self, table, what):
        """The ids of a list, as they are now, in its order."""
        rows = list(table.records.values())
        if "filterByFormula" in what:
            by_name = {f[key]: f["id"] for f in table.fields for key in ("name", "id")}
            formula = airtable_formula.Formula(what["filterByFormula"], by_name)
            rows = [r for r in rows if formula.matches(r)]
        if "view" in what:
            rows = rows[::2]
        (random.Random(self.args.seed) if self.args.one_order else self.random).shuffle(rows)
        for sort in reversed(what.get("sort", [])):
            key = table.field(sort["field"])["id"]
            last = "\x7f" if self.args.empty_last else ""
            rows.sort(key=lambda r: r["cells"].get(key) or last,
                      reverse=sort.get("direction") == "desc")
        return [r["id"] for r in rows[:what.get("maxRecords", len(rows))]]

    def is_forgotten(self):
        self.further += 1
        return str(self.further) in self.args.expire.split(",") or self.args.expire == "0"

    def page(self, table, what, request):
        after = what.pop("offset", None)
        if after is None:
            name = "itr%014d" % request.n
            self.iterators[name] = (json.dumps(what, sort_keys=True), self.begin(table, what))
            at = 0
        else:
            name, _, at = after.partition("/rec")
            if self.is_forgotten():
                self.iterators.pop(name, None)
            if name not in self.iterators:
                return self.invalid("LIST_RECORDS_ITERATOR_NOT_AVAILABLE",
                                    "The list records iterator is not available.")
            at = int(at.rstrip("+"))
        parameters, ids = self.iterators[name]
        if parameters != json.dumps(what, sort_keys=True):
            self.violation(request, "other parameters", "a page of a list that began with others")
        self.pages += 1
        size = 0 if self.pages == self.args.empty_page else min(what.get("pageSize", 100),
                                                                self.args.max_page)
        given = [table.records[i] for i in ids[at:at + size] if i in table.records]
        answer = {"records": [self.record(table, r, what) for r in given]}
        if at + size < len(ids):
            # an empty page leads to another place than the one before
            answer["offset"] = "%s/rec%d%s" % (name, at + size, "" if size else "+")
            self.between_pages(table, given)
        return answer_json(answer)

    def record(self, table, record, what):
        names = {f["id"] for name in what["fields"] for f in [table.field(name)]} \
            if "fields" in what else None
        cells = {}
        for field in table.fields:
            cell = record["cells"].get(field["id"])
            if cell is None or (names is not None and field["id"] not in names):
                continue
            if what.get("cellFormat") == "string":
                cell = data.as_text(cell, what["timeZone"])
            cells[field["id" if what.get("returnFieldsByFieldId") else "name"]] = cell
        return {"id": record["id"], "createdTime": data.iso(record["created"]), "fields": cells}

    def between_pages(self, table, given):
        every = self.args.change_every
        if every and self.pages % every == 0 and table.modified_field():
            ids = {r["id"] for r in given}
            rest = [r for r in table.records.values() if r["id"] not in ids]
            for some in (given, rest):
                if some:
                    self.changed_at += 1
                    table.touch(self.random.choice(some), self.changed_at)
        if self.drift is not None:
            self.drift -= 1
            if self.drift == 0:
                table.fields = [f for f in table.fields if f["name"] != "Notes"]
                table.field("Name")["name"] = "Renamed"
                self.drift = None

    # --- OAuth
    @route("POST", "/oauth2/v1/token")
    def token(self, request):
        form = request.form()
        if request.client() != (CLIENT, CLIENT_SECRET):
            return answer_json({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh:
            return answer_json({"error": "invalid_grant"}, 400)
        with self.lock:
            self.tokens += 1
            self.good_token = "oaa-%d/5ecret" % self.tokens
            self.refresh = "refresh-%d/5ecret" % self.tokens
        return answer_json({"access_token": self.good_token, "refresh_token": self.refresh,
                            "token_type": "Bearer", "expires_in": 3600,
                            "refresh_expires_in": 5184000, "scope": "data.records:read"})


if __name__ == "__main__":
    fake.main(Airtable)
