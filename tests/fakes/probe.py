#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The barest client, which reports what came over the wire: one line, for tests of the fakes.

    probe.py URL [-X METHOD] [-H 'Name: value']... [-d BODY] [--ca FILE] [--header NAME]

prints  STATUS BYTES BODY   a whole answer (BODY: its first 60 characters, unpacked)
        STATUS cut BYTES    it ended early        closed | reset | refused | broken
and with --header only that header's value. Redirects are not followed.
"""
import argparse
import gzip
import http.client
import ssl
import sys
import urllib.parse


def fetch(args):
    url = urllib.parse.urlsplit(args.url)
    if url.scheme == "https":
        context = ssl.create_default_context(cafile=args.ca)
        client = http.client.HTTPSConnection(url.hostname, url.port, timeout=20, context=context)
    else:
        client = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    headers = dict(h.split(": ", 1) for h in args.H)
    target = url.path + ("?" + url.query if url.query else "")
    client.request(args.X, target, args.d.encode() if args.d else None, headers)
    answer = client.getresponse()
    if args.header:
        return str(answer.headers.get(args.header))
    try:
        body = answer.read()
    except http.client.IncompleteRead as cut:
        return "%d cut %d" % (answer.status, len(cut.partial))
    except ConnectionResetError:
        return "%d cut" % answer.status
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    text = body[:60].decode("utf-8", "replace").replace("\n", " ")
    return "%d %d %s" % (answer.status, len(body), text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-X", default="GET")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("--ca")
    parser.add_argument("--header")
    args = parser.parse_args()
    try:
        print(fetch(args))
    except http.client.RemoteDisconnected:
        print("closed")
    except ConnectionResetError:
        print("reset")
    except ConnectionRefusedError:
        print("refused")
    except ssl.SSLCertVerificationError as wrong:
        print("untrusted", wrong.verify_message)
    except gzip.BadGzipFile:
        print("bad gzip")
    except (http.client.HTTPException, OSError) as wrong:
        print("broken", type(wrong).__name__)


if __name__ == "__main__":
    sys.exit(main())
