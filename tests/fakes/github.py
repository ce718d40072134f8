#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""GitHub's REST API, as far as the connector goes.

    GET /user, /user/orgs, /user/teams, /orgs/{org}/repos, /users/{user}/repos
    GET /repos/{owner}/{repo}/{issues,issues/comments,pulls,commits,assignees,collaborators,branches}
        and /pulls/{n}, /pulls/{n}/reviews, /compare/{base}...{head}

Next pages are told by Link, whose addresses have /repositories/{id}/ instead of the name, as
GitHub's have; a repository's old name is redirected there. Who sends no User-Agent gets 403. Limits:
`primary` 5000 an hour, 403 with X-RateLimit-Reset beyond; `secondary` 900 a minute, 403 with
Retry-After beyond.

Repositories: acme/widgets (has everything; once called acme/gizmos), acme/gadgets (a little),
acme/bare (nothing, not even a commit), acme/quiet (issues are off), acme/banned (451), ann/site.

Options, besides those of fake.py: how many of each in acme/widgets; --max-page N; --empty-page N
(the N-th page of each list comes empty, and there is more); --change-every N (after each N-th page
of issues, pulls or comments a row that was given out changes, and one that was not);
--same-second N (that many issues and comments changed at one time); --future N (that many issues
and pulls changed in 2097); --foreign-link (the next page is said to be at the other address).

/_fake/ids?table=T&repo=OWNER/NAME    ids (sha, name) of all rows   &of=times  with their updated_at
                                      &state=open  &since=TIME  only such
/_fake/change?table=T&n=N&add=K       POST: that many rows change, come; says which
/_fake/change?table=commits&add=K&late=L&rewrite=R   commits come, L of them with old dates; with R
                                      the newest R are gone before that
"""
import base64
import datetime
import hashlib
import json
import time
import urllib.parse

import fake
from fake import answer_json, route

TOKEN = "ghp_fAk3/t0ken+S3cret=9"
FIRST_TIME = 1704067200             # 2024-01-01
LATER = 4007318400                  # 2096-12-26
FIRST_ID = 9007199254740993         # no double holds it
WORDS = ("printer", "Gr\u00fc\u00dfe", "\u65e5\u672c\u8a9e", "fix #12", "\U0001f600 emoji",
         "a \"quote\"", "back\\slash", "two\nlines", "${token}", "tab\there", "\u2028separator")
COUNTS = {"issues": 230, "comments": 210, "commits": 220, "assignees": 15, "collaborators": 12,
          "branches": 35}


def iso(epoch):
    return datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def epoch_of(text):
    return datetime.datetime.strptime(text[:19] + "Z", "%Y-%m-%dT%H:%M:%S%z").timestamp()


class Repo:
    """One repository and what is in it."""

    def __init__(self, source, owner, name, number, counts, future=0):
        self.source, self.owner, self.name, self.number = source, owner, name, number
        self.random = source.random
        self.path = "/repositories/%d" % number
        self.rows = {"issues": [], "comments": [], "pulls": [], "assignees": [],
                     "collaborators": [], "branches": []}
        self.reviews = {}       # number of the pull: rows
        self.commits = {}       # sha: row
        self.parents = {}
        self.head = None
        self.last_time = {}
        for table in ("issues", "comments", "assignees", "collaborators", "branches"):
            for _ in range(counts.get(table, 0)):
                self.add(table)
        self.add_commits(counts.get("commits", 0))
        for row in self.rows["issues"][:future]:
            self.touch("issues", row, LATER + row["number"])

    # --- rows
    def text(self, empty=0.2):
        if self.random.random() < empty:
            return None
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randrange(1, 4)))

    def user(self):
        return self.source.user(self.random.randrange(40))

    def tick(self, table):
        """The time of the table's next change; some share a second."""
        held = self.source.args.same_second
        if held and len(self.rows[table]) < held:
            self.last_time[table] = FIRST_TIME + 5000
        else:
            self.last_time[table] = self.last_time.get(table, FIRST_TIME) + self.random.choice(
                (0, 0, 1, 7, 60, 3600))
        return self.last_time[table]

    def add(self, table):
        row = {"id": self.source.new_id(), "node_id": "N_%d" % len(self.rows[table])}
        getattr(self, "make_" + table)(row, len(self.rows[table]))
        self.rows[table].append(row)
        return row

    def make_issues(self, row, i):
        when = self.tick("issues")
        number = i + 1
        row.update(
            number=number, title=self.text(0), body=self.text(), state="closed" if i % 2 else "open",
            locked=False, comments=i % 5, created_at=iso(FIRST_TIME - 86400 + i),
            updated_at=iso(when), closed_at=iso(when) if i % 2 else None,
            author_association="MEMBER", state_reason=self.random.choice((None, "completed")),
            url="https://api.example.com%s/issues/%d" % (self.path, number),
            html_url="https://example.com/%s/%s/issues/%d" % (self.owner, self.name, number),
            labels_url="l{/name}", comments_url="c", events_url="e", timeline_url="t",
            user=self.user(), assignee=None if i % 2 else self.user(),
            assignees=[self.user() for _ in range(i % 3)],
            labels=[{"id": self.source.new_id(), "node_id": "L", "url": "u", "name": self.text(0),
                     "color": "ededed", "default": False, "description": self.text()}
                    for _ in range(i % 2)],
            milestone=None if i % 7 else {"id": 1, "number": 1, "title": self.text(0),
                                          "state": "open", "due_on": None, "open_issues": 3},
            reactions={"url": "r", "total_count": 1, "+1": 1, "-1": 0, "laugh": 0},
            performed_via_github_app=None)
        if i % 3 == 0:      # a pull request is an issue too
            row["pull_request"] = {"url": "u", "merged_at": None}
            self.make_pull(row)

    def make_pull(self, issue):
        number = issue["number"]
        repo = {"id": self.number, "name": self.name, "private": False}
        self.rows["pulls"].append({
            "id": self.source.new_id(), "node_id": "P_%d" % number, "number": number,
            "state": issue["state"], "title": issue["title"],
            "body": issue["body"], "draft": number % 5 == 0, "created_at": issue["created_at"],
            "updated_at": issue["updated_at"], "closed_at": issue["closed_at"],
            "merged_at": issue["closed_at"], "merge_commit_sha": "4" * 40 if number % 2 else None,
            "user": issue["user"],
            "base": {"label": "acme:main", "ref": "main", "sha": "0" * 40, "user": issue["user"],
                     "repo": repo},
            "head": {"label": "x:y", "ref": "y", "sha": "1" * 40, "user": None,
                     "repo": None if number % 4 else repo},
            "html_url": "h", "url": "u", "labels": [], "_links": {}})
        self.reviews[number] = [self.review(number, k) for k in range(number % 4)]

    def review(self, number, k):
        state = ("APPROVED", "CHANGES_REQUESTED", "COMMENTED", "PENDING")[(number + k) % 4]
        row = {"id": self.source.new_id(), "node_id": "R", "user": None if k == 2 else self.user(),
               "body": self.text(), "state": state, "html_url": "h", "pull_request_url": "p",
               "author_association": "MEMBER", "_links": {}, "commit_id": "2" * 40}
        if state != "PENDING":
            row["submitted_at"] = iso(FIRST_TIME + number * 60 + k)
        return row

    def make_comments(self, row, i):
        when = self.tick("comments")
        row.update(url="u", issue_url="https://api.example.com%s/issues/%d" % (self.path, i % 9 + 1),
                   html_url="h", body=self.text(0), user=self.user(), updated_at=iso(when),
                   created_at=iso(FIRST_TIME - 3600), author_association="NONE",
                   reactions={"total_count": 0}, performed_via_github_app=None)

    def make_assignees(self, row, i):
        row.clear()
        row.update(self.source.user(i))

    def make_collaborators(self, row, i):
        self.make_assignees(row, i)
        row.update(role_name="write", permissions={"admin": i == 0, "maintain": False,
                                                   "push": True, "triage": True, "pull": True})

    def make_branches(self, row, i):
        row.clear()
        row.update(name="main" if i == 0 else "feature/%d \u00fc" % i, protected=i == 0,
                   commit={"sha": "%040x" % i, "url": "u"})
        if i == 0:
            row["protection_url"] = "p"

    def touch(self, table, row, when=None):
        """The row as it is after a change; an issue that is a pull request changes as both."""
        if when is None:
            when = self.last_time[table] = self.last_time.get(table, FIRST_TIME) + 1
        row.update(updated_at=iso(when), body="changed")
        for pull in self.rows["pulls"]:
            if table == "issues" and pull["number"] == row["number"]:
                pull.update(updated_at=iso(when), body="changed")
                self.reviews[row["number"]].append(self.review(row["number"], 0))

    # --- commits
    def add_commit(self, parents, when):
        n = len(self.commits)
        sha = hashlib.sha1(b"%d %d %d" % (self.source.args.seed, self.number, n)).hexdigest()
        author = {"name": self.text(0), "email": "a@example.com", "date": iso(when - 7 * 86400)}
        self.commits[sha] = {
            "sha": sha, "node_id": "C_%d" % n, "html_url": "h", "url": "u", "comments_url": "c",
            "commit": {"author": author, "committer": dict(author, date=iso(when)),
                       "message": self.text(0), "tree": {"sha": "3" * 40}, "comment_count": 0,
                       "verification": {"verified": False}},
            "author": ({}, None, self.user())[n % 3], "committer": self.user() if n % 4 else {},
            "parents": [{"sha": p} for p in parents], "_time": when}
        self.parents[sha] = parents
        return sha

    def add_commits(self, n, late=0):
        added = []
        side = self.head
        for _ in range(n):
            self.last_time["commits"] = self.last_time.get("commits", FIRST_TIME) + \
                self.random.choice((0, 30, 3600, 86400))
            self.head = self.add_commit([self.head] if self.head else [],
                                        self.last_time["commits"])
            added.append(self.head)
        for i in range(late):   # made long ago, merged today
            side = self.add_commit([side] if side else [], FIRST_TIME - 90 * 86400 + i)
            added.append(side)
        if late:
            self.head = self.add_commit([self.head, side], self.last_time["commits"] + 5)
            added.append(self.head)
        return added

    def reachable(self, sha):
        seen, todo = set(), [sha] if sha else []
        while todo:
            sha = todo.pop()
            if sha not in seen:
                seen.add(sha)
                todo += self.parents[sha]
        return seen

    # --- what a reader should have in the end
    def ids(self, table, of, state, since):
        if table == "commits":
            return [s for s in self.reachable(self.head)
                    if self.commits[s]["_time"] >= (epoch_of(since) if since else 0)]
        pulls = [p for p in self.rows["pulls"] if state in (None, "all", p["state"])]
        if table == "reviews":
            return [row["id"] for p in pulls for row in self.reviews[p["number"]]]
        rows = self.rows.get("pulls" if table == "pull_requests" else table)
        if rows is None:
            return None
        rows = [r for r in rows if state in (None, "all", r.get("state"))
                and (since is None or r["updated_at"] >= since)]
        if of == "times":
            return ["%d %s" % (r["id"], r["updated_at"]) for r in rows]
        return [r["name"] if table == "branches" else r["id"] for r in rows]


def repo_route(path):
    """The path below a repository, in both of its forms; the function gets the repository."""
    def mark(function):
        def with_repo(self, request):
            repo, answer = self.one(request)
            return answer or function(self, request, repo)
        with_repo = route("GET", "/repos/{owner}/{repo}" + path)(with_repo)
        return route("GET", "/repositories/{id}" + path)(with_repo)
    return mark


class GitHub(fake.Source):
    name = "github"

    @staticmethod
    def add_options(parser):
        for table, n in COUNTS.items():
            parser.add_argument("--" + table, type=int, default=n)
        parser.add_argument("--orgs", type=int, default=3)
        parser.add_argument("--teams", type=int, default=5)
        for name in ("empty-page", "change-every", "same-second", "future"):
            parser.add_argument("--" + name, type=int, default=0)
        parser.add_argument("--max-page", type=int, default=100)
        parser.add_argument("--foreign-link", action="store_true")

    def __init__(self, args):
        super().__init__(args)
        self.add_limit("primary", 5000, 3600)
        self.add_limit("secondary", 900, 60)
        self.n_ids = 0
        self.pages = {}
        some = {"issues": 12, "comments": 8, "commits": 9, "assignees": 2, "collaborators": 1,
                "branches": 2}
        small = [Repo(self, owner, name, number, counts) for owner, name, number, counts in (
            ("acme", "gadgets", 7002, some), ("acme", "bare", 7003, {}),
            ("acme", "quiet", 7004, {}), ("acme", "banned", 7005, {}), ("ann", "site", 7006, some))]
        counts = {table: getattr(args, table) for table in COUNTS}
        self.repos = [Repo(self, "acme", "widgets", 7001, counts, args.future)] + small
        self.orgs = [self.org(i) for i in range(args.orgs)]
        self.teams = [{
            "id": self.new_id(), "node_id": "T", "name": "Team %d \u00fc" % i, "slug": "team-%d" % i,
            "description": None if i % 2 else "t", "privacy": "closed", "permission": "pull",
            "members_count": 3, "organization": self.orgs[i % len(self.orgs)]}
            for i in range(args.teams if self.orgs else 0)]

    def new_id(self):
        """Ids do not grow with time: nothing may rely on it."""
        self.n_ids += 1
        return FIRST_ID + (self.n_ids * 2654435761) % 1000003 * 4096 + self.n_ids

    def user(self, i):
        return {"login": "user%d" % i, "id": FIRST_ID + 2 * i, "node_id": "U_%d" % i,
                "avatar_url": "a", "gravatar_id": "", "url": "u", "type": "User",
                "site_admin": i == 0}

    def org(self, i):
        row = {"id": self.new_id(), "login": "acme" if i == 0 else "org%d" % i, "node_id": "O",
               "description": None if i else "makers of \u00fc"}
        for key in ("url", "repos_url", "events_url", "hooks_url", "issues_url", "members_url",
                    "public_members_url", "avatar_url"):
            row[key] = "https://api.example.com/orgs/%d/%s" % (i, key)
        return row

    def repo_row(self, repo):
        row = {"id": repo.number, "node_id": "R", "name": repo.name, "private": True,
               "full_name": "%s/%s" % (repo.owner, repo.name), "owner": dict(
                   self.user(1), login=repo.owner), "html_url": "h", "description": None,
               "fork": False, "url": "u", "size": 12, "default_branch": "main", "topics": ["a"],
               "language": None, "license": {"key": "mit", "name": "MIT", "spdx_id": "MIT",
                                             "url": "u", "node_id": "M"},
               "permissions": {"admin": True, "maintain": True, "push": True, "pull": True},
               "visibility": "private", "forks_count": 0, "temp_clone_token": "AABB-clone-secret"}
        return row

    # --- sign-in, limits, errors
    def secrets(self):
        return {"token": TOKEN, "token in base64": base64.b64encode(TOKEN.encode()).decode()}

    def sign_in(self, request):
        if not request.headers.get("User-Agent"):
            return answer_json({"message": "Request forbidden by administrative rules. Please make "
                                           "sure your request has a User-Agent header"}, 403)
        return None if request.bearer() == TOKEN else self.error(401, request)

    def bucket(self, request):
        return "primary", "secondary"

    def error(self, status, request):
        message = {401: "Bad credentials", 404: "Not Found", 409: "Git Repository is empty.",
                   403: "Resource not accessible by personal access token",
                   410: "Issues has been disabled in this repository.",
                   451: "Repository access blocked"}.get(status, "Server Error")
        return answer_json({"message": message, "status": str(status),
                            "documentation_url": "https://docs.github.com/rest"}, status)

    def limited(self, request, limit, wait_s):
        if limit.name == "primary":
            return answer_json({"message": "API rate limit exceeded for user ID 1."}, 403)
        return answer_json({"message": "You have exceeded a secondary rate limit. Please wait a few "
                                       "minutes before you try again."}, 403,
                           [("Retry-After", str(wait_s))])

    def rate_headers(self, request, limit, left, reset_s):
        if limit.name != "primary":
            return []
        return [("X-RateLimit-Limit", limit.rate), ("X-RateLimit-Remaining", max(0, left)),
                ("X-RateLimit-Used", limit.rate - left), ("X-RateLimit-Resource", "core"),
                ("X-RateLimit-Reset", int(time.time() + reset_s) + 1)]

    def elsewhere(self, request):
        return answer_json([{"id": 1, "number": 1, "updated_at": "2024-01-01T00:00:00Z"}])

    # --- pages
    def page(self, request, rows, path=None):
        """A page of rows with its Link header."""
        page = request.number("page", 1)
        size = max(1, min(request.number("per_page", 30), 100, self.args.max_page))
        key = path or request.path
        self.pages[key] = self.pages.get(key, 0) + 1
        query = {k: v[0] for k, v in request.query.items()}
        links, last = [], max(1, -(-len(rows) // size))

        def link(rel, **new):
            base = self.fake.address("other") if self.args.foreign_link else request.base
            text = "&".join("%s=%s" % (k, urllib.parse.quote(str(v)))
                            for k, v in dict(query, **new).items())
            links.append('<%s%s?%s>; rel="%s"' % (base, key, text, rel))
        given = rows[(page - 1) * size:page * size]
        if self.pages[key] == self.args.empty_page and page <= last:
            given = []
            link("next", again=1)
        elif page < last:
            if page > 1:
                link("prev", page=page - 1)
            link("next", page=page + 1)
            link("last", page=last)
        headers = [("Link", ", ".join(links))] if links else []
        headers.append(("X-OAuth-Scopes", "read:org, repo"))
        public = [{k: v for k, v in row.items() if k != "_time"} for row in given]
        return answer_json(public, headers=headers), given

    def listed(self, repo, table, request, rows):
        """A page of a repository's rows, and what happens behind it."""
        every = self.args.change_every
        path = request.path
        if path.startswith("/repos/"):
            path = "%s/%s" % (repo.path, path.split("/", 4)[4])
        with self.lock:
            answer, given = self.page(request, rows, path)
            if every and len(given) < len(rows) and self.pages[path] % every == 0:
                rest = [r for r in rows if r not in given]
                for some in (given, rest):
                    if some:
                        row = self.random.choice(some)
                        if table == "pulls":
                            row = next(r for r in repo.rows["issues"]
                                       if r["number"] == row["number"])
                        repo.touch("issues" if table == "pulls" else table, row)
        return answer

    def one(self, request):
        """The repository that a request is about, or an answer instead."""
        match = request.match
        for repo in self.repos:
            if match.get("id") == str(repo.number) or (
                    (match.get("owner", "").lower(), match.get("repo", "").lower()) ==
                    (repo.owner, repo.name)):
                return (repo, None) if repo.name != "banned" else (None, self.error(451, request))
        if match.get("owner") == "acme" and match.get("repo") == "gizmos":
            rest = request.target.split("/", 4)[4]
            return None, answer_json({"message": "Moved Permanently"}, 301,
                                     [("Location", "%s%s/%s" % (
                                         request.base, self.repos[0].path, rest))])
        return None, self.error(404, request)

    @staticmethod
    def ordered(request, rows, sort):
        """As sort and direction say; sort is what counts without one."""
        if request.arg("sort", sort) == "updated":
            rows = sorted(rows, key=lambda r: (r["updated_at"], r["id"]))
        else:
            rows = sorted(rows, key=lambda r: (r["created_at"], r.get("number", r["id"])))
        return rows

    @staticmethod
    def since(request, rows):
        since = request.arg("since")
        if since == "1970-01-01T00:00:00Z":
            return []       # as GitHub does
        return [r for r in rows if since is None or r["updated_at"] >= since]

    # --- endpoints
    @repo_route("/issues")
    def issues(self, request, repo):
        if repo.name == "quiet":
            return self.error(410, request)
        state = request.arg("state", "open")
        rows = [r for r in self.since(request, repo.rows["issues"])
                if state in ("all", r["state"])]
        rows = self.ordered(request, rows, "created")
        if request.arg("direction", "desc") == "desc":
            rows.reverse()
        return self.listed(repo, "issues", request, rows)

    @repo_route("/issues/comments")
    def comments(self, request, repo):
        rows = self.ordered(request, self.since(request, repo.rows["comments"]), "created")
        # the direction counts when a sort is given
        if request.arg("sort") and request.arg("direction", "desc") == "desc":
            rows.reverse()
        return self.listed(repo, "comments", request, rows)

    @repo_route("/pulls")
    def pulls(self, request, repo):
        state = request.arg("state", "open")    # and since is not looked at
        rows = [r for r in repo.rows["pulls"] if state in ("all", r["state"])]
        rows = self.ordered(request, rows, "created")
        if request.arg("direction", "desc" if request.arg("sort", "created") == "created"
                       else "asc") == "desc":
            rows.reverse()
        return self.listed(repo, "pulls", request, rows)

    @repo_route("/pulls/{number}")
    def pull(self, request, repo):
        for row in repo.rows["pulls"]:
            if str(row["number"]) == request.match["number"]:
                return answer_json(dict(row, merged=False, additions=1))
        return self.error(404, request)

    @repo_route("/pulls/{number}/reviews")
    def reviews(self, request, repo):
        rows = repo.reviews.get(int(request.match["number"]))
        return self.error(404, request) if rows is None else \
            self.listed(repo, "reviews", request, rows)

    @repo_route("/commits")
    def commits(self, request, repo):
        if not repo.head:
            return self.error(409, request)
        start = request.arg("sha", repo.head)
        if start not in repo.commits:
            return self.error(404, request)
        since, until = request.arg("since"), request.arg("until")
        rows = [repo.commits[s] for s in repo.reachable(start)]
        rows = [r for r in rows if (not since or r["_time"] >= epoch_of(since)) and
                (not until or r["_time"] <= epoch_of(until))]
        rows.sort(key=lambda r: (-r["_time"], r["sha"] != start, r["sha"]))
        return self.listed(repo, "commits", request, rows)

    @repo_route("/compare/{basehead}")
    def compare(self, request, repo):
        base, _, head = request.match["basehead"].partition("...")
        if base not in repo.commits or head not in repo.commits:
            return self.error(404, request)
        ahead = repo.reachable(head) - repo.reachable(base)
        rows = sorted((repo.commits[s] for s in ahead), key=lambda r: (r["_time"], r["sha"]))
        answer = self.listed(repo, "compare", request, rows)
        body = {"status": "ahead", "total_commits": len(rows), "ahead_by": len(rows),
                "behind_by": 0, "commits": json.loads(answer.body.decode("utf-8"))}
        return answer_json(body, headers=[h for h in answer.headers if h[0] != "Content-Type"])

    @repo_route("/{table}")
    def table(self, request, repo):
        table = request.match["table"]
        if table not in ("assignees", "collaborators", "branches"):
            return self.error(404, request)
        return self.listed(repo, table, request, repo.rows[table])

    @route("GET", "/user")
    def me(self, request):
        return answer_json(dict(self.user(1), login="ann", name="Ann \u00fc", company=None,
                                blog="", location="Z\u00fcrich", email=None, two_factor=True,
                                created_at=iso(FIRST_TIME), updated_at=iso(FIRST_TIME)),
                           headers=[("X-OAuth-Scopes", "read:org, repo")])

    @route("GET", "/user/orgs")
    def user_orgs(self, request):
        return self.page(request, self.orgs)[0]

    @route("GET", "/user/teams")
    def user_teams(self, request):
        return self.page(request, self.teams)[0]

    @route("GET", "/orgs/{org}/repos")
    def org_repos(self, request):
        if request.match["org"] not in [o["login"] for o in self.orgs]:
            return self.error(404, request)
        return self.repos_of(request, request.match["org"])

    @route("GET", "/users/{user}/repos")
    def user_repos(self, request):
        owners = [r.owner for r in self.repos]
        if request.match["user"] not in owners:
            return self.error(404, request)
        return self.repos_of(request, request.match["user"])

    def repos_of(self, request, owner):
        return self.page(request, [self.repo_row(r) for r in self.repos if r.owner == owner])[0]

    # --- what tests ask
    def ids(self, table, request):
        name = request.arg("repo", "acme/widgets")
        if table in ("organizations", "teams"):
            return [r["id"] for r in (self.orgs if table[0] == "o" else self.teams)]
        if table == "users":
            return [self.user(1)["id"]]
        if table == "repositories":
            return [r.number for r in self.repos if r.owner == request.arg("owner", "acme")]
        for repo in self.repos:
            if "%s/%s" % (repo.owner, repo.name) == name:
                with self.lock:
                    return repo.ids(table, request.arg("of"), request.arg("state"),
                                    request.arg("since"))
        return None

    def control(self, name, request):
        repo = next((r for r in self.repos if "%s/%s" % (r.owner, r.name) ==
                     request.arg("repo", "acme/widgets")), None)
        if name != "change" or request.method != "POST" or repo is None:
            return None
        table = request.arg("table")
        n, add = request.number("n", 0), request.number("add", 0)
        with self.lock:
            if table == "commits":
                for _ in range(request.number("rewrite", 0)):
                    gone, repo.head = repo.head, repo.parents[repo.head][0]
                    repo.commits.pop(gone)
                return {"added": repo.add_commits(add, request.number("late", 0))}
            changed = self.random.sample(repo.rows[table], n)
            for row in changed:
                repo.touch(table, row)
            return {"changed": [r["id"] for r in changed],
                    "added": [repo.add(table)["id"] for _ in range(add)]}


if __name__ == "__main__":
    fake.main(GitHub)
