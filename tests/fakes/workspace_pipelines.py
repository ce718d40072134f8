# SPDX-License-Identifier: Apache-2.0
"""The part of the fake workspace with pipelines, their updates and their events
(/api/2.0/pipelines).

An update goes one step each time somebody looks at it (GET of the update or of the pipeline), so
that nothing depends on time. How it ends is the test's: POST /_fake/outcome
{"pipeline": GLOB, "state": "FAILED", "error": {"class_name": ..., "message": ...}, "count": N};
what is missing in the workspace (a library's file, the schema, the connection) fails it anyway.
"""
import copy
import datetime
import fnmatch
import re

from fake import route
from wire import answer_json
from workspace_base import (Refused, body_of, field, flag_arg, invalid, now_ms, number_arg)

STEPS = ("QUEUED", "WAITING_FOR_RESOURCES", "INITIALIZING", "SETTING_UP_TABLES", "RUNNING",
         "COMPLETED")
ENDED = ("COMPLETED", "FAILED", "CANCELED")
REQUEST_ONLY = ("allow_duplicate_names", "dry_run", "expected_last_modified")
KINDS = {"name": str, "catalog": str, "schema": str, "target": str, "channel": str, "edition": str,
         "serverless": bool, "photon": bool, "development": bool, "continuous": bool,
         "root_path": str, "libraries": list, "environment": dict, "configuration": dict,
         "clusters": list, "notifications": list, "tags": dict, "ingestion_definition": dict,
         "allow_duplicate_names": bool, "dry_run": bool, "deployment": dict}


def conflict(message):
    return Refused(409, "RESOURCE_CONFLICT", message)


def like(pattern):
    """SQL's LIKE as a regular expression."""
    return re.compile("".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern), re.S)


def iso(milliseconds):
    when = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (milliseconds % 1000)


def check_tables(definition):
    for each in definition.get("objects") or []:
        if not isinstance(each, dict) or len(each) != 1:
            raise invalid("Each of objects has exactly one of table, schema and report")
        kind, what = next(iter(each.items()))
        needed = {"table": ("source_table", "destination_catalog", "destination_schema"),
                  "schema": ("source_schema", "destination_catalog", "destination_schema"),
                  "report": ("source_url", "destination_catalog", "destination_schema")}.get(kind)
        if needed is None:
            raise invalid("Unknown object: %s" % kind)
        for name in needed:
            field(what, name, str)
        settings = what.get("table_configuration") or {}
        if "scd_type" in settings and "storage_mode" in settings:
            raise invalid("scd_type and storage_mode exclude each other")


class Pipelines:
    """Mixed into the workspace."""

    def start_pipelines(self):
        self.pipelines = {}
        self.gone_pipelines = {}    # deleted ones, for restore
        self.outcomes = []

    # settings

    def check_settings(self, body, own_id=None):
        for name, kind in KINDS.items():
            field(body, name, kind, False)
        name = body.get("name") or ""
        if "target" in body and "schema" in body:
            raise invalid("Only one of target and schema may be set")
        if "." in (body.get("target") or ""):
            raise invalid("Target schema name must not contain dots: %s" % body["target"])
        if body.get("channel", "CURRENT") not in ("CURRENT", "PREVIEW"):
            raise invalid("Unknown channel: %s" % body["channel"])
        if body.get("serverless") and body.get("clusters"):
            raise invalid("You cannot provide cluster settings when using serverless compute")
        if len(body.get("tags") or {}) > 25:
            raise invalid("At most 25 tags are supported")
        if body.get("ingestion_definition"):
            if body.get("libraries"):
                raise invalid("libraries cannot be set with ingestion_definition")
            check_tables(body["ingestion_definition"])
        for library in body.get("libraries") or []:
            if not isinstance(library, dict) or len(library) != 1:
                raise invalid("Each library has exactly one key")
        if name and not body.get("allow_duplicate_names"):
            for pipeline in self.pipelines.values():
                if pipeline["spec"].get("name") == name and pipeline["id"] != own_id:
                    raise conflict(
                        "The pipeline name '%s' is already used by another pipeline. This check "
                        "can be skipped by setting `allow_duplicate_names = true` in the request."
                        % name)

    @staticmethod
    def settings_of(body, pipeline_id):
        spec = {k: copy.deepcopy(v) for k, v in body.items() if k not in REQUEST_ONLY}
        spec["id"] = pipeline_id
        if not spec.get("catalog") and not spec.get("storage"):
            spec["storage"] = "dbfs:/pipelines/%s" % pipeline_id
        return spec

    def find_pipeline(self, request):
        found = self.pipelines.get(request.match["id"])
        if found is None:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST",
                          "The specified pipeline %s was not found." % request.match["id"])
        return found

    @route("POST", "/api/2.0/pipelines")
    def create_pipeline(self, request):
        body = body_of(request)
        field(body, "name", str)
        self.check_settings(body)
        pipeline_id = self.new_uuid()
        spec = self.settings_of(body, pipeline_id)
        if body.get("dry_run"):
            return answer_json({"effective_settings": spec})
        self.pipelines[pipeline_id] = {"id": pipeline_id, "spec": spec, "updates": [],
                                       "events": [], "last_modified": self.tick(),
                                       "creator": self.user_of(request)}
        self.lists.make("pipeline", pipeline_id)
        return answer_json({"pipeline_id": pipeline_id})

    @route("GET", "/api/2.0/pipelines")
    def list_pipelines(self, request):
        size = number_arg(request, "max_results", 25, 1, 100)
        keep = self.filter_of(request.arg("filter", ""))
        rows = [p for p in (self.pipelines[i] for i in
                            self.lists.visible("pipeline", sorted(self.pipelines))) if keep(p)]
        order = request.arg("order_by", "id asc").split()
        if order[0] not in ("id", "name") or order[1:] not in ([], ["asc"], ["desc"]):
            raise invalid("order_by: only id and name are supported")
        rows.sort(key=lambda p: p["id"] if order[0] == "id" else p["spec"].get("name", ""),
                  reverse=order[1:] == ["desc"])
        rows, token = self.lists.page(request, rows, size)
        answer = {"statuses": [dict(self.head_of(p), creator_user_name=p["creator"])
                               for p in rows]} if rows else {}
        if token:
            answer["next_page_token"] = token
        return answer_json(answer)

    @staticmethod
    def filter_of(text):
        if not text:
            return lambda p: True
        match = re.fullmatch(r"\s*name\s+LIKE\s+'((?:[^']|'')*)'\s*", text, re.I)
        if match:
            wanted = like(match.group(1).replace("''", "'"))
            return lambda p: wanted.fullmatch(p["spec"].get("name", ""))
        match = re.fullmatch(r"\s*notebook\s*=\s*'([^']*)'\s*", text)
        if match:
            return lambda p: any(lib.get("notebook", {}).get("path") == match.group(1)
                                 for lib in p["spec"].get("libraries") or [])
        raise invalid("Unsupported filter: %s" % text)

    def head_of(self, pipeline):
        active = self.active_update(pipeline)
        head = {"pipeline_id": pipeline["id"], "name": pipeline["spec"].get("name"),
                "state": "RUNNING" if active else "IDLE",
                "run_as_user_name": pipeline["creator"]}
        if pipeline["updates"]:
            last = pipeline["updates"][-1]
            head["health"] = "UNHEALTHY" if last["state"] == "FAILED" else "HEALTHY"
            head["latest_updates"] = [
                {"update_id": u["update_id"], "state": u["state"],
                 "creation_time": iso(u["creation_time"])} for u in pipeline["updates"][:-6:-1]]
        return head

    @route("GET", "/api/2.0/pipelines/{id}")
    def get_pipeline(self, request):
        pipeline = self.find_pipeline(request)
        self.step(pipeline)
        return answer_json(dict(self.head_of(pipeline), spec=pipeline["spec"],
                                creator_user_name=pipeline["creator"],
                                last_modified=pipeline["last_modified"],
                                effective_publishing_mode="DEFAULT_PUBLISHING_MODE"))

    @route("PUT", "/api/2.0/pipelines/{id}")
    def replace_pipeline(self, request):
        pipeline, body = self.find_pipeline(request), body_of(request)
        if body.get("id", pipeline["id"]) != pipeline["id"]:
            raise invalid("The id of a pipeline cannot be changed")
        expected = field(body, "expected_last_modified", int, False)
        if expected is not None and expected != pipeline["last_modified"]:
            raise conflict("The pipeline was modified by someone else: expected_last_modified %d "
                           "does not match." % expected)
        self.check_settings(body, pipeline["id"])
        pipeline["spec"] = self.settings_of(body, pipeline["id"])
        pipeline["last_modified"] = self.tick()
        return answer_json({})

    @route("DELETE", "/api/2.0/pipelines/{id}")
    def delete_pipeline(self, request):
        pipeline = self.find_pipeline(request)
        if flag_arg(request, "cascade", True):
            for name in [n for n, t in self.uc["table"].items()
                         if t.get("pipeline_id") == pipeline["id"]]:
                del self.uc["table"][name]
        self.gone_pipelines[pipeline["id"]] = self.pipelines.pop(pipeline["id"])
        return answer_json({})

    @route("POST", "/api/2.0/pipelines/{id}/restore")
    def restore_pipeline(self, request):
        if request.match["id"] not in self.gone_pipelines:
            return self.find_pipeline(request)
        self.pipelines[request.match["id"]] = self.gone_pipelines.pop(request.match["id"])
        return answer_json({})

    @route("POST", "/api/2.0/pipelines/{id}/stop")
    def stop_pipeline(self, request):
        pipeline = self.find_pipeline(request)
        if self.active_update(pipeline):
            pipeline["updates"][-1]["state"] = "STOPPING"
        return answer_json({})

    # updates

    @staticmethod
    def active_update(pipeline):
        last = pipeline["updates"][-1] if pipeline["updates"] else None
        return last if last and last["state"] not in ENDED else None

    def begin_update(self, pipeline, body, cause):
        if self.active_update(pipeline):
            raise conflict("An active update %s already exists for pipeline '%s'."
                           % (pipeline["updates"][-1]["update_id"], pipeline["spec"].get("name")))
        if body.get("full_refresh") and any(k.endswith("_selection") and body[k] for k in body):
            raise invalid("full_refresh excludes a selection")
        update = {"update_id": self.new_uuid(), "pipeline_id": pipeline["id"], "state": STEPS[0],
                  "cause": cause, "full_refresh": bool(body.get("full_refresh")),
                  "validate_only": bool(body.get("validate_only")), "creation_time": now_ms()}
        pipeline["updates"].append(update)
        self.add_event(pipeline, update, "create_update", "INFO",
                       "Update %s started by %s." % (update["update_id"][:6], cause))
        return update

    @route("POST", "/api/2.0/pipelines/{id}/updates")
    def start_update(self, request):
        pipeline, body = self.find_pipeline(request), body_of(request)
        field(body, "full_refresh", bool, False)
        update = self.begin_update(pipeline, body, body.get("cause", "API_CALL"))
        return answer_json({"update_id": update["update_id"]})

    @route("GET", "/api/2.0/pipelines/{id}/updates")
    def list_updates(self, request):
        pipeline = self.find_pipeline(request)
        size = number_arg(request, "max_results", 25, 1, 100)
        rows, token = self.lists.page(request, pipeline["updates"][::-1], size)
        answer = {"updates": rows} if rows else {}
        if token:
            answer["next_page_token"] = token
        return answer_json(answer)

    @route("GET", "/api/2.0/pipelines/{id}/updates/{update}")
    def get_update(self, request):
        pipeline = self.find_pipeline(request)
        for update in pipeline["updates"]:
            if update["update_id"] == request.match["update"]:
                self.step(pipeline)
                return answer_json({"update": update})
        raise Refused(404, "RESOURCE_DOES_NOT_EXIST",
                      "The specified update %s was not found." % request.match["update"])

    def step(self, pipeline):
        update = self.active_update(pipeline)
        if update is None:
            return
        if update["state"] == "STOPPING":
            self.end_update(pipeline, update, "CANCELED", None)
            return
        following = STEPS[STEPS.index(update["state"]) + 1]
        if following != "COMPLETED":
            update["state"] = following
            self.add_event(pipeline, update, "update_progress", "INFO",
                           "Update %s is %s." % (update["update_id"][:6], following))
            return
        state, error = self.outcome(pipeline)
        self.end_update(pipeline, update, state, error)

    def end_update(self, pipeline, update, state, error):
        update["state"] = state
        if error:
            self.add_event(pipeline, update, "flow_progress", "ERROR",
                           error["message"], {"fatal": True, "exceptions": [error]})
        self.add_event(pipeline, update, "update_progress",
                       "ERROR" if state == "FAILED" else "INFO",
                       "Update %s is %s." % (update["update_id"][:6], state))
        if state == "COMPLETED" and not update["validate_only"]:
            for name in self.tables_of(pipeline):
                self.add_uc("table", name, name.rsplit(".", 1)[1], table_type="STREAMING_TABLE",
                            pipeline_id=pipeline["id"])

    @staticmethod
    def tables_of(pipeline):
        names = []
        for each in (pipeline["spec"].get("ingestion_definition") or {}).get("objects") or []:
            table = each.get("table")
            if table:
                names.append(".".join((table["destination_catalog"], table["destination_schema"],
                                       table.get("destination_table") or
                                       table["source_table"])).lower())
        return names

    def outcome(self, pipeline):
        for rule in self.outcomes:
            if rule["count"] and fnmatch.fnmatchcase(pipeline["spec"]["name"], rule["pipeline"]):
                rule["count"] -= 1
                return rule["state"], rule.get("error")
        wrong = self.what_is_missing(pipeline["spec"])
        return ("FAILED", wrong) if wrong else ("COMPLETED", None)

    def what_is_missing(self, spec):
        for library in spec.get("libraries") or []:
            path = (library.get("file") or library.get("notebook") or {}).get("path")
            if path and path.replace("/Workspace", "", 1) not in self.objects and \
                    path not in self.objects:
                return {"class_name": "java.io.FileNotFoundException",
                        "message": "Failed to load %s: the file does not exist." % path}
        schema = "%s.%s" % (spec.get("catalog", ""), spec.get("schema") or spec.get("target"))
        if spec.get("catalog") and schema.lower() not in self.uc["schema"]:
            return {"class_name": "org.apache.spark.sql.AnalysisException",
                    "message": "[SCHEMA_NOT_FOUND] The schema `%s` cannot be found." % schema}
        connection = (spec.get("ingestion_definition") or {}).get("connection_name")
        if connection and connection not in self.uc["connection"]:
            return {"class_name": "com.databricks.sql.managedcatalog.UnityCatalogServiceException",
                    "message": "[CONNECTION_NOT_FOUND] Connection '%s' does not exist."
                               % connection}
        return None

    # events

    def add_event(self, pipeline, update, kind, level, message, error=None):
        event = {"id": self.new_uuid(), "timestamp": iso(self.tick()), "level": level,
                 "event_type": kind, "message": message, "maturity_level": "STABLE",
                 "origin": {"update_id": update["update_id"], "pipeline_id": pipeline["id"],
                            "pipeline_name": pipeline["spec"].get("name")},
                 "sequence": {"control_plane_seq_no": self.ticks}}
        if error:
            event["error"] = error
        pipeline["events"].append(event)

    @route("GET", "/api/2.0/pipelines/{id}/events")
    def list_events(self, request):
        pipeline = self.find_pipeline(request)
        if request.arg("page_token") and (request.arg("filter") or request.arg("order_by")):
            raise invalid("page_token excludes every parameter but max_results")
        size = number_arg(request, "max_results", 25, 1, 250)
        rows, asked = pipeline["events"], request.arg("filter", "")
        token = request.arg("page_token", "")
        descending = True
        if "/" in token:    # what the first page was asked for travels in the token
            token, descending, asked = token.split("/", 2)
            descending = descending == "desc"
            request.query["page_token"] = [token]
        elif request.arg("order_by"):
            match = re.fullmatch(r"timestamp (asc|desc)", request.arg("order_by"))
            if not match:
                raise invalid("order_by: only timestamp is supported")
            descending = match.group(1) == "desc"
        rows = [e for e in rows if self.event_matches(e, asked)]
        rows, following = self.lists.page(request, rows[::-1] if descending else rows, size)
        answer = {"events": rows} if rows else {}
        if following:
            answer["next_page_token"] = "%s/%s/%s" % (following, "desc" if descending else "asc",
                                                      asked)
        return answer_json(answer)

    @staticmethod
    def event_matches(event, asked):
        for part in re.split(r"\s+AND\s+", asked, flags=re.I) if asked else ():
            match = re.fullmatch(r"\s*(level|id|timestamp)\s*(=|<=|>=|<|>|in)\s*(.*?)\s*", part)
            if not match:
                raise invalid("Unsupported filter: %s" % part)
            name, operator, text = match.groups()
            values = re.findall(r"'([^']*)'", text)
            good = {"=": lambda v: v == values[0], "in": lambda v: v in values,
                    "<": lambda v: v < values[0], "<=": lambda v: v <= values[0],
                    ">": lambda v: v > values[0], ">=": lambda v: v >= values[0]}[operator]
            if not values or not good(event[name]):
                return False
        return True
