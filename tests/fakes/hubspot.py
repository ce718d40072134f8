#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""HubSpot, as far as reading CRM objects goes.

    GET  /crm/v3/schemas                      custom objects
    GET  /crm/v3/properties/TYPE
    GET  /crm/v3/objects/TYPE                 limit (to 100), after, archived, properties, associations
    POST /crm/v3/objects/TYPE/search          limit (to 200), after (below 10,000), filters, one sort
    POST /crm/v3/objects/TYPE/batch/read      up to 100 ids
    POST /crm/v4/associations/A/B/batch/read  up to 100 ids
    GET  /crm/v4/objects/A/ID/associations/B  limit (to 500), after
    POST /oauth/v1/token                      refresh_token

Sign-in is a bearer token. Limits: `default` 100 in 10 seconds, `search` 5 a second, whose answers
carry no rate headers. 429s have no Retry-After, but a policyName.

Options, besides those of fake.py: how many of each table; --properties N (so many more of them);
--inline-links N (so many associations of a record in one answer); --empty-page N (the N-th page of
lists and searches of each table comes empty, and there is more); --change-every N (after each N-th
page a record that was given out changes, and one that was not); --search-results N (that a search
has at most, instead of 10,000); --lag-ms N (searches do not find
what changed that short ago); --no-custom (403 for custom objects); --no-scope TABLE (403).

/_fake/ids?table=T   ids of living records     ?table=T&of=archived   of the archived ones
/_fake/rows?table=T  living records as a reader should have them in the end, JSON lines
/_fake/change?table=T&n=N&delete=M&add=K&same=1   POST: that many records change, go, come, all at
                     the same millisecond or not; says which
/_fake/still         POST: nothing changes between pages any more
/_fake/caught-up     POST: searches find everything (see --lag-ms)
/_fake/revoke        POST: the token is void
"""
import base64
import datetime
import json
import time

import fake
from fake import Answer, answer_json, route

TOKEN = "pat-eu1-5e/c+ret-81f2"
CLIENT, CLIENT_SECRET, REFRESH = "client-7", "hs-cl1ent-5ecret", "hs-r3fresh-0b6c"
FIRST_TIME = 1704067200000          # 2024-01-01, in milliseconds
FUTURE = 4007664000000              # 2097
FIRST_ID = 9007199254740993         # no double holds it
LINKS = {
    "contacts": ("companies",), "companies": ("contacts",),
    "deals": ("contacts", "companies", "tickets"), "tickets": ("contacts", "companies", "deals"),
    "calls": ("contacts", "companies", "deals", "tickets"),
    "emails": ("contacts", "companies", "deals", "tickets"),
    "meetings": ("contacts", "companies", "deals", "tickets"),
    "tasks": ("contacts", "companies", "deals", "tickets"),
    "notes": ("contacts", "companies", "deals", "tickets")}
NO_ARCHIVE = ("calls", "meetings")
CUSTOM = {"cars": ("2-1001", "Cars", "p77_Cars"), "p77_contacts": ("2-1002", "contacts",
                                                                   "p77_contacts")}
COUNTS = {"contacts": 260, "companies": 130, "deals": 120, "tickets": 60, "calls": 30,
          "emails": 30, "meetings": 20, "tasks": 20, "notes": 20, "cars": 120, "p77_contacts": 7}
WORDS = ("printer", "Gr\u00fc\u00dfe", "\u65e5\u672c\u8a9e", "invoice", "\U0001f600 emoji", "a \"quote\"",
         "back\\slash", "two\nlines", "${access_token}", "tab\there", "\u2028separator")
PROPERTIES = (      # name, type, field type
    ("hs_object_id", "number", "number"), ("createdate", "datetime", "date"),
    ("name", "string", "text"), ("amount", "number", "number"), ("is_vip", "bool", "booleancheckbox"),
    ("stage", "enumeration", "select"), ("born", "date", "date"),
    ("hs_hd_ticket_ids", "number", "number"), ("phone", "phone_number", "phonenumber"),
    ("extra", "json", "text"), ("place", "object_coordinates", "text"))


def iso(ms):
    """As HubSpot writes it: without a fraction when there is none."""
    at = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (".%03dZ" % (ms % 1000) if ms % 1000 else "Z")


def now_ms():
    return int(time.time() * 1000)


class Table:
    def __init__(self, name, cursor):
        self.name, self.cursor = name, cursor
        self.rows = {}              # id: row; "_time" is when it changed, "_links" ids by table
        self.pages = 0


class HubSpot(fake.Source):
    name = "hubspot"

    @staticmethod
    def add_options(parser):
        for table, n in COUNTS.items():
            parser.add_argument("--" + table.replace("_", "-"), type=int, default=n)
        for name in ("properties", "empty-page", "change-every", "lag-ms"):
            parser.add_argument("--" + name, type=int, default=0)
        parser.add_argument("--search-results", type=int, default=10000)
        parser.add_argument("--inline-links", type=int, default=100)
        parser.add_argument("--no-custom", action="store_true")
        parser.add_argument("--no-scope", default="")

    def __init__(self, args):
        super().__init__(args)
        self.add_limit("default", 100, 10, sliding=True)
        self.add_limit("search", 5, 1, sliding=True)
        self.good_tokens = {TOKEN}
        self.searches = 0
        self.tables = {}
        self.types = {}             # what stands in URLs: table
        self.next_id = 0
        self.extra = ["custom_property_with_a_long_name_%04d" % i for i in range(args.properties)]
        for name in COUNTS:
            cursor = "lastmodifieddate" if name == "contacts" else "hs_lastmodifieddate"
            table = self.tables[name] = Table(name, cursor)
            self.types.update({t: table for t in CUSTOM.get(name, (name,))[:1]})
            at = FIRST_TIME
            for i in range(getattr(args, name)):
                at += self.random.choice((0, 0, 1, 7, 60000, 3600000))
                self.add(table, i, FUTURE if i % 97 == 50 else at)
        for table in self.tables.values():
            for i, row in enumerate(table.rows.values()):
                self.link(table, row, i)

    # --- data
    def property_names(self, table):
        return [p[0] for p in PROPERTIES] + [table.cursor] + self.extra

    def text(self):
        if self.random.random() < 0.2:
            return self.random.choice((None, ""))
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randrange(1, 4)))

    def add(self, table, i, at):
        self.next_id += 1   # ids do not grow with time: nothing may rely on it
        spread = (self.next_id * 2654435761) % 1000003
        row = {"id": FIRST_ID + spread * 4096 + self.next_id % 4096, "_time": at, "_links": {},
               "_archived": None, "_created": FIRST_TIME - 1 - i}
        row["_properties"] = {
            "name": self.text(), "amount": self.random.choice(
                (None, "", "12.75", "1E10", "9007199254740993", "-3")),
            "is_vip": self.random.choice((None, "", "true", "false")),
            "stage": self.random.choice(("open", "won", None)), "born": "1990-02-28",
            "hs_hd_ticket_ids": self.random.choice((None, "134376773869;137654776000")),
            "phone": "+49 30 1", "extra": "{\"a\": 1}", "place": None}
        row["_properties"].update({n: self.random.choice((None, n[-4:])) for n in self.extra})
        if i % 23 == 11:
            row["_archived"] = at if at < FUTURE else FIRST_TIME
        table.rows[row["id"]] = row
        return row

    def link(self, table, row, i):
        for other in LINKS.get(table.name, ()):
            ids = list(self.tables[other].rows)
            most = 9 if i % 50 == 7 else self.random.choice((0, 0, 1, 2, 3))
            row["_links"][other] = self.random.sample(ids, min(most, len(ids)))

    def living(self, table):
        return [r for r in table.rows.values() if r["_archived"] is None]

    def change(self, table, row, at):
        """The links change with it: what a reader had of them is not true any more."""
        row["_time"] = at
        row["_properties"]["name"] = "changed"
        self.link(table, row, self.random.randrange(60))

    def value(self, table, row, name):
        if name == "hs_object_id":
            return str(row["id"])
        if name == table.cursor:
            return iso(row["_time"])
        if name == "createdate":
            return iso(row["_created"])
        return row["_properties"].get(name)

    def public(self, table, row, names):
        """Unknown names are passed over; three are always there."""
        known = set(self.property_names(table))
        names = {n for n in names if n in known} | {"hs_object_id", "createdate", table.cursor}
        record = {"id": str(row["id"]),
                  "properties": {n: self.value(table, row, n) for n in sorted(names)},
                  "createdAt": iso(row["_created"]), "updatedAt": iso(row["_time"]),
                  "archived": row["_archived"] is not None, "url": "https://app.hubspot.com/x"}
        if record["archived"]:
            record["archivedAt"] = iso(row["_archived"])
        return record

    # --- what tests ask
    def ids(self, table, request):
        if table not in self.tables:
            return None
        with self.lock:
            archived = request.arg("of") == "archived"
            return [r["id"] for r in self.tables[table].rows.values()
                    if (r["_archived"] is not None) == archived]

    def control(self, name, request):
        table = self.tables.get(request.arg("table"))
        if name == "revoke":    # the next request with the token is a 401
            self.good_tokens = set()
            return {}
        if name == "still":
            self.args.change_every = 0
            return {}
        if name == "caught-up":
            self.args.lag_ms = 0
            return {}
        if table is None:
            return None
        with self.lock:
            if name == "rows":
                rows = []
                for row in sorted(self.living(table), key=lambda r: r["id"]):
                    record = self.public(table, row, self.property_names(table))
                    record = {k: record[k] for k in ("id", "createdAt", "updatedAt", "archived",
                                                     "properties")}
                    record.update({k: [str(i) for i in sorted(v)]
                                   for k, v in row["_links"].items()})
                    rows.append(record)
                return Answer(200, "".join(json.dumps(r, ensure_ascii=False, sort_keys=True) + "\n"
                                           for r in rows))
            if name == "change" and request.method == "POST":
                return self.many_changes(table, request)
        return None

    def many_changes(self, table, request):
        count = 0
        start = now_ms()

        def tick():
            nonlocal count
            count += 1
            return start if request.arg("same") else start - count // 3
        said = {"changed": [], "deleted": [], "added": []}
        rows = self.random.sample(self.living(table),
                                  request.number("n", 0) + request.number("delete", 0))
        for i, row in enumerate(rows):
            if i < request.number("n", 0):
                self.change(table, row, tick())
                said["changed"].append(row["id"])
            else:
                row["_archived"] = tick()
                said["deleted"].append(row["id"])
        for _ in range(request.number("add", 0)):
            row = self.add(table, 0, tick())
            self.link(table, row, 1)
            said["added"].append(row["id"])
        return said

    # --- sign-in, limits, errors
    def secrets(self):
        with self.lock:
            tokens = {t: t for t in self.good_tokens}
        return dict(tokens, token=TOKEN, client_secret=CLIENT_SECRET, refresh=REFRESH,
                    base64=base64.b64encode(TOKEN.encode()).decode())

    def may_carry(self, request, name, where):
        if request.path == "/oauth/v1/token":
            return where == "main body" and name in ("client_secret", "refresh")
        return super().may_carry(request, name, where)

    def sign_in(self, request):
        if request.path == "/oauth/v1/token" or request.bearer() in self.good_tokens:
            return None
        return self.error(401, request)

    def bucket(self, request):
        if request.path == "/oauth/v1/token":
            return None
        return "search" if request.path.endswith("/search") else "default"

    def error(self, status, request):
        messages = {
            401: ("INVALID_AUTHENTICATION", "Authentication credentials not found."),
            403: ("MISSING_SCOPES", "This app hasn't been granted all required scopes to make "
                  "this call."),
            404: ("OBJECT_NOT_FOUND", "resource not found"),
            414: ("URI_TOO_LONG", "URI too long"),
            429: ("RATE_LIMITS", "You have reached your daily limit."),
        }
        category, message = messages.get(status, ("ERROR", "internal error"))
        body = {"status": "error", "message": message, "correlationId": "5b0c3e3a",
                "category": category}
        if status == 429:
            body.update(errorType="RATE_LIMIT", policyName="DAILY")
        return answer_json(body, status)

    def invalid(self, message):
        return answer_json({"status": "error", "message": message, "correlationId": "5b0c3e3a",
                            "category": "VALIDATION_ERROR"}, 400)

    def limited(self, request, limit, wait_s):
        policy = "SECONDLY" if limit.name == "search" else "TEN_SECONDLY_ROLLING"
        return answer_json({"status": "error", "message": "You have reached your %s limit." %
                            policy.lower(), "errorType": "RATE_LIMIT", "policyName": policy,
                            "correlationId": "5b0c3e3a"}, 429)

    def rate_headers(self, request, limit, left, reset_s):
        if limit.name == "search":
            return []
        return [("X-HubSpot-RateLimit-Daily", 650000), ("X-HubSpot-RateLimit-Daily-Remaining", 600000),
                ("X-HubSpot-RateLimit-Interval-Milliseconds", int(limit.per_s * 1000)),
                ("X-HubSpot-RateLimit-Max", limit.rate),
                ("X-HubSpot-RateLimit-Remaining", left)]

    @route("POST", "/oauth/v1/token")
    def token(self, request):
        form = request.form()
        if (form.get("client_id"), form.get("client_secret"), form.get("refresh_token"),
                form.get("grant_type")) != (CLIENT, CLIENT_SECRET, REFRESH, "refresh_token"):
            return answer_json({"status": "BAD_REFRESH_TOKEN", "message": "bad refresh token"}, 400)
        with self.lock:
            self.good_tokens = {"oauth-access-%d" % now_ms()}
            return answer_json({"access_token": list(self.good_tokens)[0], "expires_in": 1800,
                                "refresh_token": REFRESH, "token_type": "bearer"})

    # --- definitions
    def find(self, request, name="type"):
        """(table, None) or (None, answer)."""
        table = self.types.get(request.match[name])
        if table is None:
            return None, self.error(404, request)
        if table.name == self.args.no_scope:
            return None, self.error(403, request)
        return table, None

    @route("GET", "/crm/v3/schemas")
    def schemas(self, request):
        if self.args.no_custom:
            return self.error(403, request)
        results = [{"id": "0", "objectTypeId": "0-1", "name": "contact", "labels": {},
                    "fullyQualifiedName": "contact"}]
        results += [{"id": kind[2:], "objectTypeId": kind, "name": name, "archived": False,
                     "labels": {"singular": name, "plural": name + " (plural)"},
                     "fullyQualifiedName": full, "properties": [], "associations": []}
                    for kind, name, full in CUSTOM.values()]
        return answer_json({"results": results})

    @route("GET", "/crm/v3/properties/{type}")
    def properties(self, request):
        table, wrong = self.find(request)
        if wrong:
            return wrong
        kinds = {name: (kind, field) for name, kind, field in PROPERTIES}
        kinds[table.cursor] = ("datetime", "date")
        results = [{"name": n, "label": "The " + n, "type": kinds.get(n, ("string",))[0],
                    "fieldType": kinds.get(n, ("", "text"))[1], "groupName": "g", "options": [],
                    "hidden": False} for n in self.property_names(table)]
        return answer_json({"results": results})

    # --- lists
    def turn_page(self, table):
        """Whether this page is to come empty."""
        table.pages += 1
        return table.pages == self.args.empty_page

    def changes_between_pages(self, table, given):
        every = self.args.change_every
        if not every or table.pages % every:
            return
        ids = {r["id"] for r in given}
        rest = [r for r in self.living(table) if r["id"] not in ids]
        for some in ([r for r in given if r["_archived"] is None], rest):
            if some:
                self.change(table, self.random.choice(some), now_ms())

    def inline(self, row, other):
        """Once for each way in which it is associated."""
        ids = row["_links"].get(other, [])
        most = self.args.inline_links
        kinds = ["%s_to_%s" % (row["id"] % 7, other), "labelled"]
        links = [{"id": str(i), "type": k} for i in ids[:most] for k in kinds[:1 + i % 2]]
        found = {"results": links}
        if len(ids) > most:
            found["paging"] = {"next": {"after": "MC0yLQ==", "link": "https://api.hubapi.com/x"}}
        return found

    @route("GET", "/crm/v3/objects/{type}")
    def list(self, request):
        table, wrong = self.find(request)
        if wrong:
            return wrong
        if len(request.target) > 8000:
            return self.error(414, request)
        limit, archived = request.number("limit", 10), request.arg("archived") == "true"
        after = request.arg("after") or "0"
        if archived and table.name in NO_ARCHIVE:
            return self.invalid("Paging through deleted objects is not yet supported.")
        if not 1 <= limit <= 100 or not after.isdigit():
            return self.invalid("limit or after is invalid")
        names = (request.arg("properties") or "").split(",")
        others = [o for o in (request.arg("associations") or "").split(",") if o]
        with self.lock:
            rows = sorted((r for r in table.rows.values() if r["id"] >= int(after) and
                           (r["_archived"] is not None) == archived), key=lambda r: r["id"])
            given, rest = rows[:limit], rows[limit:]
            if self.turn_page(table):
                # after is where the next page begins; an empty one can only begin at the same
                given, rest = [], rows
                if rest and after == str(rest[0]["id"]):
                    rest = [dict(rest[0], id="0%d" % rest[0]["id"])]
            results = [self.public(table, r, names) for r in given]
            for row, record in zip(given, results):
                some = {o: self.inline(row, o) for o in others if row["_links"].get(o)}
                if some:
                    record["associations"] = some
            self.changes_between_pages(table, given)
        body = {"results": results}
        if rest:
            body["paging"] = {"next": {"after": str(rest[0]["id"]),
                                       "link": "%s%s" % (self.fake.address("other"),
                                                         request.target)}}
        return answer_json(body)

    # --- searches
    def passes(self, table, row, one):
        name, operator = one["propertyName"], one["operator"]
        if name == table.cursor:
            value = row["_time"]
        elif name == "hs_object_id":
            value = row["id"]
        else:
            raise ValueError("no filter by " + name)
        wanted = int(one["value"])
        return {"GTE": value >= wanted, "LTE": value <= wanted, "GT": value > wanted,
                "LT": value < wanted, "EQ": value == wanted}[operator]

    @route("POST", "/crm/v3/objects/{type}/search")
    def search(self, request):
        table, wrong = self.find(request)
        if wrong:
            return wrong
        body = request.json()
        limit, after = body.get("limit", 10), int(body.get("after", 0))
        groups, sorts = body.get("filterGroups", []), body.get("sorts", [])
        if len(request.body) > 3000 or not 1 <= limit <= 200 or \
                after >= self.args.search_results:
            return self.invalid("The request is too long, or goes beyond what there is")
        if len(groups) != 1 or len(groups[0]["filters"]) > 6 or len(sorts) != 1:
            return self.invalid("filterGroups or sorts")
        if sorts[0]["propertyName"] not in (table.cursor, "hs_object_id"):
            return self.invalid("sorts")
        with self.lock:
            self.searches += 1
            newest = now_ms() - self.args.lag_ms
            rows = [r for r in self.living(table)
                    if (r["_time"] <= newest or r["_time"] == FUTURE) and
                    all(self.passes(table, r, f) for f in groups[0]["filters"])]
            key = "_time" if sorts[0]["propertyName"] == table.cursor else "id"
            # equal times come in any order, another one each time
            salt = self.searches * 40503
            rows.sort(key=lambda r: (r[key], (r["id"] * 2654435761 ^ salt) % 65521))
            given = rows[after:after + limit]
            following = after + limit if after + limit < len(rows) else None
            if self.turn_page(table) and rows[after:]:
                given, following = [], after
            results = [self.public(table, r, body.get("properties", [])) for r in given]
            self.changes_between_pages(table, given)
        answer = {"total": len(rows), "results": results}
        if following is not None:
            answer["paging"] = {"next": {"after": str(following)}}
        return answer_json(answer)

    # --- batches
    def inputs(self, request):
        return [int(i["id"]) for i in request.json().get("inputs", [])]

    def batch_answer(self, results, missing, category, detail=None):
        body = {"status": "COMPLETE", "results": results, "startedAt": iso(now_ms()),
                "completedAt": iso(now_ms())}
        if missing:
            error = {"status": "error", "category": category, "message": "some are missing",
                     "context": {"ids": [str(i) for i in missing]}}
            if detail:
                error["subCategory"] = detail
            body.update(numErrors=1, errors=[error])
        return answer_json(body, 207 if missing else 200)

    @route("POST", "/crm/v3/objects/{type}/batch/read")
    def batch(self, request):
        table, wrong = self.find(request)
        if wrong:
            return wrong
        ids = self.inputs(request)
        if not 1 <= len(ids) <= 100:
            return self.invalid("inputs: 1 to 100")
        with self.lock:
            found = [table.rows[i] for i in ids
                     if i in table.rows and table.rows[i]["_archived"] is None]
            found.sort(key=lambda r: r["id"] % 1009)
            results = [self.public(table, r, request.json().get("properties", []))
                       for r in found]
        missing = set(ids) - {r["id"] for r in found}
        return self.batch_answer(results, missing, "OBJECT_NOT_FOUND")

    def targets(self, ids):
        return [{"toObjectId": i, "associationTypes": [
            {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": None},
            {"category": "USER_DEFINED", "typeId": 37, "label": "a label"}]} for i in ids]

    @route("POST", "/crm/v4/associations/{type}/{other}/batch/read")
    def links_batch(self, request):
        table, wrong = self.find(request)
        if wrong:
            return wrong
        ids, other, most = self.inputs(request), request.match["other"], self.args.inline_links
        if not 1 <= len(ids) <= 100:
            return self.invalid("inputs: 1 to 100")
        results, missing = [], []
        with self.lock:
            for i in sorted(ids, key=lambda i: i % 1013):
                links = table.rows[i]["_links"].get(other, []) if i in table.rows else []
                if not links:
                    missing.append(i)
                    continue
                one = {"from": {"id": str(i)}, "to": self.targets(links[:most])}
                if len(links) > most:
                    one["paging"] = {"next": {"after": "MC0yLQ==", "link": "?after=MC0yLQ=="}}
                results.append(one)
        return self.batch_answer(results, missing, "OBJECT_NOT_FOUND",
                                 "crm.associations.NO_ASSOCIATIONS_FOUND")

    @route("GET", "/crm/v4/objects/{type}/{id}/associations/{other}")
    def links_one(self, request):
        table, wrong = self.find(request)
        if wrong:
            return wrong
        row = table.rows.get(int(request.match["id"]))
        if row is None:
            return self.error(404, request)
        limit, after = request.number("limit", 500), request.number("after", 0)
        if not 1 <= limit <= 500:
            return self.invalid("limit: 1 to 500")
        limit = min(limit, 2 * self.args.inline_links)
        with self.lock:
            links = row["_links"].get(request.match["other"], [])
        body = {"results": self.targets(links[after:after + limit])}
        if after + limit < len(links):
            body["paging"] = {"next": {"after": str(after + limit)}}
        return answer_json(body)


if __name__ == "__main__":
    fake.main(HubSpot)
