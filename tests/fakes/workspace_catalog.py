# SPDX-License-Identifier: Apache-2.0
"""The part of the fake workspace that is Unity Catalog: connections, catalogs, schemas, volumes,
tables, grants; files of volumes (/api/2.0/fs); secrets."""
import base64
import email.utils

from fake import route
from wire import Answer, answer_json
from workspace_base import (Refused, body_of, field, flag_arg, invalid, malformed, now_ms,
                            number_arg)

UC = "/api/2.1/unity-catalog"
SECRET_OPTIONS = ("token", "password", "secret", "key", "authorization_code", "pkce_verifier")
SECRET_MOST = 128 * 1024


def missing(kind, name):
    return Refused(404, "%s_DOES_NOT_EXIST" % kind.upper(),
                   "%s '%s' does not exist." % (kind.capitalize(), name))


def there(kind, name):
    return Refused(409, "%s_ALREADY_EXISTS" % kind.upper(),
                   "%s '%s' already exists" % (kind.capitalize(), name))


def fs_missing(path):
    return Refused(404, "NOT_FOUND", "The path %s does not exist." % path)


def strings(value, name):
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise malformed("Could not parse request object: %s must be a map of strings" % name)
    return value


class Catalog:
    """Mixed into the workspace."""

    def start_catalog(self):
        self.uc = {"catalog": {}, "schema": {}, "volume": {}, "table": {}, "connection": {}}
        self.files = {}         # absolute path below /Volumes: bytes
        self.folders = set()    # made by hand
        self.scopes = {}
        self.grants = {}
        for name in ("main", "system"):
            self.add_uc("catalog", name, name, catalog_type="MANAGED_CATALOG")
        self.add_uc("schema", "main.default", "default", catalog_name="main")

    def add_uc(self, kind, full, name, **more):
        now = now_ms()
        self.uc[kind][full] = dict(more, name=name, full_name=full, owner=self.args.user,
                                   created_at=now, created_by=self.args.user, updated_at=now,
                                   updated_by=self.args.user)
        self.lists.make(kind, full)
        return self.uc[kind][full]

    def find_uc(self, kind, name):
        found = self.uc[kind].get(name.lower() if kind != "connection" else name)
        if found is None:
            raise missing(kind, name)
        return found

    def list_uc(self, request, kind, key, keep=lambda row: True, show=lambda row: row):
        # without max_results a list is whole, which the platform is giving up
        size = number_arg(request, "max_results", None, 0, 1000)
        rows = [self.uc[kind][k] for k in self.lists.visible(kind, sorted(self.uc[kind]))]
        rows = [show(r) for r in rows if keep(r)]
        token = None
        if size is not None:
            rows, token = self.lists.page(request, rows, size or self.args.page_size,
                                          may_be_empty=True)
        answer = {key: rows} if rows else {}
        if token:
            answer["next_page_token"] = token
        return answer_json(answer)

    # connections

    @staticmethod
    def show_connection(row):
        """Without what is secret."""
        options = {k: v for k, v in row["options"].items()
                   if not any(word in k.lower() for word in SECRET_OPTIONS)}
        return dict(row, options=options)

    @route("POST", UC + "/connections")
    def create_connection(self, request):
        body = body_of(request)
        name, kind = field(body, "name", str), field(body, "connection_type", str)
        options = strings(field(body, "options", dict), "options")
        if not name or "/" in name or "." in name:
            raise invalid("'%s' is no valid name of a connection" % name)
        if name in self.uc["connection"]:
            raise there("connection", name)
        row = self.add_uc("connection", name, name, connection_type=kind, options=options,
                          connection_id=self.new_uuid(), securable_type="CONNECTION",
                          provisioning_info={"state": "ACTIVE"},
                          credential_type="UNKNOWN_CREDENTIAL_TYPE")
        for key in ("comment", "properties", "read_only"):
            if key in body:
                row[key] = body[key]
        return answer_json(self.show_connection(row))

    @route("GET", UC + "/connections")
    def list_connections(self, request):
        return self.list_uc(request, "connection", "connections", show=self.show_connection)

    @route("GET", UC + "/connections/{name}")
    def get_connection(self, request):
        return answer_json(self.show_connection(self.find_uc("connection", request.match["name"])))

    @route("PATCH", UC + "/connections/{name}")
    def change_connection(self, request):
        row, body = self.find_uc("connection", request.match["name"]), body_of(request)
        row["options"] = strings(field(body, "options", dict), "options")
        row["updated_at"] = now_ms()
        if field(body, "owner", str, False):
            row["owner"] = body["owner"]
        new = field(body, "new_name", str, False)
        if new and new != row["name"]:
            if new in self.uc["connection"]:
                raise there("connection", new)
            del self.uc["connection"][row["name"]]
            row["name"] = row["full_name"] = new
            self.uc["connection"][new] = row
        return answer_json(self.show_connection(row))

    @route("DELETE", UC + "/connections/{name}")
    def delete_connection(self, request):
        self.find_uc("connection", request.match["name"])
        del self.uc["connection"][request.match["name"]]
        return Answer(200)

    # catalogs, schemas, volumes, tables: names are kept in lower case

    @route("POST", UC + "/catalogs")
    def create_catalog(self, request):
        name = field(body_of(request), "name", str).lower()
        if name in self.uc["catalog"]:
            raise there("catalog", name)
        return answer_json(self.add_uc("catalog", name, name, catalog_type="MANAGED_CATALOG"))

    @route("GET", UC + "/catalogs")
    def list_catalogs(self, request):
        return self.list_uc(request, "catalog", "catalogs")

    @route("GET", UC + "/catalogs/{name}")
    def get_catalog(self, request):
        return answer_json(self.find_uc("catalog", request.match["name"]))

    @route("POST", UC + "/schemas")
    def create_schema(self, request):
        body = body_of(request)
        name, catalog = field(body, "name", str).lower(), field(body, "catalog_name", str).lower()
        self.find_uc("catalog", catalog)
        full = "%s.%s" % (catalog, name)
        if full in self.uc["schema"]:
            raise there("schema", full)
        return answer_json(self.add_uc("schema", full, name, catalog_name=catalog))

    @route("GET", UC + "/schemas")
    def list_schemas(self, request):
        catalog = (request.arg("catalog_name") or "").lower()
        self.find_uc("catalog", catalog)
        return self.list_uc(request, "schema", "schemas", lambda r: r["catalog_name"] == catalog)

    @route("GET", UC + "/schemas/{name}")
    def get_schema(self, request):
        return answer_json(self.find_uc("schema", request.match["name"]))

    @route("DELETE", UC + "/schemas/{name}")
    def delete_schema(self, request):
        name = self.find_uc("schema", request.match["name"])["full_name"]
        if any(k.startswith(name + ".") for kind in ("table", "volume") for k in self.uc[kind]):
            raise Refused(400, "INVALID_STATE", "Schema '%s' is not empty." % name)
        del self.uc["schema"][name]
        return Answer(200)

    @route("POST", UC + "/volumes")
    def create_volume(self, request):
        body = body_of(request)
        parts = [field(body, k, str).lower() for k in ("catalog_name", "schema_name", "name")]
        kind = field(body, "volume_type", str)
        if kind not in ("MANAGED", "EXTERNAL"):
            raise invalid("Unknown volume type: %s" % kind)
        if kind == "EXTERNAL" and not body.get("storage_location"):
            raise invalid("An external volume needs a storage_location")
        self.find_uc("schema", ".".join(parts[:2]))
        full = ".".join(parts)
        if full in self.uc["volume"]:
            raise there("volume", full)
        return answer_json(self.add_uc(
            "volume", full, parts[2], catalog_name=parts[0], schema_name=parts[1],
            volume_type=kind, volume_id=self.new_uuid(), comment=body.get("comment", ""),
            storage_location=body.get("storage_location", "s3://managed/" + full)))

    @route("GET", UC + "/volumes")
    def list_volumes(self, request):
        schema = "%s.%s" % (request.arg("catalog_name", ""), request.arg("schema_name", ""))
        self.find_uc("schema", schema)
        return self.list_uc(request, "volume", "volumes", lambda r: r["full_name"].startswith(
            schema.lower() + "."))

    @route("GET", UC + "/volumes/{name}")
    def get_volume(self, request):
        return answer_json(self.find_uc("volume", request.match["name"]))

    @route("DELETE", UC + "/volumes/{name}")
    def delete_volume(self, request):
        name = self.find_uc("volume", request.match["name"])["full_name"]
        root = "/Volumes/" + name.replace(".", "/") + "/"
        for path in [p for p in self.files if p.startswith(root)]:
            del self.files[path]
        del self.uc["volume"][name]
        return Answer(200)

    @route("GET", UC + "/tables")
    def list_tables(self, request):
        schema = "%s.%s" % (request.arg("catalog_name", ""), request.arg("schema_name", ""))
        self.find_uc("schema", schema)
        return self.list_uc(request, "table", "tables", lambda r: r["full_name"].startswith(
            schema.lower() + "."))

    @route("GET", UC + "/tables/{name}")
    def get_table(self, request):
        return answer_json(self.find_uc("table", request.match["name"]))

    @route("GET", UC + "/tables/{name}/exists")
    def table_exists(self, request):
        return answer_json({"table_exists": request.match["name"].lower() in self.uc["table"]})

    @route("GET", UC + "/permissions/{kind}/{name}")
    def get_grants(self, request):
        key = request.match["kind"], request.match["name"].lower()
        return answer_json({"privilege_assignments": self.grants.get(key, [])})

    @route("GET", UC + "/effective-permissions/{kind}/{name}")
    def effective_grants(self, request):
        return self.get_grants(request)

    # files of volumes

    def volume_of(self, path):
        parts = [p for p in path.split("/") if p]
        if len(parts) < 4 or parts[0] != "Volumes" or any(p in (".", "..") for p in parts):
            raise Refused(400, "INVALID_PARAMETER_VALUE", "Invalid path: %s" % path)
        full = ".".join(parts[1:4]).lower()
        if full not in self.uc["volume"]:
            raise Refused(404, "NOT_FOUND", "Volume '%s' does not exist." % full)
        return "/Volumes/%s/%s/%s" % tuple(p.lower() for p in parts[1:4]) + "".join(
            "/" + p for p in parts[4:])

    def fs_path(self, request):
        return self.volume_of("/" + request.match["path"])

    def is_fs_folder(self, path):
        return path.count("/") == 4 or path in self.folders or any(
            f.startswith(path + "/") for f in list(self.files) + list(self.folders))

    @route("PUT", "/api/2.0/fs/files/{path...}")
    def put_file(self, request):
        path = self.fs_path(request)
        if self.is_fs_folder(path):
            raise Refused(400, "INVALID_PARAMETER_VALUE", "%s is a directory" % path)
        if path in self.files and not flag_arg(request, "overwrite"):
            raise Refused(409, "ALREADY_EXISTS", "The file %s already exists." % path)
        self.files[path] = request.body
        return Answer(204)

    @route("GET", "/api/2.0/fs/files/{path...}")
    def get_file(self, request):
        path = self.fs_path(request)
        if path not in self.files:
            raise fs_missing(path)
        return Answer(200, self.files[path],
                      [("Last-Modified", email.utils.formatdate(0, usegmt=True))],
                      "application/octet-stream")

    @route("HEAD", "/api/2.0/fs/files/{path...}")
    def head_file(self, request):
        return self.get_file(request)

    @route("DELETE", "/api/2.0/fs/files/{path...}")
    def delete_file(self, request):
        path = self.fs_path(request)
        if path not in self.files:
            raise fs_missing(path)
        del self.files[path]
        return Answer(204)

    @route("PUT", "/api/2.0/fs/directories/{path...}")
    def make_directory(self, request):
        path = self.fs_path(request)
        if path in self.files:
            raise Refused(409, "ALREADY_EXISTS", "%s is a file" % path)
        self.folders.add(path)
        return Answer(204)

    @route("GET", "/api/2.0/fs/directories/{path...}")
    def list_directory(self, request):
        path = self.fs_path(request)
        if not self.is_fs_folder(path):
            raise fs_missing(path)
        names = {}
        for each in sorted(list(self.files) + list(self.folders)):
            if each.startswith(path + "/"):
                name, _, rest = each[len(path) + 1:].partition("/")
                names[name] = bool(rest) or each in self.folders
        rows = []
        for name, is_directory in names.items():
            row = {"path": path + "/" + name, "name": name, "is_directory": is_directory}
            if not is_directory:
                row.update(file_size=len(self.files[row["path"]]), last_modified=0)
            rows.append(row)
        size = number_arg(request, "page_size", 1000, 1, 1000)
        rows, token = self.lists.page(request, rows, size)
        return answer_json(dict({"contents": rows} if rows else {},
                                **({"next_page_token": token} if token else {})))

    @route("HEAD", "/api/2.0/fs/directories/{path...}")
    def head_directory(self, request):
        path = self.fs_path(request)
        if not self.is_fs_folder(path):
            raise fs_missing(path)
        return Answer(200)

    @route("DELETE", "/api/2.0/fs/directories/{path...}")
    def delete_directory(self, request):
        path = self.fs_path(request)
        if not self.is_fs_folder(path):
            raise fs_missing(path)
        if any(f.startswith(path + "/") for f in list(self.files) + list(self.folders)):
            raise Refused(400, "FAILED_PRECONDITION", "The directory is not empty: %s" % path)
        self.folders.discard(path)
        return Answer(204)

    # secrets

    def find_scope(self, name):
        if name not in self.scopes:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST", "Scope %s does not exist!" % name)
        return self.scopes[name]

    @route("POST", "/api/2.0/secrets/scopes/create")
    def create_scope(self, request):
        name = field(body_of(request), "scope", str)
        if name in self.scopes:
            raise Refused(400, "RESOURCE_ALREADY_EXISTS", "Scope %s already exists!" % name)
        self.scopes[name] = {}
        return answer_json({})

    @route("POST", "/api/2.0/secrets/scopes/delete")
    def delete_scope(self, request):
        name = field(body_of(request), "scope", str)
        self.find_scope(name)
        del self.scopes[name]
        return answer_json({})

    @route("GET", "/api/2.0/secrets/scopes/list")
    def list_scopes(self, _request):
        rows = [{"name": n, "backend_type": "DATABRICKS"} for n in sorted(self.scopes)]
        return answer_json({"scopes": rows} if rows else {})

    @route("POST", "/api/2.0/secrets/put")
    def put_secret(self, request):
        body = body_of(request)
        scope, key = self.find_scope(field(body, "scope", str)), field(body, "key", str)
        text = field(body, "string_value", str, False)
        data = text.encode() if text is not None else base64.b64decode(
            field(body, "bytes_value", str))
        if len(data) > SECRET_MOST or len(scope) >= 1000:
            raise invalid("The secret is larger than 128 KB, or the scope has 1000 secrets")
        scope[key] = data
        return answer_json({})

    @route("GET", "/api/2.0/secrets/list")
    def list_secrets(self, request):
        scope = self.find_scope(request.arg("scope"))
        rows = [{"key": k, "last_updated_timestamp": 0} for k in sorted(scope)]
        return answer_json({"secrets": rows} if rows else {})

    @route("GET", "/api/2.0/secrets/get")
    def get_secret(self, request):
        scope, key = self.find_scope(request.arg("scope")), request.arg("key")
        if key not in scope:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST", "Failed to get secret %s for scope %s."
                          % (key, request.arg("scope")))
        return answer_json({"key": key, "value": base64.b64encode(scope[key]).decode()})

    @route("POST", "/api/2.0/secrets/delete")
    def delete_secret(self, request):
        body = body_of(request)
        scope, key = self.find_scope(field(body, "scope", str)), field(body, "key", str)
        if key not in scope:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST", "Secret %s does not exist" % key)
        del scope[key]
        return answer_json({})
