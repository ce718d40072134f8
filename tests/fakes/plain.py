#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A source of no vendor: numbered items in pages, any kind of sign-in. For the tests of the HTTP
engine and of the framework itself.

    GET  /items?page=N&per_page=M    {"items": [...], "next": URL or null}, the same as Link
    GET  /items/{id}                 one of them
    GET  /bytes?n=N                  a JSON document of N bytes
    POST /echo                       {"method", "target", "body"} of the request
    POST /oauth/token                client credentials, refresh token (rotating with --rotate)

--sign-in none, bearer, basic, header, query, oauth2. The limit `default` counts all but the token.
"""
import fake
from fake import Answer, answer_json, route

TOKEN, USER, PASSWORD = "tok-3f9c2a7e51", "ann@example.com", "pass/w:ord-81"
CLIENT, CLIENT_SECRET, REFRESH = "client-1", "shh-5d1e90", "refresh-0-77aa"


class Plain(fake.Source):
    name = "plain"

    @staticmethod
    def add_options(parser):
        parser.add_argument("--items", type=int, default=100)
        parser.add_argument("--sign-in", default="bearer",
                            choices=("none", "bearer", "basic", "header", "query", "oauth2"))
        parser.add_argument("--expires-s", type=int, default=3600)
        parser.add_argument("--rotate", action="store_true")

    def __init__(self, args):
        super().__init__(args)
        self.add_limit("default", 1000000, 60)
        first = 9007199254740993    # no double holds it
        self.items = [{"id": first + 2 * i, "name": "item %d \u00fc\U0001f600" % i,
                       "note": None if i % 3 else "a \"quoted\" text\n",
                       "value": self.random.randrange(1 << 62)} for i in range(args.items)]
        self.tokens = 0
        self.good_tokens = {TOKEN} if args.sign_in != "oauth2" else set()
        self.refresh = REFRESH
        places = {"query": "main url", "header": "main header:x-api-key"}
        self.secret_places = (places.get(args.sign_in, "main header:authorization"),)

    def secrets(self):
        with self.lock:
            tokens = {t: t for t in self.good_tokens}
        return dict(tokens, token=TOKEN, password=PASSWORD, refresh=self.refresh,
                    client_secret=CLIENT_SECRET, basic=fake.basic_text(USER, PASSWORD))

    def may_carry(self, request, name, where):
        if request.path == "/oauth/token":
            return name in ("refresh", "client_secret")
        return super().may_carry(request, name, where)

    def bucket(self, request):
        return None if request.path == "/oauth/token" else "default"

    def sign_in(self, request):
        kind = self.args.sign_in
        if kind == "none" or request.path == "/oauth/token":
            return None
        if kind == "basic":
            good = request.basic() == (USER, PASSWORD)
        else:
            token = {"header": request.headers.get("X-Api-Key"),
                     "query": request.arg("token")}.get(kind, request.bearer())
            good = token in self.good_tokens
        return None if good else self.error(401, request)

    def rate_headers(self, request, limit, left, reset_s):
        return [("X-RateLimit-Limit", limit.rate), ("X-RateLimit-Remaining", left),
                ("X-RateLimit-Reset", "%d" % (reset_s + 0.999))]

    def ids(self, table, request):
        return [i["id"] for i in self.items] if table == "items" else None

    def elsewhere(self, request):
        return answer_json({"items": [{"id": 1}], "next": None})

    @route("GET", "/items")
    def list(self, request):
        page, per_page = request.number("page", 1), request.number("per_page", 10)
        rows = self.items[(page - 1) * per_page:page * per_page]
        following = None
        if page * per_page < len(self.items):
            following = "%s/items?page=%d&per_page=%d" % (request.base, page + 1, per_page)
        link = [("Link", '<%s>; rel="next"' % following)] if following else []
        return answer_json({"items": rows, "next": following}, headers=link)

    @route("GET", "/items/{id}")
    def one(self, request):
        for item in self.items:
            if str(item["id"]) == request.match["id"]:
                return answer_json(item)
        return self.error(404, request)

    @route("GET", "/bytes")
    def bytes(self, request):
        return Answer(200, b'{"x":"%s"}' % (b"y" * (request.number("n", 100) - 8)))

    @route("POST", "/echo")
    def echo(self, request):
        return answer_json({"method": request.method, "target": request.target,
                            "body": request.body.decode("utf-8", "replace")})

    @route("POST", "/oauth/token")
    def token(self, request):
        form = request.form()
        client = request.client() or (form.get("client_id"), form.get("client_secret"))
        refresh = form.get("grant_type") == "refresh_token"
        if client != (CLIENT, CLIENT_SECRET) or \
                (refresh and form.get("refresh_token") != self.refresh):
            return answer_json({"error": "invalid_grant" if refresh else "invalid_client"}, 401)
        with self.lock:
            self.tokens += 1
            token = "access-%d-%d" % (self.args.seed, self.tokens)
            self.good_tokens = {token}
            answer = {"access_token": token, "token_type": "Bearer",
                      "expires_in": self.args.expires_s}
            if refresh and self.args.rotate:
                self.refresh = answer["refresh_token"] = "refresh-%d-77aa" % self.tokens
        return answer_json(answer)

    def control(self, name, request):
        if name == "revoke":    # the next request with the token is a 401
            self.good_tokens = set()
            return {}
        return None


if __name__ == "__main__":
    fake.main(Plain)
