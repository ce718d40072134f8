# SPDX-License-Identifier: Apache-2.0
"""What the parts of the fake workspace share: refusals in the platform's words, lists in pages, and
lists that lag behind what was made."""
import hashlib
import json
import time

from wire import answer_json


class Refused(Exception):
    """What the platform refuses: status, error_code, message."""

    def __init__(self, status, code, message, **more):
        super().__init__(message)
        self.status = status
        self.body = dict(more, error_code=code, message=message)

    def answer(self):
        return answer_json(self.body, self.status)


def invalid(message):
    return Refused(400, "INVALID_PARAMETER_VALUE", message)


def malformed(message):
    return Refused(400, "MALFORMED_REQUEST", message)


def now_ms():
    return int(time.time() * 1000)


def body_of(request):
    """The JSON object of a request."""
    try:
        body = json.loads(request.body.decode("utf-8") or "{}")
    except ValueError:
        raise malformed("Could not parse request object: expected a JSON object") from None
    if not isinstance(body, dict):
        raise malformed("Could not parse request object: expected a JSON object")
    return body


def field(body, name, kind, required=True):
    """A member of the right type, or None where it may be missing."""
    value = body.get(name)
    if value is None:
        if required:
            raise invalid("Missing required field: %s" % name)
        return None
    # true is no number here
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise malformed("Could not parse request object: field %s has a wrong type" % name)
    return value


def number_arg(request, name, default, least, most):
    text = request.arg(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise invalid("%s must be a number" % name) from None
    if not least <= value <= most:
        raise invalid("%s must be between %d and %d" % (name, least, most))
    return value


def flag_arg(request, name, default=False):
    text = request.arg(name, "true" if default else "false")
    if text not in ("true", "false"):
        raise invalid("%s must be true or false" % name)
    return text == "true"


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Lists:
    """Pages, and lists that do not show at once what was made: an object is in no list until its
    kind has been listed `lag` times since it was made."""

    def __init__(self, lag, empty_pages):
        self.lag, self.empty_pages = lag, empty_pages
        self.made = {}      # (kind, id): how often the kind had been listed
        self.listed = {}    # kind: how often

    def make(self, kind, key):
        self.made[kind, key] = self.listed.get(kind, 0)

    def visible(self, kind, keys):
        """Which of them a list shows; counts as one more listing."""
        count = self.listed[kind] = self.listed.get(kind, 0) + 1
        return [k for k in keys if count > self.made.get((kind, k), -self.lag) + self.lag]

    def page(self, request, rows, size, token_name="page_token", may_be_empty=False):
        """(rows of this page, token of the next or None). A token says where it begins."""
        text = request.arg(token_name, "")
        start = 0
        if text:
            if not text.startswith("at-") or not text[3:].isdigit():
                raise invalid("Invalid page token: %s" % text)
            start = int(text[3:])
        elif may_be_empty and self.empty_pages and rows:
            return [], "at-0"
        end = start + size
        return rows[start:end], "at-%d" % end if end < len(rows) else None
