# SPDX-License-Identifier: Apache-2.0
"""A validator for the JSON schema of asset bundles, with the standard library only.

It knows the keywords that this schema uses and refuses a schema with others, so that nothing is
passed over. The schema is not part of lakehost: DAB_SCHEMA names the file.
"""
import os
import re

KNOWN = {"$defs", "$ref", "$schema", "oneOf", "anyOf", "type", "properties", "required", "enum",
         "additionalProperties", "items", "pattern", "description", "default", "deprecated",
         "deprecationMessage", "doNotSuggest", "x-databricks-preview", "x-since-version", "title",
         "examples", "markdownDescription", "enumDescriptions", "$id"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name in ("integer", "number"):
        number = isinstance(value, int if name == "integer" else (int, float))
        return number and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


class Schema:
    def __init__(self, schema):
        self.root = schema

    def follow(self, ref):
        node = self.root
        for part in ref.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def problems(self, value, schema=None, path="$"):
        schema = self.root if schema is None else schema
        if isinstance(schema, bool):
            return [] if schema else [f"{path}: nothing is allowed here"]
        unknown = set(schema) - KNOWN
        if unknown and not isinstance(schema.get("$defs"), dict):
            raise ValueError(f"keywords that this validator does not know: {sorted(unknown)}")
        found = []
        if "$ref" in schema:
            found += self.problems(value, self.follow(schema["$ref"]), path)
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                tries = [self.problems(value, each, path) for each in schema[keyword]]
                if all(tries):
                    # the one that came furthest says most
                    found += min(tries, key=lambda t: (-max(len(p.split(":")[0]) for p in t), len(t)))
        if "type" in schema and not is_type(value, schema["type"]):
            return found + [f"{path}: expected {schema['type']}, found {value!r}"]
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{path}: {value!r} is none of {schema['enum']}")
        if "pattern" in schema and isinstance(value, str):
            pattern = schema["pattern"].replace(r"[\p{L}\p{N}]", r"[^\W_]")
            pattern = pattern.replace(r"\p{L}", r"[^\W\d_]").replace(r"\p{N}", r"\d")
            if not re.search(pattern, value):
                found.append(f"{path}: {value!r} does not match {schema['pattern']}")
        return found + self.inside(value, schema, path)

    def inside(self, value, schema, path):
        found = []
        if isinstance(value, dict):
            known = schema.get("properties", {})
            extra = schema.get("additionalProperties", True)
            found += [f"{path}: {name} is missing" for name in schema.get("required", [])
                      if name not in value]
            for name, member in value.items():
                if name in known:
                    if known[name].get("deprecated") if isinstance(known[name], dict) else False:
                        found.append(f"{path}.{name}: deprecated")
                    found += self.problems(member, known[name], f"{path}.{name}")
                elif extra is False:
                    found.append(f"{path}.{name}: an unknown key")
                elif isinstance(extra, dict):
                    found += self.problems(member, extra, f"{path}.{name}")
        if isinstance(value, list) and isinstance(schema.get("items"), dict):
            for i, item in enumerate(value):
                found += self.problems(item, schema["items"], f"{path}[{i}]")
        return found


def find():
    """The path of the schema, or None."""
    path = os.environ.get("DAB_SCHEMA", "")
    return path if path and os.path.exists(path) else None
