#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fake workspace can be trusted: it keeps what it is given, pages, lags, refuses, and forgets
answers as it is told. Run it alone from the build folder:
    srcdir=.. /usr/bin/python3 ../tests/system/fake-workspace.py
"""
import base64
import http.client
import json
import os
import subprocess
import sys
import urllib.parse

FAKES = os.path.join(os.environ.get("srcdir", "."), "tests", "fakes")
sys.path.insert(0, FAKES)
sys.dont_write_bytecode = True
import workspace  # noqa: E402  pylint: disable=wrong-import-position
PIPELINES, JOBS, WS = "/api/2.0/pipelines", "/api/2.2/jobs/", "/api/2.0/workspace/"
UC, FS = "/api/2.1/unity-catalog/", "/api/2.0/fs/"
count = failures = 0


def same(got, wanted, name):
    global count, failures
    count += 1
    good = got == wanted
    failures += not good
    print("%s %d - %s" % ("ok" if good else "not ok", count, name))
    if not good:
        print("# expected: %r\n#      got: %r" % (wanted, got))


class Client:
    """One running fake and a connection to it."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(FAKES, "workspace.py")] + list(options),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            word, _, url = line.strip().partition(" ")
            if word == "ready":
                self.url = urllib.parse.urlsplit(url)
                break
        self.connection = None
        self.headers = {}

    def raw(self, method, path, body=None, headers=None):
        """(status, bytes), or (0, b"") when the connection ended without an answer."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port,
                                                         timeout=60)
        sent = {} if path.startswith(workspace.OPEN) else {
            "Authorization": "Bearer " + workspace.TOKEN}
        sent.update(headers or {})
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
            data = answer.read()
            self.headers = dict(answer.getheaders())
            return answer.status, data
        except (http.client.RemoteDisconnected, ConnectionResetError):
            self.connection = None
            return 0, b""

    def call(self, method, target, body=None, **args):
        """(status, JSON)."""
        if args:
            target += "?" + urllib.parse.urlencode(args)
        status, data = self.raw(method, target, None if body is None else json.dumps(body))
        return status, json.loads(data) if data else None

    def good(self, method, target, body=None, **args):
        status, answer = self.call(method, target, body, **args)
        if status >= 300 or status == 0:
            same((status, answer), 200, "%s %s" % (method, target))
        return answer

    def refusal(self, method, target, body=None, **args):
        """"404 RESOURCE_DOES_NOT_EXIST"."""
        status, answer = self.call(method, target, body, **args)
        return "%d %s" % (status, (answer or {}).get("error_code"))

    def fault(self, **what):
        self.good("DELETE", "/_fake/faults")
        self.good("POST", "/_fake/faults", what)

    def end(self):
        same(self.good("GET", "/_fake/stats")["violations"], [], "no violation")
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)


def text(data):
    return base64.b64encode(data.encode()).decode()


def test_sign_in():
    c = Client("--expires-text")
    good = {"Authorization": "Basic " + base64.b64encode(workspace.CLIENT.encode()).decode()}
    me = c.good("GET", "/api/2.0/preview/scim/v2/Me")
    same(me["userName"], "me@example.com", "the token's user")
    same(c.headers["X-Databricks-Org-Id"], "7474640000000001", "and the workspace")
    same(c.raw("GET", PIPELINES, headers={"Authorization": "Bearer no"})[0], 401, "a wrong token")
    same(c.good("GET", "/.well-known/databricks-config")["oidc_endpoint"].endswith("/oidc"), True,
         "metadata")
    end = c.good("GET", "/oidc/.well-known/oauth-authorization-server")["token_endpoint"]
    same(urllib.parse.urlsplit(end).path, "/oidc/v1/token", "discovery")
    status, answer = c.raw("POST", "/oidc/v1/token", "grant_type=client_credentials", good)
    answer = json.loads(answer)
    same((status, answer["expires_in"]), (200, "3600"), "a token, its life as a string")
    bearer = {"Authorization": "Bearer " + answer["access_token"]}
    same(json.loads(c.raw("GET", "/api/2.0/preview/scim/v2/Me", headers=bearer)[1])["userName"],
         workspace.CLIENT.split(":")[0], "a service principal is an id")
    c.good("POST", "/_fake/revoke", {})
    same(c.raw("GET", PIPELINES, headers=bearer)[0], 401, "a token that is revoked")
    status, answer = c.raw("POST", "/oidc/v1/token", "grant_type=client_credentials",
                           {"Authorization": "Basic eDp5"})
    same((status, json.loads(answer)["error"]), (401, "invalid_client"), "a wrong client")
    c.end()


def test_tree():
    c = Client()
    home = "/Users/me@example.com"
    same(c.refusal("POST", WS + "import", {"path": home + "/a/b.py", "format": "RAW",
                                           "content": text("x")}),
         "404 RESOURCE_DOES_NOT_EXIST", "import without a parent folder")
    c.good("POST", WS + "mkdirs", {"path": "/Workspace" + home + "/a"})
    for kind, language in (("RAW", None), ("AUTO", None), ("SOURCE", "PYTHON")):
        c.good("POST", WS + "import", {"path": "%s/a/%s.py" % (home, kind), "format": kind,
                                       "language": language,
                                       "content": text("# Databricks notebook source\nx = 1\n")})
    rows = c.good("GET", WS + "list", path=home + "/a")["objects"]
    same([(r["path"].rsplit("/", 1)[1], r["object_type"]) for r in rows],
         [("AUTO", "NOTEBOOK"), ("RAW.py", "FILE"), ("SOURCE.py", "NOTEBOOK")],
         "AUTO takes the extension away, RAW is a file, SOURCE a notebook with an extension")
    same(c.raw("GET", WS + "export?direct_download=true&path=" + home + "/a/AUTO")[1],
         b"# Databricks notebook source\nx = 1\n", "export of a notebook")
    same(c.refusal("POST", WS + "import", {"path": home + "/a/RAW.py", "format": "RAW"}),
         "400 RESOURCE_ALREADY_EXISTS", "not without overwrite")
    same(c.refusal("POST", WS + "import", {"path": home + "/a/RAW.py", "language": "PYTHON",
                                           "overwrite": True}),
         "400 RESOURCE_ALREADY_EXISTS", "no notebook over a file")
    same(c.refusal("POST", WS + "import", {"path": home + "/x", "format": "RAW",
                                           "content": text("x" * (10 * 1024 * 1024 + 1))}),
         "400 MAX_NOTEBOOK_SIZE_EXCEEDED", "10 MB at most")
    same(c.call("GET", WS + "get-status", path=home + "/none"),
         (404, {"error_code": "RESOURCE_DOES_NOT_EXIST",
                "message": "Path (%s/none) doesn't exist." % home}), "a missing path")
    same(c.good("GET", WS + "get-status", path="/Workspace" + home + "/a/RAW.py")["object_id"] >
         1 << 53, True, "ids beyond a double")
    same(c.refusal("POST", WS + "delete", {"path": home + "/a"}), "400 DIRECTORY_NOT_EMPTY",
         "a folder that is not empty")
    same(c.raw("POST", "/api/2.0/workspace-files/import-file" + home + "/a/RAW.py", b"2")[0], 409,
         "import-file does not overwrite by itself")
    c.raw("POST", "/api/2.0/workspace-files/import-file%s/a/RAW.py?overwrite=true" % home, b"2")
    same(c.good("GET", WS + "export", path=home + "/a/RAW.py")["content"], text("2"), "and does")
    repo = c.good("POST", "/api/2.0/repos", {"url": "https://example.com/o/r.git",
                                             "provider": "gitHub", "path": home + "/r"})
    same(c.good("GET", WS + "get-status", path=home + "/r")["object_id"], repo["id"],
         "a Git folder's object id is its id")
    same(c.good("GET", "/api/2.0/repos"), {}, "the list of Git folders has none outside /Repos")
    c.good("PATCH", "/api/2.0/repos/%d" % repo["id"], {"branch": "dev"})
    same(c.good("GET", "/api/2.0/repos/%d" % repo["id"])["branch"], "dev", "its branch")
    c.good("POST", WS + "delete", {"path": home + "/a", "recursive": True})
    c.good("DELETE", "/api/2.0/repos/%d" % repo["id"])
    same(c.good("GET", WS + "list", path=home), {}, "an empty folder has no objects")
    c.end()


def test_pipelines():
    c = Client("--lag", "2")
    base = {"name": "p'1_a", "catalog": "main", "schema": "default", "channel": "PREVIEW"}
    made = c.good("POST", PIPELINES, dict(base, novelty={"kept": 1}))["pipeline_id"]
    one = PIPELINES + "/" + made
    same(c.good("GET", one)["spec"]["novelty"], {"kept": 1}, "unknown settings are kept")
    same(c.refusal("POST", PIPELINES, base), "409 RESOURCE_CONFLICT", "a name is taken")
    other = c.good("POST", PIPELINES, dict(base, name="p'1Xa"))["pipeline_id"]
    wanted = "name LIKE 'p''1_a'"
    same([len(c.good("GET", PIPELINES, filter=wanted).get("statuses", ())) for _ in range(3)],
         [0, 0, 2], "lists lag; _ matches any character, '' is a quote")
    same(c.good("GET", PIPELINES, max_results=1, order_by="name desc")["statuses"][0]["name"],
         "p'1_a", "order")
    first = c.good("GET", PIPELINES, max_results=1)
    same(len(c.good("GET", PIPELINES, max_results=1, page_token=first["next_page_token"])
             ["statuses"]), 1, "pages")
    for what, refused in ((dict(base, name="x", target="a.b", schema=None), "dots in target"),
                          (dict(base, name="x", serverless=True, clusters=[{}]), "clusters"),
                          (dict(base, name="x", channel="preview"), "channel"),
                          (dict(base, name="x", libraries=[{}]), "libraries")):
        what = {k: v for k, v in what.items() if v is not None}
        same(c.refusal("POST", PIPELINES, what), "400 INVALID_PARAMETER_VALUE", refused)
    same("pipeline_id" in c.good("POST", PIPELINES, dict(base, name="dry", dry_run=True)), False,
         "dry_run makes none")
    same(c.good("POST", PIPELINES, {"name": "old"})["pipeline_id"] in
         c.good("GET", "/_fake/state")["pipelines"][0].get("storage", ""), False,
         "storage of a pipeline without a catalog")
    seen = c.good("GET", one)["last_modified"]
    c.good("PUT", one, dict(base, id=made, expected_last_modified=seen))
    same("novelty" in c.good("GET", one)["spec"], False, "PUT replaces")
    same(c.refusal("PUT", one, dict(base, id=made, expected_last_modified=seen)),
         "409 RESOURCE_CONFLICT", "a change in between")
    definition = {"connection_name": "c", "objects": [{"table": {
        "source_table": "T", "destination_catalog": "main", "destination_schema": "default"}}]}
    c.good("POST", UC + "connections", {"name": "c", "connection_type": "COMMUNITY",
                                        "options": {"token": "t", "sourceName": "x"}})
    c.good("PUT", one, dict(base, ingestion_definition=definition))
    update = c.good("POST", one + "/updates", {"full_refresh": True})["update_id"]
    same(c.refusal("POST", one + "/updates", {}), "409 RESOURCE_CONFLICT", "one update at a time")
    states = [c.good("GET", one + "/updates/" + update)["update"]["state"] for _ in range(6)]
    same(states[-2:], ["COMPLETED", "COMPLETED"], "an update ends")
    same(c.good("GET", UC + "tables/main.default.t")["pipeline_id"], made, "and leaves a table")
    c.good("POST", "/_fake/outcome", {"pipeline": "p*", "state": "FAILED", "count": 1,
                                      "error": {"class_name": "E", "message": "boom"}})
    c.good("POST", one + "/updates", {})
    for _ in range(5):
        c.good("GET", one)
    same(c.good("GET", one)["latest_updates"][0]["state"], "FAILED", "as the test says")
    events = c.good("GET", one + "/events", filter="level='ERROR'", max_results=1)
    same(c.good("GET", one + "/events", page_token=events["next_page_token"])
         ["events"][0]["error"]["exceptions"][0]["message"], "boom", "with the error in an event")
    same(c.refusal("GET", PIPELINES + "/none"), "404 RESOURCE_DOES_NOT_EXIST", "a missing one")
    c.good("DELETE", one + "?cascade=false")
    same(c.good("GET", UC + "tables/main.default.t/exists")["table_exists"], True, "tables stay")
    c.good("POST", one + "/restore", {})
    c.good("DELETE", one)
    same(c.good("GET", UC + "tables/main.default.t/exists")["table_exists"], False, "or go")
    c.good("DELETE", PIPELINES + "/" + other)
    c.end()


def test_jobs():
    c = Client()
    pipeline = c.good("POST", PIPELINES, {"name": "p", "catalog": "main", "schema": "default"})
    job = {"name": "Job A", "schedule": {"quartz_cron_expression": "0 0/15 * * * ?",
                                         "timezone_id": "UTC"},
           "tasks": [{"task_key": "ingest", "pipeline_task": pipeline}], "novelty": [1]}
    ids = [c.good("POST", JOBS + "create", job)["job_id"] for _ in range(2)]
    same(min(ids) > 1 << 53, True, "ids beyond a double")
    found = c.good("GET", JOBS + "list", name="job a")
    same(len(found["jobs"]), 2, "names are not unique, and asked for in any case")
    same("tasks" in found["jobs"][0]["settings"], False, "a list has no tasks")
    same(c.good("GET", JOBS + "list", name="none"), {"has_more": False}, "no key when empty")
    same(c.good("GET", JOBS + "get", job_id=ids[0])["settings"]["novelty"], [1],
         "unknown settings are kept")
    for cron in ("0 0 * * *", "0 0 0 * * *", "0 0 0 ? * ?", "0 0 25 * * ?", "0 0 0 ? * 0"):
        bad = dict(job, schedule={"quartz_cron_expression": cron, "timezone_id": "UTC"})
        same(c.refusal("POST", JOBS + "create", bad), "400 INVALID_PARAMETER_VALUE", cron)
    same(c.refusal("POST", JOBS + "create", dict(job, tasks=[{"task_key": "a b"}])),
         "400 INVALID_PARAMETER_VALUE", "a task key with a blank")
    same(c.call("GET", JOBS + "get?job_id=1"),
         (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Job 1 does not exist."}),
         "a missing job is 400")
    many = dict(job, tasks=[{"task_key": "t%d" % i} for i in range(150)])
    same(c.refusal("POST", "/api/2.1/jobs/create", many), "400 INVALID_PARAMETER_VALUE",
         "100 tasks in 2.1")
    big = c.good("POST", JOBS + "create", many)["job_id"]
    first = c.good("GET", JOBS + "get", job_id=big)
    rest = c.good("GET", JOBS + "get", job_id=big, page_token=first["next_page_token"])
    same((len(first["settings"]["tasks"]), len(rest["settings"]["tasks"])), (100, 50),
         "tasks come in pages in 2.2")
    c.good("POST", JOBS + "update", {"job_id": ids[0], "fields_to_remove": ["schedule"],
                                     "new_settings": {"tasks": [{"task_key": "more"}]}})
    settings = c.good("GET", JOBS + "get", job_id=ids[0])["settings"]
    same(("schedule" in settings, [t["task_key"] for t in settings["tasks"]]),
         (False, ["ingest", "more"]), "update removes, and merges tasks")
    run = [c.good("POST", JOBS + "run-now", {"job_id": ids[1], "idempotency_token": "x"})["run_id"]
           for _ in range(2)]
    same(run[0], run[1], "the same token is the same run")
    for _ in range(5):
        state = c.good("GET", JOBS + "runs/get", run_id=run[0])["state"]
    same(state["result_state"], "SUCCESS", "a run ends with its update")
    c.good("POST", JOBS + "reset", {"job_id": ids[0], "new_settings": {"name": "B"}})
    same("novelty" in c.good("GET", JOBS + "get", job_id=ids[0])["settings"], False,
         "reset replaces")
    state = json.dumps(c.good("GET", "/_fake/state"))
    same(('"pipeline_id": "pipeline:p"' in state, pipeline["pipeline_id"] in state), (True, False),
         "the state has names in place of ids")
    c.good("POST", JOBS + "delete", {"job_id": ids[0]})
    same(c.refusal("POST", JOBS + "delete", {"job_id": ids[0]}), "400 INVALID_PARAMETER_VALUE",
         "deleted")
    c.end()


def test_catalog():
    c = Client("--empty-pages", "--page-size", "2")
    for name in ("a", "b", "c"):
        c.good("POST", UC + "connections", {"name": name, "connection_type": "COMMUNITY",
                                            "options": {"token": "hush", "sourceName": "x"}})
    same(c.refusal("POST", UC + "connections", {"name": "d", "connection_type": "COMMUNITY",
                                                "options": {"n": 1}}),
         "400 MALFORMED_REQUEST", "options are strings")
    same(c.refusal("POST", UC + "connections", {"name": "a", "connection_type": "COMMUNITY",
                                                "options": {}}),
         "409 CONNECTION_ALREADY_EXISTS", "names are unique")
    same(c.good("GET", UC + "connections/a")["options"], {"sourceName": "x"},
         "secrets do not come back")
    pages, token = [], None
    while token != "":
        more = {"page_token": token} if token else {}
        page = c.good("GET", UC + "connections", max_results=0, **more)
        pages.append(len(page.get("connections", ())))
        token = page.get("next_page_token", "")
    same(pages, [0, 2, 1], "an empty page, then two")
    c.good("PATCH", UC + "connections/a", {"options": {"k": "v"}})
    same(c.good("GET", UC + "connections/a")["options"], {"k": "v"}, "PATCH replaces all options")
    same(c.refusal("GET", UC + "connections/none"), "404 CONNECTION_DOES_NOT_EXIST", "missing")
    c.good("POST", UC + "schemas", {"name": "Bronze", "catalog_name": "main"})
    same(c.good("GET", UC + "schemas/main.BRONZE")["full_name"], "main.bronze", "lower case")
    same(c.refusal("POST", UC + "schemas", {"name": "x", "catalog_name": "none"}),
         "404 CATALOG_DOES_NOT_EXIST", "no catalog")
    same(c.raw("PUT", FS + "files/Volumes/main/bronze/v/a/w.whl", b"1")[0], 404, "no volume")
    c.good("POST", UC + "volumes", {"catalog_name": "main", "schema_name": "bronze", "name": "v",
                                    "volume_type": "MANAGED"})
    same(c.raw("PUT", FS + "files/Volumes/main/bronze/v/a/w.whl", b"1"), (204, b""), "a file")
    same(c.raw("PUT", FS + "files/Volumes/main/bronze/v/a/w.whl", b"2")[0], 409, "not twice")
    same(c.raw("GET", FS + "files/Volumes/main/bronze/v/a/w.whl"), (200, b"1"), "comes back")
    same(c.good("GET", FS + "directories/Volumes/main/bronze/v")["contents"][0]["name"], "a",
         "its folder")
    same(c.raw("HEAD", FS + "directories/Volumes/main/bronze/v/b")[0], 404, "no folder")
    c.good("POST", "/api/2.0/secrets/scopes/create", {"scope": "s"})
    c.good("POST", "/api/2.0/secrets/put", {"scope": "s", "key": "k", "string_value": "\u00fc"})
    same(base64.b64decode(c.good("GET", "/api/2.0/secrets/get", scope="s", key="k")["value"]),
         "\u00fc".encode(), "a secret")
    same(c.refusal("GET", "/api/2.0/secrets/get", scope="s", key="none"),
         "404 RESOURCE_DOES_NOT_EXIST", "no secret")
    c.end()


def test_faults():
    c = Client()
    c.fault(kind="lost", path="/api/2.2/jobs/create")
    same(c.raw("POST", JOBS + "create", '{"name":"a"}')[0], 0, "a lost answer")
    same(len(c.good("GET", JOBS + "list")["jobs"]), 1, "and it happened")
    c.fault(kind="close", path="/api/2.2/jobs/create")
    same(c.raw("POST", JOBS + "create", '{"name":"b"}')[0], 0, "a connection that is closed")
    same(len(c.good("GET", JOBS + "list")["jobs"]), 1, "and nothing happened")
    c.fault(kind="after", path="/api/2.2/jobs/create", status=503)
    same(c.raw("POST", JOBS + "create", '{"name":"c"}')[0], 503, "an error")
    same(len(c.good("GET", JOBS + "list")["jobs"]), 2, "and it happened all the same")
    c.fault(kind="429", path="/api/*", **{"retry-after": "0"})
    same(c.refusal("GET", PIPELINES), "429 REQUEST_LIMIT_EXCEEDED", "too many requests")
    same(c.headers["Retry-After"], "0", "and when to come again")
    c.good("DELETE", "/_fake/faults")
    c.good("POST", "/_fake/seed", [{"method": "POST", "path": JOBS + "create",
                                    "body": {"name": "d"}}])
    same(len([1 for line in c.raw("GET", "/_fake/log")[1].splitlines() if b"jobs/create" in line]),
         3, "what is seeded is not in the log")
    same(len(c.good("GET", JOBS + "list")["jobs"]), 3, "and is there")
    same(c.refusal("GET", "/api/2.0/nowhere"), "404 ENDPOINT_NOT_FOUND", "no such call")
    c.end()


for test in (test_sign_in, test_tree, test_pipelines, test_jobs, test_catalog, test_faults):
    test()
print("1..%d" % count)
sys.exit(bool(failures))
