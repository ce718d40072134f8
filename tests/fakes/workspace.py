#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A Databricks workspace: sign-in, workspace files, pipelines, jobs, Unity Catalog, Files API,
Git folders, secrets. It keeps real state, answers in the platform's shapes and refuses what the
platform refuses, so a deployment can be compared with what it left behind.

    /usr/bin/python3 workspace.py --lag 2 --fault lost,path=/api/2.2/jobs/create

Beyond fake.py:
    --user NAME           who the token belongs to (me@example.com)
    --token TEXT          the personal access token
    --client ID:SECRET    a service principal, for OAuth client credentials
    --expires-s N         life of its tokens; --expires-text: as a JSON string
    --no-metadata         no /.well-known/databricks-config, as on old deployments
    --no-discovery        no OAuth discovery either: the token endpoint is where it always is
    --lag N               what was made is in lists only when its kind was listed N times since
    --empty-pages         lists of Unity Catalog begin with an empty page that has a successor
    --page-size N         what Unity Catalog chooses as page size
    --limit api=R/S       so many calls a second

    POST /_fake/seed      a list of {"method", "path", "body"}: calls that are made without sign-in,
                          and are not in the log
    GET  /_fake/state     all that is there, with names in place of ids: two equal deployments
                          give equal states, whatever went wrong on the way
    POST /_fake/outcome   how updates end; see workspace_pipelines.py. DELETE forgets them
    POST /_fake/revoke    every token that was given out is refused from now on
"""
import json
import threading
import uuid

import fake
import wire
from fake import Answer, answer_json, route
from workspace_base import Lists, Refused, body_of, digest
from workspace_catalog import Catalog
from workspace_jobs import Jobs
from workspace_pipelines import Pipelines
from workspace_tree import Tree

# What a Databricks token looks like would be found by those who search code for secrets.
TOKEN = "dapi-" + "4c1f0e72a95b"
CLIENT = "6f7d3c55-0a4e-4c0b-9d57-1f2e3d4c5b6a:dose-9ab1c2"
CODES = {400: "BAD_REQUEST", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED",
         404: "ENDPOINT_NOT_FOUND", 405: "ENDPOINT_NOT_FOUND", 409: "RESOURCE_CONFLICT",
         429: "REQUEST_LIMIT_EXCEEDED", 500: "INTERNAL_ERROR", 503: "TEMPORARILY_UNAVAILABLE",
         504: "DEADLINE_EXCEEDED"}
OPEN = ("/.well-known/", "/oidc/", "/custom/")


class Workspace(Tree, Catalog, Pipelines, Jobs, fake.Source):
    name = "workspace"

    @staticmethod
    def add_options(parser):
        parser.add_argument("--user", default="me@example.com")
        parser.add_argument("--token", default=TOKEN)
        parser.add_argument("--client", default=CLIENT)
        parser.add_argument("--expires-s", type=int, default=3600)
        parser.add_argument("--expires-text", action="store_true")
        parser.add_argument("--no-metadata", action="store_true")
        parser.add_argument("--no-discovery", action="store_true")
        parser.add_argument("--lag", type=int, default=0)
        parser.add_argument("--empty-pages", action="store_true")
        parser.add_argument("--page-size", type=int, default=100)

    def __init__(self, args):
        super().__init__(args)
        self.add_limit("api", 1000000, 1)
        self.lists = Lists(args.lag, args.empty_pages)
        self.last_id = 9007199254740993     # no double holds it
        self.ticks = 1700000000000
        self.client, _, self.client_secret = args.client.partition(":")
        self.given = {}     # tokens of the service principal
        self.tokens = {args.token: args.user}
        self.state = threading.RLock()
        self.start_tree()
        self.start_catalog()
        self.start_pipelines()
        self.start_jobs()

    # What makes things different from each other.
    def new_id(self):
        self.last_id += 2 * self.random.randrange(1, 1000)
        return self.last_id

    def new_uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def tick(self):
        """A time in ms that is later than every one before."""
        self.ticks += 1
        return self.ticks

    # Sign-in.
    def secrets(self):
        given = {"given %d" % i: t for i, t in enumerate(list(self.given))}
        basic = fake.basic_text(self.client, self.client_secret)
        return dict(given, token=self.args.token, client_secret=self.client_secret, basic=basic)

    def may_carry(self, request, name, where):
        if where != "main header:authorization":
            return False
        return (name == "basic") == request.path.startswith(("/oidc/", "/custom/"))

    def user_of(self, request):
        token = request.bearer() or ""
        return self.tokens.get(token) or self.given.get(token) or self.args.user

    def sign_in(self, request):
        if request.path.startswith(OPEN):
            return None
        token = request.bearer()
        if token is not None and (token in self.tokens or token in self.given):
            return None
        return self.error(401, request)

    def bucket(self, request):
        return "api" if request.path.startswith("/api/") else None

    def error(self, status, request):
        text = wire.REASONS.get(status, "Error")
        if "/scim/" in request.path:
            return answer_json({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                                "status": str(status), "detail": text}, status)
        if request.path.startswith("/oidc/"):
            return answer_json({"error": "server_error", "error_description": text}, status)
        return answer_json({"error_code": CODES.get(status, "UNKNOWN"),
                            "message": "%s: %s" % (text, request.path)}, status)

    def handle(self, request):
        try:
            with self.state:
                return super().handle(request)
        except Refused as refused:
            return refused.answer()

    # Discovery and tokens.
    @route("GET", "/.well-known/databricks-config")
    def metadata(self, request):
        if self.args.no_metadata:
            return self.error(404, request)
        return answer_json({"oidc_endpoint": request.base + "/oidc", "account_id": "acc-1",
                            "workspace_id": "7474640000000001", "cloud": "AWS"})

    @route("GET", "/oidc/.well-known/oauth-authorization-server")
    def discovery(self, request):
        if self.args.no_discovery:
            return self.error(404, request)
        return answer_json({"authorization_endpoint": request.base + "/oidc/v1/authorize",
                            "token_endpoint": request.base + "/oidc/v1/token"})

    @route("GET", "/custom/discovery")
    def custom_discovery(self, request):
        return answer_json({"token_endpoint": request.base + "/custom/token"})

    @route("POST", "/custom/token")
    def custom_token(self, request):
        return self.token(request)

    @route("POST", "/oidc/v1/token")
    def token(self, request):
        form = request.form()
        if request.client() != (self.client, self.client_secret):
            return answer_json({"error": "invalid_client",
                                "error_description": "Client authentication failed"}, 401)
        if form.get("grant_type") != "client_credentials":
            return answer_json({"error": "unsupported_grant_type"}, 400)
        token = "eyJ-%d-%s" % (self.args.seed, self.new_uuid())
        self.given[token] = self.client
        expires = str(self.args.expires_s) if self.args.expires_text else self.args.expires_s
        return answer_json({"access_token": token, "token_type": "Bearer", "expires_in": expires,
                            "scope": form.get("scope", "")})

    @route("GET", "/api/2.0/preview/scim/v2/Me")
    def me(self, request):
        user = self.user_of(request)
        answer = {"id": "4711", "userName": user, "displayName": user, "active": True,
                  "groups": [], "entitlements": []}
        if "@" in user:
            answer["emails"] = [{"value": user, "primary": True, "type": "work"}]
        return answer_json(answer, headers=[("X-Databricks-Org-Id", "7474640000000001")])

    # What tests ask.
    def control(self, name, request):
        if name == "revoke" and request.method == "POST":
            self.given = {}
            return {}
        if name == "seed" and request.method == "POST":
            return self.seed(request)
        if name == "state":
            with self.state:
                return Answer(200, json.dumps(self.whole(), indent=1, sort_keys=True,
                                              ensure_ascii=False) + "\n")
        if name == "outcome":
            if request.method == "DELETE":
                self.outcomes = []
            else:
                self.outcomes.append(dict({"count": -1, "state": "COMPLETED"}, **body_of(request)))
            return {}
        return None

    def seed(self, request):
        answers = []
        for call in request.json():
            body = json.dumps(call.get("body", {})) if "text" not in call else call["text"]
            made = wire.Request(call["method"], call["path"], request.headers, body.encode())
            made.base = request.base
            answer = self.handle(made)
            if answer.status >= 300:
                return answer
            answers.append(json.loads(answer.body or "null"))
        return answers

    def whole(self):
        """All that is there, without what differs between two runs that did the same."""
        names = {i: "pipeline:" + p["spec"].get("name", "") for i, p in self.pipelines.items()}

        def plain(value):
            if isinstance(value, dict):
                return {k: plain(v) for k, v in value.items()}
            if isinstance(value, list):
                return [plain(v) for v in value]
            if isinstance(value, str):
                for key, text in names.items():
                    value = value.replace(key, text)
            return value
        pipelines = [plain({k: v for k, v in p["spec"].items() if k != "id"})
                     for p in self.pipelines.values()]
        jobs = [plain(j["settings"]) for j in self.jobs.values()]
        objects = {p: dict(type=o["object_type"], **({"sha256": digest(o["content"])}
                                                     if "content" in o else {}))
                   for p, o in self.objects.items() if p not in self.protected}
        return {"pipelines": sorted(pipelines, key=lambda p: p.get("name", "")),
                "jobs": sorted(jobs, key=lambda j: (j["name"], json.dumps(j, sort_keys=True))),
                "objects": objects,
                "files": {p: digest(data) for p, data in self.files.items()},
                "connections": {n: {"type": c["connection_type"], "options": sorted(c["options"])}
                                for n, c in self.uc["connection"].items()},
                "schemas": sorted(self.uc["schema"]), "volumes": sorted(self.uc["volume"]),
                "catalogs": sorted(self.uc["catalog"]),
                "tables": {n: names.get(t.get("pipeline_id"), "")
                           for n, t in self.uc["table"].items()},
                "scopes": {n: sorted(s) for n, s in self.scopes.items()}}


if __name__ == "__main__":
    fake.main(Workspace)
