#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""AVEVA PI Web API, as far as its lists and values go; the PI System behind it is in
osipi_data.py.

    GET  /piwebapi/{dataservers,assetservers}, .../{webid}/points, assetdatabases, unitclasses
    GET  /piwebapi/assetdatabases/{webid}/{elements,elementattributes,elementtemplates,analyses,...}
    GET  /piwebapi/{elements,elementtemplates,tables,eventframes,points,unitclasses}/{webid}/...
    GET  /piwebapi/streams/{webid}/{value,end,recordedattime,recorded,interpolated,plot,summary}
    GET  /piwebapi/streamsets/ACTION?webId=...&webId=...
    POST /piwebapi/batch          an object of requests with absolute URLs; 207
    POST /oidc/v1/token, /identity/token   client credentials

As the vendor's: a POST without X-Requested-With is refused (403), a maxCount above 150,000 too
(400), a request line above 16 KB too (414); both ends of a range belong to it.

Options, besides those of fake.py: --points, --servers, --hours and --step (of values), --elements,
--frames; --sign-in basic, bearer, oidc, oauth; --count each|total (what maxCount is of a stream
set); --max-page N (items of a page, whatever was asked for; Links.Next says that there are more);
--empty-page N (the N-th page of a list comes empty, and there is more); --no-batch, --no-streamsets
(403, 404).

/_fake/rows?table=T&from=&to=&tags=&step=&types=   what a read should give, as JSON lines
/_fake/frames?end=N&at=TIME    POST: that many open event frames end then; says which
/_fake/break    POST {"tag": WEBID, "how": 502, 404, "cut", "missing", "count": N}: what N requests
                for that stream come to; /_fake/tags: the WebIDs, one a line
"""
import json
import urllib.parse

import fake
import wire
from fake import Answer, answer_json, route
from osipi_data import CATEGORY_KINDS, FOREVER, System, iso, span_of, ticks_of

USER, PASSWORD, TOKEN = "ACME\\ann", "pi/p:4ssw\u00f6rd-91", "pi-bearer-7d1f09aa"
CLIENT, CLIENT_SECRET = "client-7", "shh-PI-5d1e90"
MOST = 150000


class Bad(Exception):
    """A request that the server refuses with 400."""


def select(value, fields):
    """selectedFields: `Items.Name;Links.Next`."""
    if isinstance(value, list):
        return [select(v, fields) for v in value]
    if not isinstance(value, dict) or not all(fields):
        return value
    names = {}
    for field in fields:
        names.setdefault(field[0], []).append(field[1:])
    return {k: select(v, names[k]) for k, v in value.items() if k in names}


def public(thing, *more):
    """An object as the server sends it: what begins with a capital letter."""
    return {k: v for k, v in thing.items() if k[0].isupper() or k in more}


class Osipi(fake.Source):
    name = "osipi"

    @staticmethod
    def add_options(parser):
        for name, n in (("points", 23), ("servers", 2), ("step", 60), ("elements", 40),
                        ("frames", 45), ("max-page", MOST), ("empty-page", 0)):
            parser.add_argument("--" + name, type=int, default=n)
        parser.add_argument("--hours", type=float, default=4)
        parser.add_argument("--sign-in", choices=("basic", "bearer", "oidc", "oauth"),
                            default="basic")
        parser.add_argument("--count", choices=("each", "total"), default="each")
        parser.add_argument("--no-batch", action="store_true")
        parser.add_argument("--no-streamsets", action="store_true")

    def __init__(self, args):
        super().__init__(args)
        self.add_limit("default", 1000, 1)
        self.system = System(args)
        self.pages = 0
        self.broken = {}
        self.tokens = 0
        self.good_token = TOKEN

    # --- sign-in, limits, errors
    def secrets(self):
        return {"password": PASSWORD, "basic": fake.basic_text(USER, PASSWORD), "token": TOKEN,
                "client_secret": CLIENT_SECRET, "client": fake.basic_text(CLIENT, CLIENT_SECRET),
                "fetched": self.good_token}

    def may_carry(self, request, name, where):
        is_token = request.path in ("/oidc/v1/token", "/identity/token")
        return where == "main header:authorization" and is_token == (
            name in ("client", "client_secret"))

    def sign_in(self, request):
        if request.path in ("/oidc/v1/token", "/identity/token"):
            return None
        if self.args.sign_in == "basic":
            good = request.basic() == (USER, PASSWORD)
        else:
            good = request.bearer() == self.good_token
        return None if good else answer_json(
            {"Message": "Authorization has been denied for this request."}, 401,
            [("WWW-Authenticate", 'Basic realm="pi"')])

    def bucket(self, request):
        return None if request.path.endswith("/token") else "default"

    def error(self, status, request):
        return answer_json({"Errors": ["%s (%d)" % (wire.REASONS.get(status, "Error"), status)]},
                           status)

    def limited(self, request, limit, wait_s):
        return Answer(429, "Rate limit was reached", [("Retry-After", str(wait_s))], "text/plain")

    @route("POST", "/oidc/v1/token")
    def databricks_token(self, request):
        return self.token(request, "all-apis")

    @route("POST", "/identity/token")
    def other_token(self, request):
        return self.token(request, "piwebapi")

    def token(self, request, scope):
        form = request.form()
        if request.client() != (CLIENT, CLIENT_SECRET) or form.get("scope") != scope or \
                form.get("grant_type") != "client_credentials":
            return answer_json({"error": "invalid_client"}, 401)
        with self.lock:
            self.tokens += 1
            self.good_token = "fetched-%d-%d" % (self.args.seed, self.tokens)
        return answer_json({"access_token": self.good_token, "token_type": "Bearer",
                            "expires_in": 3600})

    # --- what a test asks
    def ids(self, table, request):
        rows = self.system.expected(table, request)
        return None if rows is None else [next(iter(r.values())) for r in rows]

    def control(self, name, request):
        if name == "tags":
            return Answer(200, "".join(p.webid + "\n" for p in self.system.points))
        if name == "rows":
            rows = self.system.expected(request.arg("table"), request)
            if rows is None:
                return None
            return Answer(200, "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))
        if name == "break" and request.method == "POST":
            what = request.json()
            self.broken[what["tag"]] = [what["how"], what.get("count", 1)]
            return {}
        if name == "frames" and request.method == "POST":
            ended = [f for f in self.system.frames if f["EndTime"] == FOREVER][
                :request.number("end", 0)]
            for frame in ended:
                frame["EndTime"] = request.arg("at")
            return [f["WebId"] for f in ended]
        return None

    # --- all requests
    def handle(self, request):
        if len(request.target) > 16000:
            self.violation(request, "too long", "a request line of %d bytes" % len(request.target))
            return self.error(414, request)
        if request.method == "POST" and request.headers.get("X-Requested-With") is None and \
                request.path.startswith("/piwebapi/"):
            return answer_json({"Message": "X-Requested-With is missing"}, 403)
        try:
            answer = super().handle(request)
        except (Bad, ValueError) as wrong:
            return answer_json({"Errors": [str(wrong)]}, 400)
        fields = request.arg("selectedFields")
        if fields and answer.status == 200:
            content = select(json.loads(answer.body), [f.split(".") for f in fields.split(";") if f])
            return answer_json(content)
        return answer

    def find(self, things, request):
        for thing in things:
            if thing["WebId"] == request.match["webid"]:
                return thing
        raise LookupError()

    @staticmethod
    def whole(items):
        return answer_json({"Links": {}, "Items": items})

    def sized(self, items, request):
        """A list with a maxCount and no startIndex."""
        return self.whole(items[:request.number("maxCount", 1000)])

    def paged(self, items, request):
        size = request.number("maxCount", 1000)
        start = request.number("startIndex", 0)
        if size > MOST:
            raise Bad("Parameter (maxCount) is greater than the maximum allowed (%d)." % MOST)
        if size < 1 or start < 0:
            raise Bad("Parameter (maxCount) is less than the minimum allowed (1).")
        self.pages += 1
        given = items[start:start + min(size, self.args.max_page)]
        links = {"First": request.base + request.path}
        if self.pages == self.args.empty_page and given:
            given = []
        if start + len(given) < len(items):    # an empty page is asked for once more
            links["Next"] = "%s%s?startIndex=%d" % (request.base, request.path, start + len(given))
        return answer_json({"Links": links, "Items": given})

    # --- lists
    @route("GET", "/piwebapi/dataservers")
    def data_servers(self, request):
        return self.whole([public(s) for s in self.system.servers])

    @route("GET", "/piwebapi/assetservers")
    def asset_servers(self, request):
        return self.whole([public(s) for s in self.system.asset_servers])

    @route("GET", "/piwebapi/dataservers/{webid}/points")
    def points(self, request):
        if request.number("maxCount", 1000) > 1000:
            self.violation(request, "too many points", request.target)
        wanted = (request.arg("nameFilter") or "*").replace("*", "")
        points = [{"WebId": p.webid, "Name": p.name, "Descriptor": self.system.descriptor(p),
                   "Path": "\\\\PI\\" + p.name, "EngineeringUnits": p.units, "Id": p.number,
                   "PointType": p.kind, "Links": {"Self": request.base}}
                  for p in self.system.points
                  if p.server["WebId"] == request.match["webid"] and wanted in p.name]
        return self.paged(points, request)

    @route("GET", "/piwebapi/points/{webid}/attributes")
    def point_attributes(self, request):
        point = self.system.by_webid.get(request.match["webid"])
        if point is None:
            return self.error(404, request)
        return self.whole([{"Name": "zero", "Value": point.number, "Links": {}},
                           {"Name": "archiving", "Value": True, "Links": {}},
                           {"Name": "exdesc", "Value": None, "Links": {}}])

    @route("GET", "/piwebapi/assetservers/{webid}/assetdatabases")
    def databases(self, request):
        return self.whole([public(d) for d in self.system.databases
                           if d["server"] == request.match["webid"]])

    @route("GET", "/piwebapi/assetservers/{webid}/unitclasses")
    def unit_classes(self, request):
        return self.whole([public(c) for c in self.system.classes
                           if c["server"] == request.match["webid"]])

    @route("GET", "/piwebapi/unitclasses/{webid}/units")
    def units(self, request):
        for c in self.system.classes:
            if c["WebId"] == request.match["webid"]:
                return self.whole([public(u) for u in c["units"]])
        return self.error(404, request)

    @route("GET", "/piwebapi/assetdatabases/{webid}/{what}")
    def of_database(self, request):
        what = request.match["what"]
        found = [d for d in self.system.databases if d["WebId"] == request.match["webid"]]
        if not found:
            return self.error(404, request)
        if what == "eventframes":
            return self.event_frames(found[0], request)
        deep = request.arg("searchFullHierarchy") == "true"
        if what == "elements":
            return self.paged([public(e) for e in found[0]["elements"]
                               if deep or not e["depth"]], request)
        if what == "elementattributes":
            name = request.arg("attributeNameFilter", "")
            return self.paged([public(a) for e in found[0]["elements"] for a in e["attributes"]
                               if (deep or not a["is_child"]) and name in a["Name"]], request)
        key = {"elementtemplates": "templates"}.get(what, what)
        if what == "analyses":
            if request.arg("field") is None:
                raise Bad("The parameter field is required.")
            return self.paged([public(a) for a in found[0][key]], request)
        if what in ("elementtemplates", "analysistemplates", "tables"):
            return self.sized([public(t) for t in found[0][key]], request)
        if what in [k + "categories" for k in CATEGORY_KINDS]:
            return self.whole([public(c) for c in found[0][key]])
        return self.error(404, request)

    @route("GET", "/piwebapi/elements/{webid}/attributes")
    def element_attributes(self, request):
        for d in self.system.databases:
            for e in d["elements"]:
                if e["WebId"] == request.match["webid"]:
                    deep = request.arg("searchFullHierarchy") == "true"
                    return self.paged([public(a) for a in e["attributes"]
                                       if deep or not a["is_child"]], request)
        return self.error(404, request)

    @route("GET", "/piwebapi/elementtemplates/{webid}/attributetemplates")
    def template_attributes(self, request):
        for d in self.system.databases:
            for t in d["templates"]:
                if t["WebId"] == request.match["webid"]:
                    inherited = request.arg("showInherited") == "true"
                    below = request.arg("showDescendants") == "true"
                    return self.paged([public(a) for a in t["attributes"]
                                       if (inherited or not a["inherited"])
                                       and (below or not a["below"])], request)
        return self.error(404, request)

    @route("GET", "/piwebapi/tables/{webid}/data")
    def table_data(self, request):
        for d in self.system.databases:
            for t in d["tables"]:
                if t["WebId"] == request.match["webid"]:
                    return answer_json({"Columns": {"id": "String", "text": "String",
                                                    "none": "String"}, "Rows": t["rows"]})
        return self.error(404, request)

    # --- event frames
    def event_frames(self, database, request):
        since = ticks_of(request.arg("startTime", "*-8h"))
        to = ticks_of(request.arg("endTime", "*"))
        if request.arg("searchMode", "Overlapped") != "Overlapped":
            raise Bad("this server knows no other searchMode")
        frames = [f for f in self.system.overlapped(since, to)
                  if f["database"] == database["WebId"]]
        if request.arg("isAcknowledged") == "true":
            frames = [f for f in frames if f["IsAcknowledged"]]
        return self.paged([public(f) for f in frames], request)

    @route("GET", "/piwebapi/eventframes/{webid}/{what}")
    def of_frame(self, request):
        for f in self.system.frames:
            if f["WebId"] != request.match["webid"]:
                continue
            if request.match["what"] == "attributes":
                return self.paged([public(a) for a in f["attributes"]], request)
            if request.match["what"] == "annotations":
                return self.whole(f["annotations"])
        return self.error(404, request)

    # --- values
    def span(self, request):
        since, to = ticks_of(request.arg("startTime", "*-1d")), ticks_of(request.arg("endTime", "*"))
        if since > to:
            raise Bad("this server gives nothing in descending order")
        return since, to

    def recorded(self, point, request, most):
        since, to = self.span(request)
        values = []
        for _, value in point.recorded(since, to):
            if len(values) >= most:
                break
            values.append(value)
        return {"Links": {}, "Items": values, "UnitsAbbreviation": point.units}

    def interpolated(self, point, request, most):
        since, to = self.span(request)
        step = span_of(request.arg("interval", "1h"))
        if (to - since) // step > MOST:
            raise Bad("Parameter (interval) is greater than the maximum allowed.")
        return {"Links": {}, "Items": [point.interpolated(t) for t in range(since, to + 1, step)]}

    def plot(self, point, request, most):
        since, to = self.span(request)
        return {"Links": {}, "Items": self.system.plotted(point, since, to,
                                                          request.number("intervals", 24))}

    def summary(self, point, request, most):
        since, to = self.span(request)
        step = span_of(request.arg("summaryDuration")) if request.arg("summaryDuration") else \
            to - since
        return {"Links": {}, "Items": [
            {"Type": kind, "Value": self.system.summary(point, kind, t, min(t + step, to))}
            for kind in request.query.get("summaryType", ["Total"])
            for t in range(since, to, step)]}

    def value(self, point, request, most):
        return point.interpolated(ticks_of(request.arg("time", iso(self.system.last))))

    def end(self, point, request, most):
        return point.latest(self.system.last)[1]

    def recordedattime(self, point, request, most):
        return point.latest(ticks_of(request.arg("time", "*")))[1]

    def action(self, name):
        if name not in ("value", "end", "recordedattime", "recorded", "interpolated", "plot",
                        "summary"):
            raise LookupError(name)
        return getattr(self, name)

    def fault_of(self, webid):
        """What is to be wrong with this stream, this time."""
        with self.lock:
            how = self.broken.get(webid)
            if not how or not how[1]:
                return None
            how[1] -= 1
            return how[0]

    @staticmethod
    def most(request):
        most = request.number("maxCount", 1000)
        if most > MOST:
            raise Bad("Parameter (maxCount) is greater than the maximum allowed (%d)." % MOST)
        return most

    @staticmethod
    def cut(content):
        """The stream broke while the answer was on its way."""
        if "Items" in content:
            content["Items"] = content["Items"][:2] + [
                {"Errors": [{"FieldName": "Value", "Message": ["502 from the archive"]}]}]
            return content
        return {"WebException": {"StatusCode": 502, "Errors": ["the archive went away"]}}

    @route("GET", "/piwebapi/streams/{webid}/{action}")
    def stream(self, request):
        point = self.system.by_webid.get(request.match["webid"])
        how = self.fault_of(request.match["webid"])
        if point is None or how == 404:
            return answer_json({"Errors": ["The specified point was not found."]}, 404)
        if isinstance(how, int):
            return answer_json({"Errors": ["The archive does not answer."]}, how)
        content = self.action(request.match["action"])(point, request, self.most(request))
        return answer_json(self.cut(content) if how == "cut" else content)

    @route("GET", "/piwebapi/streamsets/{action}")
    def streamset(self, request):
        if self.args.no_streamsets:
            return self.error(404, request)
        action = self.action(request.match["action"])
        left = self.most(request)
        items = []
        for webid in request.query.get("webId", []):
            point = self.system.by_webid.get(webid)
            if point is None:
                return answer_json({"Errors": ["The specified point was not found."]}, 404)
            how = self.fault_of(webid)
            if how == "missing":
                continue
            item = {"WebId": webid, "Name": point.name, "Links": {}}
            items.append(item)
            if isinstance(how, int):
                item["Errors"] = ["The archive does not answer (%d)." % how]
                continue
            content = action(point, request, left)
            content = self.cut(content) if how == "cut" else content
            item.update(content if "Items" in content else {"Value": content})
            if self.args.count == "total" and request.match["action"] == "recorded":
                left -= len(item["Items"])
        return answer_json({"Links": {}, "Items": items})

    @route("POST", "/piwebapi/batch")
    def batch(self, request):
        if self.args.no_batch:
            return self.error(403, request)
        answers = {}
        for key, sub in request.json().items():
            url = urllib.parse.urlsplit(sub["Resource"])
            if not url.scheme or sub.get("Method") != "GET" or \
                    not isinstance(sub.get("Parameters", []), list):
                self.violation(request, "batch", "no such request: %s" % json.dumps(sub))
                raise Bad("Request %s is invalid" % key)
            inner = wire.Request("GET", url.path + "?" + url.query, request.headers, b"")
            inner.base, inner.n = request.base, request.n
            webid = urllib.parse.unquote(url.path).split("/")[3:4]
            if webid and self.broken.get(webid[0], ("", 0))[0] == "missing" and \
                    self.fault_of(webid[0]):
                continue
            answer = self.handle(inner)
            answers[key] = {"Status": answer.status, "Headers": {"Content-Type": "application/json"},
                            "Content": json.loads(answer.body)}
        return answer_json(answers, 207)


if __name__ == "__main__":
    fake.main(Osipi)
