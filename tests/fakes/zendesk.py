#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Zendesk, as far as its exports and lists go.

    GET /api/v2/incremental/{tickets,users}/cursor.json   start_time or cursor, per_page
    GET /api/v2/incremental/{organizations,ticket_events}.json   start_time (, include)
    GET /api/v2/{brands,groups}.json, /api/v2/help_center/articles.json,
        /api/v2/community/topics.json     page[size] and page[after], or page and per_page (to 100)
    GET /api/v2/users/me.json

Sign-in is Basic with EMAIL/token. Limits: `default` 700 a minute for the account, `incremental` 10
a minute, which count against the account too, `help_center` 700 a minute.

Options, besides those of fake.py: how many of each table; --max-page N (rows of a page, whatever
was asked for); --empty-page N (the N-th page of each table comes empty, and there is more);
--change-every N (between a table's N-th export page and the next a row that was given out changes,
and one that was not); --same-second N (that many organizations and events at one time); --role
agent (403 for what needs an admin); --no-guide (404 for help center and community).

/_fake/ids?table=T      ids of the living rows      ?table=T&of=deleted   of the deleted ones
/_fake/rows?table=T     the same rows as JSON lines, as a reader should have them in the end
/_fake/change?table=T&n=N&delete=M&add=K     POST: that many rows change, go, come; says which
"""
import base64
import datetime
import json
import time

import fake
from fake import Answer, answer_json, route

EMAIL, TOKEN = "ann@example.com", "zd-Tok/3n+5ecret="
FIRST_TIME = 1704067200             # 2024-01-01
FIRST_ID = 9007199254740993         # no double holds it
EXPORTS = ("tickets", "users", "organizations", "ticket_comments")
LISTS = ("articles", "brands", "groups", "topics")
WORDS = ("printer", "Gr\u00fc\u00dfe", "\u65e5\u672c\u8a9e", "invoice", "\U0001f600 emoji", "a \"quote\"",
         "back\\slash", "two\nlines", "${api_token}", "tab\there", "\u2028separator")


def iso(epoch):
    return datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


class Zendesk(fake.Source):
    name = "zendesk"

    @staticmethod
    def add_options(parser):
        for table, n in (("tickets", 250), ("users", 120), ("organizations", 90),
                         ("events", 200), ("articles", 250), ("brands", 3), ("groups", 110),
                         ("topics", 12)):
            parser.add_argument("--" + table, type=int, default=n)
        parser.add_argument("--max-page", type=int, default=1000)
        parser.add_argument("--empty-page", type=int, default=0)
        parser.add_argument("--change-every", type=int, default=0)
        parser.add_argument("--same-second", type=int, default=0)
        parser.add_argument("--role", choices=("admin", "agent"), default="admin")
        parser.add_argument("--no-guide", action="store_true")

    def __init__(self, args):
        super().__init__(args)
        self.add_limit("default", 700, 60)
        self.add_limit("incremental", 10, 60)
        self.add_limit("help_center", 700, 60)
        self.pages = {}             # table: pages given out
        self.rows = {}              # table: {id: row}; row["_time"] is what exports go by
        self.last_time = {}
        self.next_id = FIRST_ID
        makers = {"tickets": self.ticket, "users": self.user, "organizations": self.organization,
                  "ticket_comments": self.event, "articles": self.article, "brands": self.brand,
                  "groups": self.group, "topics": self.topic}
        self.makers = makers
        for table in EXPORTS + LISTS:
            self.rows[table] = {}
            self.last_time[table] = FIRST_TIME
            for i in range(getattr(args, {"ticket_comments": "events"}.get(table, table))):
                self.add(table, i)

    # --- data
    def text(self, empty=0.2):
        """Now and then nothing; else words."""
        if self.random.random() < empty:
            return None
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randrange(1, 4)))

    def number(self, empty=0.3):
        return None if self.random.random() < empty else self.random.randrange(1 << 40, 1 << 62)

    def flag(self):
        return self.random.random() < 0.5

    def some(self, make, most=3):
        return [make() for _ in range(self.random.randrange(most + 1))]

    def word(self):
        return self.random.choice(WORDS)

    def tick(self, table):
        """The time of the table's next change; several changes share a second now and then."""
        start = FIRST_TIME + 5000
        held = self.args.same_second and table in ("organizations", "ticket_comments")
        if held and len(self.rows[table]) < self.args.same_second:
            self.last_time[table] = start
        else:
            self.last_time[table] += self.random.choice((0, 0, 1, 7, 60, 3600))
        return self.last_time[table]

    def add(self, table, i):
        # ids do not grow with time: nothing may rely on it
        self.next_id += 2
        spread = (self.next_id * 2654435761) % 1000003
        row = {"id": FIRST_ID + spread * 4096 + i}
        row["_time"] = self.tick(table)
        self.makers[table](row, i)
        self.rows[table][row["id"]] = row
        return row

    def common(self, row, path):
        row.update(url="https://acme.zendesk.com/api/v2/%s/%d.json" % (path, row["id"]),
                   created_at=iso(FIRST_TIME - 86400 + row["id"] % 86400),
                   updated_at=iso(row["_time"]))

    def custom(self):
        value = self.random.choice((None, True, "text", self.word(), ["a", "b"], 12.50, 3))
        return {"id": self.random.randrange(1 << 50), "value": value}

    def via(self):
        return {"channel": self.random.choice(("web", "email", "api")),
                "source": {"from": {}, "to": {"address": "x@example.com"}, "rel": None}}

    def ticket(self, row, i):
        self.common(row, "tickets")
        fields = [self.custom() for _ in range(2)]
        row.update(
            external_id=self.text(0.7), via=self.via(), type=self.random.choice(
                (None, "problem", "incident", "question", "task")),
            subject=self.text(), raw_subject=self.text(), description=self.text(),
            priority=self.random.choice((None, "low", "urgent")),
            status="deleted" if i % 23 == 11 else self.random.choice(
                ("new", "open", "pending", "hold", "solved", "closed")),
            recipient=self.text(0.5), requester_id=self.number(0), submitter_id=self.number(0),
            assignee_id=self.number(), organization_id=self.number(), group_id=self.number(),
            collaborator_ids=self.some(lambda: self.number(0)),
            follower_ids=self.some(lambda: self.number(0)),
            email_cc_ids=self.some(lambda: self.number(0)),
            forum_topic_id=self.number(0.8), problem_id=self.number(0.8),
            has_incidents=self.flag(), is_public=self.flag(),
            due_at=None if i % 3 else iso(4102444800),      # tasks are due in the future
            tags=self.some(self.word), custom_fields=fields, fields=fields,
            satisfaction_rating=self.random.choice((None, {"score": "unoffered"}, {
                "id": self.number(0), "score": "good", "comment": self.text()})),
            sharing_agreement_ids=self.some(lambda: self.number(0)),
            followup_ids=self.some(lambda: self.number(0)), ticket_form_id=self.number(),
            brand_id=self.number(), allow_channelback=self.flag(),
            allow_attachments=self.flag(), from_messaging_channel=self.flag(),
            generated_timestamp=row["_time"])
        if i % 29 == 5:     # a system update: the one time moved and the other did not
            row["updated_at"] = iso(FIRST_TIME - 3600)
        if i % 31 == 7:     # a clock that is ahead
            row["updated_at"] = "2097-01-01T00:00:00Z"

    def user(self, row, i):
        self.common(row, "users")
        row.update(
            email="user%d@example.com" % i, name=self.text(0), active=i % 17 != 3,
            alias=self.text(), custom_role_id=self.number(), default_group_id=self.number(),
            details=self.text(), external_id=self.text(), iana_time_zone="Europe/Berlin",
            last_login_at=None if i % 2 else iso(row["_time"]), locale="de", locale_id=8,
            moderator=self.flag(), notes=self.text(), only_private_comments=self.flag(),
            organization_id=self.number(), phone=self.text(), photo=self.random.choice((None, {
                "id": self.number(0), "file_name": self.word(), "thumbnails": [{"id": 1}]})),
            report_csv=self.flag(), restricted_agent=self.flag(),
            role=self.random.choice(("end-user", "agent", "admin")),
            role_type=self.random.choice((None, 0, 4)), shared=self.flag(),
            shared_agent=self.flag(), shared_phone_number=self.random.choice((None, True, False)),
            signature=self.text(), suspended=self.flag(), tags=self.some(self.word),
            ticket_restriction=self.random.choice((None, "requested")), time_zone="Berlin",
            two_factor_auth_enabled=self.random.choice((None, True)),
            user_fields={"plan": self.word(), "seats": 3, "vip": True, "none": None},
            verified=self.flag())

    def organization(self, row, i):
        self.common(row, "organizations")
        row.update(
            external_id=self.text(), name=self.text(0), domain_names=self.some(self.word),
            details=self.text(), notes=self.text(), group_id=self.number(),
            shared_tickets=self.flag(), shared_comments=self.flag(), tags=self.some(self.word),
            organization_fields={"tier": self.word(), "since": None, "score": 1.10},
            deleted_at=iso(row["_time"]) if i % 19 == 4 else None)

    def event(self, row, i):
        """An audit: with no comment, with one, with two children of other kinds."""
        row.update(ticket_id=self.number(0), timestamp=row["_time"],
                   created_at=iso(row["_time"]), updater_id=self.number(0), via="Web",
                   system={"client": self.word(), "ip_address": "192.0.2.1"},
                   metadata={"custom": {}}, event_type="Audit", child_events=[])
        children = row["child_events"]
        if i % 3:
            children.append({"id": row["id"] + 1, "via": "Web", "via_reference_id": None,
                             "status": "open", "previous_value": "new", "event_type": "Change"})
        if i % 5 != 2:
            children.append({
                "id": row["id"] + 2, "type": "VoiceComment" if i % 11 == 3 else "Comment",
                "author_id": self.number(0), "body": self.text(0), "html_body": self.text(0),
                "plain_body": self.text(0), "public": self.flag(), "audit_id": row["id"],
                "attachments": self.some(lambda: {
                    "id": self.number(0), "file_name": self.word(), "size": 12,
                    "inline": False, "thumbnails": []}, 2),
                "via": self.via(), "via_reference_id": self.number(0.5),
                "metadata": {"system": {"client": self.word()}}, "uploads": [],
                "created_at": row["created_at"], "event_type": "Comment"})

    def article(self, row, i):
        self.common(row, "help_center/articles")
        row.update(
            html_url="https://acme.zendesk.com/hc/articles/%d" % row["id"],
            author_id=self.number(0), comments_disabled=self.flag(), draft=self.flag(),
            promoted=self.flag(), position=i, vote_sum=-i, vote_count=i, section_id=self.number(),
            name=self.text(0), title=self.text(0), source_locale="en-us", locale="en-us",
            outdated=self.flag(), outdated_locales=self.some(self.word),
            edited_at=iso(row["_time"]), user_segment_id=self.number(),
            permission_group_id=self.number(), content_tag_ids=self.some(lambda: "01GT23D51Y"),
            label_names=self.some(self.word), body="<p>%s</p>" % self.word())

    def brand(self, row, i):
        self.common(row, "brands")
        row.update(
            name=self.text(0), brand_url="https://brand%d.example.com" % i, subdomain="brand%d" % i,
            host_mapping=self.text(), has_help_center=self.flag(), help_center_state="enabled",
            active=True, default=i == 0, is_deleted=i % 7 == 2,
            ticket_form_ids=self.some(lambda: self.number(0)), signature_template="{{agent.name}}",
            logo={"id": 1})

    def group(self, row, i):
        self.common(row, "groups")
        row.update(name=self.text(0), deleted=i % 13 == 6, description=self.text(),
                   default=i == 0, is_public=self.flag())

    def topic(self, row, i):
        self.common(row, "community/topics")
        row.update(html_url="https://acme.zendesk.com/hc/topics/%d" % row["id"],
                   name=self.text(0), description=self.text(), position=i,
                   follower_count=self.random.randrange(99), community_id=self.number(),
                   user_segment_id=self.number(), manageable_by="managers")
        if i % 2:
            row["user_segment_ids"] = self.some(lambda: self.number(0))

    # --- what became of them
    @staticmethod
    def is_deleted(table, row):
        if table == "tickets":
            return row["status"] == "deleted"
        if table == "users":
            return not row["active"]
        return table == "organizations" and row["deleted_at"] is not None

    def change(self, table, row):
        """The row as it is after a change; it goes to the end of the export."""
        row["_time"] = self.tick(table) + 1
        self.last_time[table] = row["_time"]
        row["updated_at"] = iso(row["_time"])
        if table == "tickets":
            row.update(subject="changed", generated_timestamp=row["_time"])
        else:
            row["name"] = "changed"

    def delete(self, table, row):
        self.change(table, row)
        row.update({"tickets": {"status": "deleted"}, "users": {"active": False},
                    "organizations": {"deleted_at": iso(row["_time"])}}[table])

    def current(self, table, of):
        """What a reader should have in the end, by id."""
        if table == "ticket_comments":
            return {c["id"]: dict(c, ticket_id=e["ticket_id"], created_at=e["created_at"],
                                  timestamp=e["timestamp"], audit_id=e["id"])
                    for e in self.rows[table].values() for c in e["child_events"]
                    if c["event_type"] == "Comment"}
        rows = {i: r for i, r in self.rows[table].items()
                if self.is_deleted(table, r) == (of == "deleted")}
        if table == "groups":
            rows = {i: r for i, r in rows.items() if not r["deleted"]}
        return {i: {k: v for k, v in r.items() if k != "_time"} for i, r in rows.items()}

    def ids(self, table, request):
        if table not in self.rows:
            return None
        with self.lock:
            return list(self.current(table, request.arg("of")))

    def control(self, name, request):
        table = request.arg("table")
        if table not in self.rows:
            return None
        with self.lock:
            if name == "rows":
                rows = self.current(table, request.arg("of"))
                return Answer(200, "".join(json.dumps(rows[i], ensure_ascii=False) + "\n"
                                           for i in sorted(rows)))
            if name == "change" and request.method == "POST":
                return self.many_changes(table, request)
        return None

    def many_changes(self, table, request):
        changed, deleted = [], []
        living = [r for r in self.rows[table].values() if not self.is_deleted(table, r)]
        if table != "ticket_comments":
            for row in self.random.sample(living, request.number("n", 0)):
                self.change(table, row)
                changed.append(row["id"])
            living = [r for r in living if r["id"] not in changed]
            for row in self.random.sample(living, request.number("delete", 0)):
                self.delete(table, row)
                deleted.append(row["id"])
        first = len(self.rows[table])
        added = [self.add(table, 1000000 + first + i) for i in range(request.number("add", 0))]
        return {"changed": changed, "deleted": deleted, "added": [r["id"] for r in added]}

    # --- sign-in, limits, errors
    def secrets(self):
        return {"token": TOKEN, "basic": fake.basic_text(EMAIL + "/token", TOKEN),
                "token in base64": base64.b64encode(TOKEN.encode()).decode()}

    def sign_in(self, request):
        if request.basic() == (EMAIL + "/token", TOKEN):
            return None
        return answer_json({"error": "Couldn't authenticate you"}, 401,
                           [("WWW-Authenticate", 'Basic realm="Web Password"')])

    def bucket(self, request):
        if request.path.startswith("/api/v2/incremental/"):
            return "incremental", "default"
        for area in ("/api/v2/help_center/", "/api/v2/community/"):
            if request.path.startswith(area):
                return "help_center"
        return "default"

    def error(self, status, request):
        bodies = {
            401: {"error": "Couldn't authenticate you"},
            403: {"error": {"title": "Forbidden", "message":
                            "You do not have access to this page. Please contact the account "
                            "owner of this help desk for further help."}},
            404: {"error": "RecordNotFound", "description": "Not found"},
            429: {"error": "APIRateLimitExceeded", "description":
                  "Number of allowed API requests per minute exceeded"},
        }
        return answer_json(bodies.get(status, {"error": "Error %d" % status}), status)

    def limited(self, request, limit, wait_s):
        what = "incremental export " if limit.name == "incremental" else ""
        return answer_json(
            {"error": "APIRateLimitExceeded", "description":
             "Number of allowed %sAPI requests per minute exceeded" % what}, 429,
            [("Retry-After", str(wait_s))])

    def rate_headers(self, request, limit, left, reset_s):
        """The account's numbers; what is left of exports is nowhere said."""
        if limit.name == "incremental":
            return []
        headers = [("X-Rate-Limit", limit.rate), ("X-Rate-Limit-Remaining", left)]
        if limit.name == "default":
            headers += [("ratelimit-limit", limit.rate), ("ratelimit-remaining", left),
                        ("ratelimit-reset", int(reset_s) + 1)]
        return headers

    def invalid(self, text, status=422):
        return answer_json({"error": "InvalidValue", "description": text}, status)

    # --- exports
    def page(self, table):
        """How many pages of the table there were; True when this one is to come empty."""
        self.pages[table] = self.pages.get(table, 0) + 1
        return self.pages[table] == self.args.empty_page

    def changes_between_pages(self, table, given):
        every = self.args.change_every
        if not every or self.pages[table] % every or table == "ticket_comments":
            return
        ids = {r["id"] for r in given}
        rest = [r for r in self.rows[table].values()
                if r["id"] not in ids and not self.is_deleted(table, r)]
        given = [r for r in given if not self.is_deleted(table, r)]
        for some in (given, rest):
            if some:
                self.change(table, self.random.choice(some))

    def may_export(self, request):
        if self.args.role != "admin":
            return self.error(403, request)
        try:
            start = request.number("start_time", -1)
        except ValueError:
            return self.invalid("start_time must be a number")
        if start > time.time() - 60:
            return self.invalid("Too recent start_time. Use a start_time older than 60 seconds")
        if start < 0 and request.arg("cursor") is None:
            return self.invalid("start_time is missing")
        return None

    def stream(self, table, after):
        """Rows after a place (time, id), in the order of the export; not the last minute's."""
        newest = time.time() - 60
        rows = [r for r in self.rows[table].values()
                if (r["_time"], r["id"]) > after and r["_time"] <= newest]
        return sorted(rows, key=lambda r: (r["_time"], r["id"]))

    @route("GET", "/api/v2/incremental/tickets/cursor.json")
    def tickets_export(self, request):
        return self.cursor_export("tickets", request)

    @route("GET", "/api/v2/incremental/users/cursor.json")
    def users_export(self, request):
        return self.cursor_export("users", request)

    def cursor_export(self, table, request):
        refused = self.may_export(request)
        if refused:
            return refused
        cursor = request.arg("cursor")
        if cursor is None:
            after = (request.number("start_time", 0), -1)
        else:
            try:
                parts = base64.b64decode(cursor, validate=True).decode("ascii").split("|")
                after = (int(parts[0]), int(parts[2]))
            except (ValueError, IndexError):
                return self.invalid("invalid cursor", 400)
        per_page = max(1, min(request.number("per_page", 1000), 1000, self.args.max_page))
        with self.lock:
            empty = self.page(table)
            rows = self.stream(table, after)
            given = [] if empty else rows[:per_page]
            text = cursor
            if given:
                text = "%d||%d" % (given[-1]["_time"], given[-1]["id"])
            elif empty:
                text = "%d|again|%d" % after
            if text != cursor:
                text = base64.b64encode(text.encode()).decode()
            url = "%s%s?cursor=%s" % (request.base, request.path, text)
            answer = answer_json({
                table: self.public(table, given), "after_url": url if text else None,
                "after_cursor": text, "end_of_stream": len(given) == len(rows)})
            if len(given) < len(rows):
                self.changes_between_pages(table, given)
        return answer

    @staticmethod
    def public(table, rows):
        return [{k: v for k, v in r.items() if k != "_time"} for r in rows]

    @route("GET", "/api/v2/incremental/organizations.json")
    def organizations_export(self, request):
        return self.time_export("organizations", "organizations", request)

    @route("GET", "/api/v2/incremental/ticket_events.json")
    def events_export(self, request):
        return self.time_export("ticket_comments", "ticket_events", request)

    def time_export(self, table, key, request):
        refused = self.may_export(request)
        if refused:
            return refused
        start = request.number("start_time", 0)
        per_page = min(1000, self.args.max_page)
        with self.lock:
            empty = self.page(table)
            rows = self.stream(table, (start, -1))
            given = [] if empty else rows[:per_page]
            last = (given or rows[:1] or [{"_time": None}])[-1]["_time"]
            following = None if last is None else "%s%s?start_time=%d" % (
                request.base, request.path, last)
            public = self.public(table, given)
            if key == "ticket_events" and request.arg("include") != "comment_events":
                for event in public:
                    event["child_events"] = [
                        {"id": c["id"], "comment_present": True, "event_type": "Change"}
                        for c in event["child_events"]]
            answer = answer_json({
                key: public, "count": len(given), "end_time": last, "next_page": following,
                "end_of_stream": len(given) == len(rows)})
            if len(given) < len(rows):
                self.changes_between_pages(table, given)
        return answer

    # --- lists
    @route("GET", "/api/v2/brands.json")
    def brands_list(self, request):
        return self.error(403, request) if self.args.role != "admin" else \
            self.list("brands", request)

    @route("GET", "/api/v2/groups.json")
    def groups_list(self, request):
        return self.list("groups", request)

    @route("GET", "/api/v2/help_center/articles.json")
    def articles_list(self, request):
        return self.list("articles", request)

    @route("GET", "/api/v2/community/topics.json")
    def topics_list(self, request):
        return self.list("topics", request)

    def list(self, table, request):
        if self.args.no_guide and table in ("articles", "topics"):
            return self.error(404, request)
        with self.lock:
            rows = [r for i, r in sorted(self.rows[table].items())
                    if table != "groups" or not r["deleted"]]
            if request.arg("page[size]") is None:
                return self.offset_page(table, rows, request)
            return self.cursor_page(table, rows, request)

    def offset_page(self, table, rows, request):
        page, per_page = request.number("page", 1), request.number("per_page", 30)
        if page > 100 or not 1 <= per_page <= 100:
            return self.invalid("page is beyond the first 10000 records", 400)
        more = page * per_page < len(rows)
        return answer_json({
            table: self.public(table, rows[(page - 1) * per_page:page * per_page]),
            "next_page": "%s%s?page=%d&per_page=%d" % (
                request.base, request.path, page + 1, per_page) if more else None,
            "previous_page": None, "count": len(rows)})

    def cursor_page(self, table, rows, request):
        size = request.number("page[size]", 100)
        if not 1 <= size <= 100:
            return self.invalid("page[size] is from 1 to 100", 400)
        after, cursor = -1, request.arg("page[after]")
        if cursor is not None:
            try:
                after = int(base64.b64decode(cursor.rstrip("!"), validate=True).decode("ascii"))
            except ValueError:
                return self.invalid("invalid cursor", 400)
        rows = [r for r in rows if r["id"] > after]
        given = [] if self.page(table) else rows[:min(size, self.args.max_page)]
        text = base64.b64encode(b"%d" % (given[-1]["id"] if given else after)).decode()
        if cursor is not None and text == cursor:
            text += "!"     # an empty page has a cursor of its own
        more = len(given) < len(rows)
        url = "%s%s?page[size]=%d&page[after]=%s" % (request.base, request.path, size, text)
        return answer_json({
            table: self.public(table, given),
            "meta": {"has_more": more, "after_cursor": text, "before_cursor": cursor or "x"},
            "links": {"next": url if more else None, "prev": None}})

    @route("GET", "/api/v2/users/me.json")
    def me(self, request):
        return answer_json({"user": {"id": FIRST_ID, "role": self.args.role, "email": EMAIL}})


if __name__ == "__main__":
    fake.main(Zendesk)
