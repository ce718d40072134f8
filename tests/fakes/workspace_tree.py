# SPDX-License-Identifier: Apache-2.0
"""The part of the fake workspace with folders: workspace objects (/api/2.0/workspace), raw upload
(/api/2.0/workspace-files), Git folders (/api/2.0/repos)."""
import base64
import binascii
import posixpath
import urllib.parse

from fake import route
from wire import Answer, answer_json
from workspace_base import (Refused, body_of, digest, field, flag_arg, invalid, malformed, now_ms)

IMPORT_MOST = 10 * 1024 * 1024
HEADERS = {".py": ("PYTHON", "# Databricks notebook source"),
           ".sql": ("SQL", "-- Databricks notebook source"),
           ".scala": ("SCALA", "// Databricks notebook source"),
           ".r": ("R", "# Databricks notebook source")}
LANGUAGES = {language: header for language, header in HEADERS.values()}
FORMATS = ("SOURCE", "AUTO", "RAW", "HTML", "JUPYTER", "DBC", "R_MARKDOWN")
PROVIDERS = ("github", "bitbucketcloud", "gitlab", "azuredevopsservices", "githubenterprise",
             "bitbucketserver", "gitlabenterpriseedition", "awscodecommit")


def no_path(path):
    return Refused(404, "RESOURCE_DOES_NOT_EXIST", "Path (%s) doesn't exist." % path)


def taken(path):
    return Refused(400, "RESOURCE_ALREADY_EXISTS", "Path (%s) already exists." % path)


def clean_path(path):
    """A workspace path as the platform keeps it: absolute, without /Workspace, without a slash at
    its end."""
    if not isinstance(path, str) or not path.startswith("/"):
        raise invalid("Path (%s) doesn't start with '/'" % path)
    if path == "/Workspace" or path.startswith("/Workspace/"):
        path = path[len("/Workspace"):]
    parts = [p for p in path.split("/") if p]
    if any(p in (".", "..") for p in parts):
        raise invalid("Path (%s) must not contain . or .." % path)
    return "/" + "/".join(parts)


def notebook_language(name, data):
    """The language of what AUTO takes for a notebook, or None for a file."""
    if name.endswith(".ipynb"):
        return "PYTHON"
    language, header = HEADERS.get(posixpath.splitext(name)[1].lower(), (None, None))
    first = data.split(b"\n", 1)[0].rstrip(b"\r")
    return language if language and first == header.encode() else None


class Tree:
    """Mixed into the workspace."""

    def start_tree(self):
        self.objects = {}
        self.repos = {}     # id: what the API says about it
        for path in ("/", "/Users", "/Shared", "/Repos", "/Users/" + self.args.user,
                     "/Repos/" + self.args.user):
            self.add_object(path, "DIRECTORY")
        self.protected = set(self.objects)

    def add_object(self, path, kind, **more):
        old = self.objects.get(path)
        now = now_ms()
        self.objects[path] = dict(more, object_type=kind, modified_at=now,
                                  object_id=old["object_id"] if old else self.new_id(),
                                  created_at=old["created_at"] if old else now)
        return self.objects[path]

    def info(self, path):
        found = self.objects[path]
        shown = {"path": path, "object_type": found["object_type"],
                 "object_id": found["object_id"], "resource_id": str(found["object_id"])}
        if found["object_type"] in ("FILE", "NOTEBOOK"):
            shown.update(created_at=found["created_at"], modified_at=found["modified_at"])
        if found["object_type"] == "NOTEBOOK":
            shown["language"] = found["language"]
        if found["object_type"] == "FILE":
            shown["size"] = len(found["content"])
        return shown

    def find_object(self, path):
        if path not in self.objects:
            raise no_path(path)
        return self.objects[path]

    def children(self, path):
        below = "/" if path == "/" else path + "/"
        return [p for p in self.objects if p != "/" and p.startswith(below)]

    @staticmethod
    def is_folder(found):
        return found["object_type"] in ("DIRECTORY", "REPO")

    def make_folders(self, path):
        parts = path.strip("/").split("/")
        for i in range(len(parts)):
            each = "/" + "/".join(parts[:i + 1])
            found = self.objects.get(each)
            if found is None:
                self.add_object(each, "DIRECTORY")
            elif not self.is_folder(found):
                raise Refused(400, "RESOURCE_ALREADY_EXISTS",
                              "Path (%s) already exists and is no folder." % each)

    def put_object(self, path, kind, overwrite, **more):
        parent = posixpath.dirname(path)
        if path == "/" or parent not in self.objects:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST",
                          "The parent folder (%s) does not exist." % parent)
        if not self.is_folder(self.objects[parent]):
            raise Refused(400, "INVALID_PARAMETER_VALUE", "Path (%s) is no folder." % parent)
        old = self.objects.get(path)
        if old is not None and not overwrite:
            raise taken(path)
        if old is not None and old["object_type"] != kind:
            raise Refused(400, "RESOURCE_ALREADY_EXISTS",
                          "Cannot overwrite the asset at %s due to type mismatch (asked: %s, "
                          "actual: %s)" % (path, kind, old["object_type"]))
        self.add_object(path, kind, **more)

    def put_notebook(self, path, data, language, overwrite):
        header = LANGUAGES[language].encode()
        first, _, rest = data.partition(b"\n")
        if first.rstrip(b"\r") == header:
            data = rest
        self.put_object(path, "NOTEBOOK", overwrite, content=data, language=language)

    # /api/2.0/workspace

    @route("POST", "/api/2.0/workspace/mkdirs")
    def mkdirs(self, request):
        self.make_folders(clean_path(field(body_of(request), "path", str)))
        return answer_json({})

    @route("POST", "/api/2.0/workspace/import")
    def import_object(self, request):
        body = body_of(request)
        path = clean_path(field(body, "path", str))
        kind = field(body, "format", str, False) or "SOURCE"
        language = field(body, "language", str, False)
        overwrite = field(body, "overwrite", bool, False) or False
        try:
            data = base64.b64decode(field(body, "content", str, False) or "", validate=True)
        except (ValueError, binascii.Error):
            raise malformed("content is not base64") from None
        if len(data) > IMPORT_MOST:
            raise Refused(400, "MAX_NOTEBOOK_SIZE_EXCEEDED",
                          "File size imported is (%d bytes), exceeded max size (%d bytes)"
                          % (len(data), IMPORT_MOST))
        if kind not in FORMATS:
            raise invalid("Unknown format: %s" % kind)
        if kind == "DBC" and overwrite:
            raise invalid("Overwrite cannot be used with the format DBC")
        if kind == "SOURCE":
            if language not in LANGUAGES:
                raise invalid("The language must be specified when the format is SOURCE")
            self.put_notebook(path, data, language, overwrite)
        elif kind == "RAW":
            self.put_object(path, "FILE", overwrite, content=data)
        elif kind == "AUTO":
            self.import_auto(path, data, overwrite)
        else:
            self.put_notebook(path, data, "PYTHON", overwrite)
        return answer_json({})

    def import_auto(self, path, data, overwrite):
        language = notebook_language(path, data)
        if language:
            self.put_notebook(posixpath.splitext(path)[0], data, language, overwrite)
        else:
            self.put_object(path, "FILE", overwrite, content=data)

    @route("GET", "/api/2.0/workspace/export")
    def export_object(self, request):
        path = clean_path(request.arg("path"))
        found = self.find_object(path)
        if self.is_folder(found):
            raise Refused(400, "INVALID_PARAMETER_VALUE",
                          "The folder %s can only be exported as DBC or SOURCE" % path)
        data = found["content"]
        if found["object_type"] == "NOTEBOOK":
            data = LANGUAGES[found["language"]].encode() + b"\n" + data
        if len(data) > IMPORT_MOST:
            raise Refused(400, "MAX_READ_SIZE_EXCEEDED", "%s is too large" % path)
        if flag_arg(request, "direct_download"):
            return Answer(200, data, content_type="application/octet-stream")
        return answer_json({"content": base64.b64encode(data).decode(),
                            "file_type": posixpath.splitext(path)[1].lstrip(".") or "file"})

    @route("GET", "/api/2.0/workspace/list")
    def list_objects(self, request):
        path = clean_path(request.arg("path"))
        found = self.find_object(path)
        if not self.is_folder(found):
            return answer_json({"objects": [self.info(path)]})
        direct = [p for p in sorted(self.children(path)) if posixpath.dirname(p) == path]
        return answer_json({"objects": [self.info(p) for p in direct]} if direct else {})

    @route("GET", "/api/2.0/workspace/get-status")
    def get_status(self, request):
        path = clean_path(request.arg("path"))
        found = self.find_object(path)
        shown = self.info(path)
        if found["object_type"] == "REPO" and flag_arg(request, "return_git_info"):
            shown["git_info"] = self.repos[found["object_id"]]
        return answer_json(shown)

    @route("POST", "/api/2.0/workspace/delete")
    def delete_object(self, request):
        body = body_of(request)
        path = clean_path(field(body, "path", str))
        found = self.find_object(path)
        below = self.children(path)
        if path in self.protected:
            raise Refused(400, "BAD_REQUEST", "Folder %s is protected" % path)
        if self.is_folder(found) and below and not field(body, "recursive", bool, False):
            raise Refused(400, "DIRECTORY_NOT_EMPTY", "Folder (%s) is not empty" % path)
        for each in below + [path]:
            self.repos.pop(self.objects[each]["object_id"], None)
            del self.objects[each]
        return answer_json({})

    @route("POST", "/api/2.0/workspace-files/import-file/{path...}")
    def import_file(self, request):
        path = clean_path("/" + request.match["path"])
        overwrite = flag_arg(request, "overwrite")
        if not overwrite and path in self.objects:
            raise Refused(409, "RESOURCE_ALREADY_EXISTS", "Node named '%s' already exists"
                          % posixpath.basename(path))
        self.import_auto(path, request.body, overwrite)
        return answer_json({})

    # /api/2.0/repos

    def find_repo(self, request):
        text = request.match["id"]
        found = self.repos.get(int(text)) if text.isdigit() else None
        if found is None:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST", "Repo %s does not exist." % text)
        return found

    @route("POST", "/api/2.0/repos")
    def create_repo(self, request):
        body = body_of(request)
        url = field(body, "url", str)
        provider = field(body, "provider", str)
        if provider.lower() not in PROVIDERS:
            raise invalid("Unknown Git provider: %s" % provider)
        if urllib.parse.urlsplit(url).scheme != "https":
            raise invalid("The Git URL must begin with https://")
        name = posixpath.splitext(posixpath.basename(url))[0]
        path = clean_path(field(body, "path", str, False) or
                          "/Repos/%s/%s" % (self.args.user, name))
        if path in self.objects:
            raise taken(path)
        self.put_object(path, "REPO", False)
        repo = {"id": self.objects[path]["object_id"], "path": path, "url": url,
                "provider": provider, "branch": "main", "head_commit_id": digest(url.encode())[:40]}
        if body.get("sparse_checkout"):
            repo["sparse_checkout"] = body["sparse_checkout"]
        self.repos[repo["id"]] = repo
        return answer_json(repo)

    @route("GET", "/api/2.0/repos")
    def list_repos(self, request):
        prefix = request.arg("path_prefix", "/")
        # incomplete, as the deprecated list is: nothing outside /Repos
        rows = [r for r in self.repos.values()
                if r["path"].startswith("/Repos/") and r["path"].startswith(prefix)]
        rows, token = self.lists.page(request, rows, 20, "next_page_token")
        return answer_json(dict({"repos": rows} if rows else {},
                                **({"next_page_token": token} if token else {})))

    @route("GET", "/api/2.0/repos/{id}")
    def get_repo(self, request):
        return answer_json(self.find_repo(request))

    @route("PATCH", "/api/2.0/repos/{id}")
    def change_repo(self, request):
        repo, body = self.find_repo(request), body_of(request)
        if "branch" in body and "tag" in body:
            raise invalid("branch and tag exclude each other")
        branch = field(body, "branch", str, False)
        if branch == "no-such-branch":
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST", "Branch %s does not exist" % branch)
        if "sparse_checkout" in body and "sparse_checkout" not in repo:
            raise invalid("Sparse checkout can only be enabled when the repo is created")
        if branch:
            repo["branch"] = branch
        if "tag" in body:
            repo.pop("branch", None)
        if "sparse_checkout" in body:
            repo["sparse_checkout"] = body["sparse_checkout"]
        return answer_json({})

    @route("DELETE", "/api/2.0/repos/{id}")
    def delete_repo(self, request):
        repo = self.find_repo(request)
        for each in self.children(repo["path"]) + [repo["path"]]:
            del self.objects[each]
        del self.repos[repo["id"]]
        return answer_json({})
