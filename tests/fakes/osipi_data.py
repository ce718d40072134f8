# SPDX-License-Identifier: Apache-2.0
"""A PI System: points with values, assets, event frames. What the fake osipi.py answers from, and
what a reader should have in the end (`expected`). Times are ticks of 100 ns since 1970."""
import base64
import calendar
import datetime
import hashlib
import re

S = 10 ** 7                         # ticks of a second
FIRST = calendar.timegm((2026, 3, 1, 0, 0, 0)) * S
FOREVER = "9999-12-31T23:59:59.9999999Z"
WORDS = ("Gr\u00fc\u00dfe", "\u65e5\u672c\u8a9e", "pump \U0001f600", "a \"quote\"", "${access_token}",
         "two\nlines", "semi;colon", "\u2028separator", "plain")
UNITS = ("m3/h", "\u00b0C", "", "bar", "kg")
STATES = ("Off", "On", "Tripped \u26a0")
SYSTEM_STATES = (("No Data", 248), ("I/O Timeout", 246), ("Bad Input", 255))
CATEGORY_KINDS = ("element", "attribute", "analysis", "table")


def iso(ticks):
    text = datetime.datetime.fromtimestamp(ticks // S, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%S")
    part = ("%07d" % (ticks % S)).rstrip("0")
    return text + ("." + part if part else "") + "Z"


def ticks_of(text):
    """ISO 8601 in UTC, `*` or `*-90m`; ValueError for anything else."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?Z", text)
    if match:
        return calendar.timegm(tuple(int(g) for g in match.groups()[:6])) * S + int(
            (match.group(7) or "0").ljust(7, "0"))
    match = re.fullmatch(r"\*(?:-(\d+)([smhd]))?", text)
    if not match:
        raise ValueError("'%s' is not a valid time" % text)
    now = int(datetime.datetime.now(datetime.timezone.utc).timestamp()) * S
    return now - int(match.group(1) or 0) * span_of("1" + (match.group(2) or "s"))


def span_of(text):
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if not match:
        raise ValueError("'%s' is not a valid interval" % text)
    return int(match.group(1)) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match.group(2)] * S


def web_id(kind, *names):
    """As long as real ones are."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return "F1" + kind + base64.urlsafe_b64encode(digest + digest[:16]).decode().rstrip("=")


class Point:
    """A tag. Its values follow from its number: nothing is kept, whatever their count."""

    def __init__(self, system, server, number):
        self.server, self.number = server, number
        self.name = "tag.%05d %s" % (number, WORDS[number % len(WORDS)])
        self.webid = web_id("DP", "point", str(number))
        self.kind = ("float", "digital", "float", "string", "int", "bad", "sparse")[number % 7]
        self.units = UNITS[number % len(UNITS)]
        self.step = system.step * (1 + number % 5) if self.kind != "sparse" else 1801 * S
        self.phase = number % 3 * 1234567 if system.step > 2 * S else 0
        self.first = FIRST + (0 if number % 4 else self.step // 2)
        self.last = system.last

    def at(self, k):
        return self.first + k * self.step + (self.phase if k % 3 else 0)

    def value(self, ticks, k):
        """The timed value with the number k."""
        value = {"Timestamp": iso(ticks), "UnitsAbbreviation": self.units, "Good": True,
                 "Questionable": k % 17 == 3, "Substituted": k % 19 == 5, "Annotated": False}
        if self.kind == "digital":
            value["Value"] = {"Name": STATES[k % 3], "Value": k % 3, "IsSystem": False}
        elif self.kind == "string":
            value["Value"] = ("%d" % k if k % 4 == 0 else "%s %d" % (WORDS[k % len(WORDS)], k))
        elif self.kind == "int":
            value["Value"] = 9007199254740993 + k
        else:
            value["Value"] = k * 0.125 - self.number
        if self.kind == "bad" and k % 3 == 1:
            name, code = SYSTEM_STATES[k % 3]
            value.update(Value={"Name": name, "Value": code, "IsSystem": True}, Good=False)
        return value

    def recorded(self, since, to):
        """(ticks, value) of since <= t <= to. The tag of the burst has 25 of one time."""
        k = max(0, (since - self.first) // self.step - 1)
        while True:
            ticks = self.at(k)
            if ticks > to or ticks > self.last:
                return
            if ticks >= since:
                for i in range(25 if self.number == 2 and k == 4 else 1):
                    yield ticks, self.value(ticks, k * 100 + i if i else k)
            k += 1

    def latest(self, ticks):
        found = None
        ticks = min(ticks, self.last)
        since = ticks - 2 * self.step
        for found in self.recorded(since, ticks):
            pass
        return found

    def interpolated(self, ticks):
        return self.value(ticks, (ticks - FIRST) // S)


def value_row(tag, value, **more):
    """The row that a timed value should become."""
    raw = value["Value"]
    state = isinstance(raw, dict)
    number = raw if isinstance(raw, (int, float)) else None
    if state and not raw["IsSystem"]:
        number = raw["Value"]
    if isinstance(raw, str) and re.fullmatch(r"-?\d+", raw):
        number = int(raw)
    text = raw["Name"] if state else raw if isinstance(raw, str) else None
    row = {"tag_webid": tag, "timestamp": value["Timestamp"], "value": number,
           "good": value["Good"], "questionable": value["Questionable"],
           "substituted": value["Substituted"], "annotated": value["Annotated"],
           "units": value["UnitsAbbreviation"], "value_text": text, "is_digital": state}
    row.update(more)
    return row


class System:
    """Everything, made from numbers."""

    def __init__(self, args):
        self.args = args
        self.step = args.step * S
        self.last = FIRST + int(args.hours * 3600) * S
        self.servers = [self.thing("DS", "dataserver", "PI-%d" % i, "\\\\PI-%d" % i)
                        for i in range(args.servers)]
        self.points = [Point(self, self.servers[i % args.servers], i) for i in range(args.points)]
        self.points.sort(key=lambda p: (p.server["Name"], p.number))
        self.by_webid = {p.webid: p for p in self.points}
        self.asset_servers = [self.thing("RS", "assetserver", "AF-%d" % i, "\\\\AF-%d" % i)
                              for i in range(2)]
        self.databases, self.frames = [], []
        for i, server in enumerate(self.asset_servers):
            for j in range(2):
                self.databases.append(self.database(server, "DB %d%d \u00e4" % (i, j), i * 2 + j))
        self.classes = [dict(self.thing("UC", "unitclass", name, name), server=server["WebId"],
                             units=[dict(self.thing("UO", "unit", name + u, name + u),
                                         Abbreviation=u) for u in units])
                        for server, name, units in (
                            (self.asset_servers[0], "Length", ("m", "km", "\u00b5m")),
                            (self.asset_servers[0], "Mass", ("kg", "t")),
                            (self.asset_servers[1], "Time", ("s",)))]

    def thing(self, kind, folder, name, path):
        webid = web_id(kind, folder, path)
        host = "https://pi.example.com/piwebapi/"
        return {"WebId": webid, "Id": hashlib.md5(path.encode()).hexdigest(), "Name": name,
                "Description": WORDS[len(path) % len(WORDS)], "Path": path,
                "Links": {"Self": "%s%ss/%s" % (host, folder, webid)}}

    def database(self, server, name, number):
        path = "%s\\%s" % (server["Path"], name)
        db = dict(self.thing("RD", "assetdatabase", name, path), server=server["WebId"])
        db["elements"] = self.elements(path, self.args.elements if number == 0 else 7)
        db["templates"] = [dict(self.thing("ET", "elementtemplate", "T%d" % i,
                                           "%s\\ElementTemplates[T%d]" % (path, i)),
                                InstanceType="EventFrame" if i % 3 == 2 else "Element")
                           for i in range(4 + number)]
        for i, template in enumerate(db["templates"]):
            template["attributes"] = [
                dict(self.thing("AT", "attributetemplate", "A%d" % k,
                                "%s|A%d" % (template["Path"], k)), Type="Double",
                     DefaultUnitsName="meter", DataReferencePlugIn="PI Point",
                     IsConfigurationItem=k % 2 == 0, inherited=k == 2, below=k == 3)
                for k in range(i % 5)]
        for kind in CATEGORY_KINDS:
            db[kind + "categories"] = [self.thing("CA", kind + "category", "C%d" % k,
                                                  "%s\\%s[C%d]" % (path, kind, k))
                                       for k in range(2)]
        db["analyses"] = [dict(self.thing("XA", "analysis", "An%d" % k, "%s\\An%d" % (path, k)),
                               TemplateName="AnT", TargetWebId=db["elements"][0]["WebId"])
                          for k in range(5)]
        db["analysistemplates"] = [self.thing("XT", "analysistemplate", "AnT%d" % k,
                                              "%s\\AnT%d" % (path, k)) for k in range(2)]
        db["tables"] = [dict(self.thing("BT", "table", "Table%d" % k, "%s\\T%d" % (path, k)),
                             rows=[{"id": str(r), "text": WORDS[r % len(WORDS)], "none": None}
                                   for r in range(60 * k + number)]) for k in range(2)]
        for k in range(self.args.frames if number == 0 else 3):
            self.frames.append(self.frame(db, k))
        return db

    def elements(self, path, n):
        """A tree: three below each, in the order of names."""
        made = []
        for i in range(n):
            parent = made[(i - 3) // 3] if i >= 3 else None
            name = "E%05d" % i
            element = self.thing("Em", "element", name,
                                 "%s\\%s" % (parent["Path"] if parent else path, name))
            element.update(TemplateName="T0" if i % 2 else "", HasChildren=False,
                           CategoryNames=["C0"] if i % 5 == 0 else [])
            element["parent"] = parent["WebId"] if parent else ""
            element["depth"] = parent["depth"] + 1 if parent else 0
            if parent:
                parent["HasChildren"] = True
            element["attributes"] = [self.attribute(element, k) for k in range(i % 3)]
            made.append(element)
        return made

    def attribute(self, owner, k):
        """The second of two is a child of the first."""
        path = "%s|P%s" % (owner["Path"], "|Q" * k)
        attribute = self.thing("Ab", "attribute", "PQ"[min(k, 1)], path)
        attribute.update(Type="Double", DefaultUnitsName="", DataReferencePlugIn="PI Point",
                         IsConfigurationItem=False, is_child=k > 0)
        attribute["Links"]["Element"] = owner["Links"]["Self"]
        return attribute

    def frame(self, db, k):
        """One begins every ten minutes; every fifth of the last twenty is open."""
        start = FIRST + k * 600 * S + 7 * S
        elements = db["elements"]
        frame = self.thing("Fm", "eventframe", "EF%04d" % k, "%s\\EventFrames[EF%d]" % (
            db["Path"], k))
        frame.update(
            TemplateName="T2", StartTime=iso(start), CategoryNames=["C1"] if k % 2 else [],
            EndTime=iso(start + (k % 4 + 1) * 300 * S), Severity="None",
            RefElementWebIds=[e["WebId"] for e in elements[:k % 3 + 1]],
            IsAcknowledged=k % 4 == 1, CanBeAcknowledged=True, IsAnnotated=k % 6 == 0,
            database=db["WebId"])
        if k % 5 == 4 and k >= self.args.frames - 20:
            frame["EndTime"] = FOREVER
        if k % 3:
            frame["Links"]["PrimaryReferencedElement"] = elements[k % 3]["Links"]["Self"]
        if frame["IsAcknowledged"]:
            frame.update(AcknowledgedBy="ACME\\ann", AcknowledgedDate=iso(start + 3600 * S))
        frame["attributes"] = [self.attribute(frame, i) for i in range(k % 3)]
        frame["annotations"] = [
            {"Id": 4611686018427387904 + i, "Name": "", "Description": "", "Creator": "ACME\\bob",
             "Value": WORDS[i % len(WORDS)], "CreationDate": iso(start + i * S)}
            for i in range(2 if frame["IsAnnotated"] else 0)]
        return frame

    # --- what comes of it
    def tags(self, names):
        return [self.by_webid[n] for n in names.split(",")] if names else self.points

    def expected(self, table, request):
        """Rows of a table as a full read should give them, without ingestion_timestamp."""
        since = ticks_of(request.arg("from", iso(FIRST)))
        to = ticks_of(request.arg("to", iso(self.last)))
        tags = self.tags(request.arg("tags"))
        name = table.replace("streamset_", "").replace("pi_", "", 1)
        if table in ("pi_timeseries", "pi_streamset_recorded"):
            return [value_row(p.webid, v) for p in tags for t, v in p.recorded(since, to) if t < to]
        if name == "interpolated":
            step = span_of(request.arg("step", "1m"))
            return [value_row(p.webid, p.interpolated(t)) for p in tags
                    for t in range(since, to, step)]
        if name == "plot":
            return [value_row(p.webid, v) for p in tags
                    for v in self.plotted(p, since, to, int(request.arg("intervals", "300")))
                    if ticks_of(v["Timestamp"]) < to]
        if name == "end":
            return [value_row(p.webid, p.latest(self.last)[1]) for p in tags]
        if name in ("current_value", "value_at_time"):
            return [value_row(p.webid, p.interpolated(to)) for p in tags]
        if name == "recorded_at_time":
            return [value_row(p.webid, p.latest(to)[1], query_time=iso(to)) for p in tags]
        if name in ("summary", "calculated"):
            return self.expected_summaries(table, request, since, to, tags)
        return self.expected_assets(name) or self.expected_frames(name, request)

    def expected_summaries(self, table, request, since, to, tags):
        step = span_of(request.arg("step", "1h"))
        rows = []
        for p in tags:
            for kind in request.arg("types", "Total").split(","):
                for t in range(since, to, step):
                    row = value_row(p.webid, self.summary(p, kind, t, min(t + step, to)))
                    if table == "pi_calculated":
                        row = {k: row[k] for k in ("tag_webid", "timestamp", "value", "units",
                                                   "value_text", "is_digital")}
                        row["calculation_type"] = kind
                    else:
                        row["summary_type"] = kind
                    rows.append(row)
        return rows

    @staticmethod
    def plotted(point, since, to, intervals):
        """First and last value of each interval, and one at each end."""
        step = max(1, (to - since) // intervals)
        slots = {}
        for ticks, value in point.recorded(since, to):
            slot = slots.setdefault((ticks - since) // step, [value])
            slot[1:] = [value] if value is not slot[0] else []
        values = [v for slot in slots.values() for v in slot]
        if not values or values[0]["Timestamp"] != iso(since):
            values.insert(0, point.interpolated(since))
        if values[-1]["Timestamp"] != iso(to):
            values.append(point.interpolated(to))
        return values

    @staticmethod
    def summary(point, kind, since, to):
        return {"Timestamp": iso(since), "UnitsAbbreviation": point.units, "Good": True,
                "Questionable": False, "Substituted": False, "Annotated": False,
                "Value": len(kind) + sum(1 for t, _ in point.recorded(since, to) if t < to)}

    def expected_assets(self, name):
        named = lambda t, **more: dict({"webid": t["WebId"], "name": t["Name"]}, **more)
        full = lambda t, **more: named(t, description=t["Description"], path=t["Path"], **more)
        in_db = lambda key: [full(t, assetdatabase_webid=d["WebId"]) for d in self.databases
                             for t in d[key]]
        templates = [(d, t) for d in self.databases for t in d["templates"]]
        attributes = lambda kind: [(d, t, a) for d, t in templates if t["InstanceType"] == kind
                                   for a in t["attributes"]]
        of_template = lambda kind, key: [
            dict(full(a, type=a["Type"], assetdatabase_webid=d["WebId"]), **{key: t["WebId"]})
            for d, t, a in attributes(kind)]
        of = lambda kind: [full(t, assetdatabase_webid=d["WebId"]) for d, t in templates
                           if t["InstanceType"] == kind]
        make = {
            "dataservers": lambda: [named(s) for s in self.servers],
            "points": lambda: [dict(
                webid=p.webid, name=p.name, descriptor=self.descriptor(p), path="\\\\PI\\" + p.name,
                engineering_units=p.units, dataserver_webid=p.server["WebId"])
                for p in self.points],
            "point_attributes": lambda: [
                {"point_webid": p.webid, "name": n, "value": v, "type": None}
                for p in self.points for n, v in (
                    ("zero", str(p.number)), ("archiving", "true"), ("exdesc", None))],
            "point_type_catalog": self.catalog,
            "assetservers": lambda: [named(s, path=s["Path"]) for s in self.asset_servers],
            "assetdatabases": lambda: [named(d, path=d["Path"], assetserver_webid=d["server"])
                                       for d in self.databases],
            "af_hierarchy": lambda: [dict(
                element_webid=e["WebId"], name=e["Name"], template_name=e["TemplateName"],
                description=e["Description"], path=e["Path"], parent_webid=e["parent"],
                depth=e["depth"], category_names=e["CategoryNames"])
                for d in self.databases for e in d["elements"]],
            "element_attributes": lambda: [
                self.attribute_row(a, element_webid=e["WebId"])
                for d in self.databases for e in d["elements"] for a in e["attributes"]],
            "element_templates": lambda: of("Element"),
            "eventframe_templates": lambda: of("EventFrame"),
            "attribute_templates": lambda: of_template("Element", "elementtemplate_webid"),
            "eventframe_template_attributes": lambda: of_template(
                "EventFrame", "eventframe_template_webid"),
            "element_template_attributes": lambda: [dict(
                r, default_units_name=a["DefaultUnitsName"], is_configuration_item=a[
                    "IsConfigurationItem"], data_reference_plugin=a["DataReferencePlugIn"])
                for r, (_, _, a) in zip(of_template("Element", "elementtemplate_webid"),
                                        attributes("Element"))],
            "categories": lambda: [
                named(c, description=c["Description"], category_type=kind,
                      assetdatabase_webid=d["WebId"])
                for kind in CATEGORY_KINDS for d in self.databases for c in d[kind + "categories"]],
            "analyses": lambda: [full(
                a, analysis_template_name="AnT", target_element_webid=a["TargetWebId"],
                assetdatabase_webid=d["WebId"]) for d in self.databases for a in d["analyses"]],
            "analysis_templates": lambda: in_db("analysistemplates"),
            "af_tables": lambda: in_db("tables"),
            "af_table_rows": lambda: [
                {"table_webid": t["WebId"], "row_index": i, "columns": r}
                for d in self.databases for t in d["tables"] for i, r in enumerate(t["rows"])],
            "units_of_measure": lambda: [
                {"webid": u["WebId"], "name": u["Name"], "abbreviation": u["Abbreviation"],
                 "quantity_type": c["Name"]} for c in self.classes for u in c["units"]],
            "links": lambda: [
                {"entity_type": kind, "webid": t["WebId"], "rel": rel, "href": href}
                for kind, things in (("dataserver", self.servers),
                                     ("assetserver", self.asset_servers),
                                     ("aftable", [t for d in self.databases for t in d["tables"]]))
                for t in things for rel, href in t["Links"].items()],
        }.get(name)
        return make() if make else None

    @staticmethod
    def descriptor(point):
        return "" if point.number % 5 == 4 else " %s of \u00e4 %d" % (
            ("Flow", "Level")[point.number % 2], point.number)

    def catalog(self):
        counts = {}
        for p in self.points:
            words = self.descriptor(p).split()
            key = (words[0] if words else "Unknown", p.units)
            counts[key] = counts.get(key, 0) + 1
        return [{"point_type": k[0], "engineering_units": k[1], "count_points": n}
                for k, n in counts.items()]

    @staticmethod
    def attribute_row(a, **more):
        return dict({"attribute_webid": a["WebId"], "name": a["Name"], "path": a["Path"],
                     "description": a["Description"], "type": a["Type"],
                     "default_units_name": a["DefaultUnitsName"],
                     "data_reference_plugin": a["DataReferencePlugIn"],
                     "is_configuration_item": a["IsConfigurationItem"]}, **more)

    def overlapped(self, since, to):
        return [f for f in self.frames if ticks_of(f["StartTime"]) <= to and (
            f["EndTime"] == FOREVER or ticks_of(f["EndTime"]) >= since)]

    @staticmethod
    def primary(frame):
        link = frame["Links"].get("PrimaryReferencedElement")
        return link.rsplit("/", 1)[1] if link else None

    @staticmethod
    def end(frame):
        return None if frame["EndTime"] == FOREVER else frame["EndTime"]

    def expected_frames(self, name, request):
        frames = self.overlapped(ticks_of(request.arg("from", iso(FIRST - 86400 * S))),
                                 ticks_of(request.arg("to", iso(self.last))))
        if name == "event_frames":
            return [{"event_frame_webid": f["WebId"], "name": f["Name"], "attributes": {},
                     "template_name": f["TemplateName"], "start_time": f["StartTime"],
                     "end_time": self.end(f), "description": f["Description"],
                     "primary_referenced_element_webid": self.primary(f),
                     "category_names": f["CategoryNames"]} for f in frames]
        if name == "eventframe_attributes":
            return [self.attribute_row(a, event_frame_webid=f["WebId"]) for f in frames
                    for a in f["attributes"]]
        if name == "eventframe_referenced_elements":
            rows = []
            for f in frames:
                first = self.primary(f)
                webids = ([first] if first else []) + [
                    w for w in f["RefElementWebIds"] if w != first]
                rows += [{"event_frame_webid": f["WebId"], "element_webid": w,
                          "relationship_type": "primary" if w == first else "referenced",
                          "start_time": f["StartTime"], "end_time": self.end(f)} for w in webids]
            return rows
        if name == "eventframe_acknowledgements":
            return [{"event_frame_webid": f["WebId"], "ack_id": f["Id"], "comment": None,
                     "ack_timestamp": f["AcknowledgedDate"], "ack_user": f["AcknowledgedBy"]}
                    for f in frames if f["IsAcknowledged"]]
        if name == "eventframe_annotations":
            return [{"event_frame_webid": f["WebId"], "annotation_id": str(a["Id"]),
                     "annotation_timestamp": a["CreationDate"], "annotation_user": a["Creator"],
                     "text": a["Value"]} for f in frames for a in f["annotations"]]
        return None
