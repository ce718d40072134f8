#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""In front of a server that somebody else wrote: passes requests on, with other headers, and keeps
the book of a fake (log, violations). The token that it looks for is github.py's.

    --to URL             where they go
    --send NAME:VALUE    a header instead of the client's; may be given again
    --keep NAME,...      only these query parameters go on
"""
import urllib.error
import urllib.parse
import urllib.request

import fake
import github
from fake import Answer

PASSED_ON = ("Content-Type", "Link", "Location", "Retry-After")


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is the client's to follow."""

    def redirect_request(self, *_):
        return None


class Front(fake.Source):
    name = "front"

    @staticmethod
    def add_options(parser):
        parser.add_argument("--to", required=True)
        parser.add_argument("--send", action="append", default=[])
        parser.add_argument("--keep")

    def __init__(self, args):
        super().__init__(args)
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects())

    def secrets(self):
        return {"token": github.TOKEN}

    def query(self, request):
        parts = urllib.parse.urlsplit(request.target).query
        if self.args.keep is None:
            return parts
        return "&".join(p for p in parts.split("&")
                        if p.partition("=")[0] in self.args.keep.split(","))

    def handle(self, request):
        query = self.query(request)
        url = self.args.to + request.raw_path + ("?" + query if query else "")
        headers = dict(text.split(":", 1) for text in self.args.send)
        body = request.body if request.method != "GET" else None
        sent = urllib.request.Request(url, body, headers, method=request.method)
        try:
            with self.opener.open(sent, timeout=30) as got:
                return self.passed_on(got)
        except urllib.error.HTTPError as got:
            with got:
                return self.passed_on(got)

    @staticmethod
    def passed_on(got):
        headers = [(n, got.headers[n]) for n in PASSED_ON if got.headers[n] is not None]
        return Answer(got.status, got.read(), headers)


if __name__ == "__main__":
    fake.main(Front)
