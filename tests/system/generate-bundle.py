#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bundles: valid by the official schema, and right where that cannot tell.

Run it alone from the build folder, with the schema in DAB_SCHEMA (else those points are skipped):
    LAKEHOST=./lakehost srcdir=.. /usr/bin/python3 ../tests/system/generate-bundle.py
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dab_schema  # noqa: E402

try:
    import yaml
except ImportError:
    other = "/usr/bin/python3"
    if sys.executable != other and os.path.exists(other) and "YAML_RETRY" not in os.environ:
        os.environ["YAML_RETRY"] = "1"
        os.execv(other, [other] + sys.argv)
    print("1..0 # SKIP no python3 with the module yaml (PyYAML)")
    sys.exit(0)

LAKEHOST = os.path.abspath(os.environ.get("LAKEHOST", "./lakehost"))
KEY = re.compile(r"[A-Za-z]([A-Za-z0-9]|[-_]+[A-Za-z0-9])*")
REFERENCE = re.compile(r"\$\{([^}]*)\}")
MANIFEST = """source_table,pipeline_group,schedule
contacts,CRM core,*/15 * * * *
companies,CRM core,
deals,2nd,0 9 * * 1
calls,none,
"""
CONFIG = """bundle:
  tags: {team: data}
  notify: [a@example.com]
  permissions:
    - {level: CAN_RUN, group_name: analysts}
    - {level: CAN_MANAGE, user_name: a@example.com}
"""
PARTS = {
    "ingest": ["--ingest-files-path", "/Workspace/Shared/files", "--root-path", "/Workspace/r"],
    "wheel": ["--ingest-files-path", "../src", "--package", "/Volumes/a/b/c/x.whl"],
    "notebooks": ["--notebook-base-path", "/Workspace/Shared/notebooks/"],
}
n = failed = 0


def ok(good, name, *details):
    global n, failed
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {name}")
    if not good:
        for detail in details:
            print("#", str(detail).replace("\n", "\n# "))


def run(*arguments):
    return subprocess.run([LAKEHOST, *arguments], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)


def merged(folder):
    """The bundle of a folder with what it includes, as the vendor's program reads it."""
    with open(f"{folder}/databricks.yml", encoding="utf-8") as f:
        bundle = yaml.safe_load(f)
    for pattern in bundle.get("include", []):
        for path in sorted(glob.glob(f"{folder}/{pattern}")):
            with open(path, encoding="utf-8") as f:
                part = yaml.safe_load(f)
            for section in ("variables", "resources"):
                for name, value in part.get(section, {}).items():
                    here = bundle.setdefault(section, {}).setdefault(name, {})
                    clash = set(here) & set(value) if section == "resources" else set()
                    ok(not clash, f"{path}: no key of {name} stands twice", clash)
                    here.update(value)
    return bundle


def strings(node):
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from strings(each)
    if isinstance(node, str):
        yield node


def check(folder, what, schema):
    bundle = merged(folder)
    if schema:
        found = schema.problems(bundle)
        ok(not found, f"{what}: valid by the schema", "\n".join(found))
    resources = bundle["resources"]
    keys = [key for kind in resources.values() for key in kind]
    ok(len(keys) == len(set(keys)) and all(KEY.fullmatch(key) for key in keys),
       f"{what}: keys are keys", keys)
    for text in strings(bundle):
        for name in REFERENCE.findall(text):
            parts = name.split(".")
            there = (parts[0] == "var" and parts[1] in bundle["variables"]) or (
                parts[0] == "resources" and parts[2] in resources[parts[1]]) or (
                    name in ("bundle.name", "bundle.target"))
            if not there:
                ok(False, f"{what}: the reference {name} leads somewhere", bundle)
    used = set(re.findall(r"\$\{var\.([^}]*)\}", json.dumps(bundle["resources"])))
    ok(used == set(bundle["variables"]), f"{what}: variables are used", used, bundle["variables"])
    for pipeline in resources["pipelines"].values():
        if pipeline.get("development") is not None or "target" in pipeline or not (
                pipeline["serverless"] and pipeline["channel"] == "PREVIEW"):
            ok(False, f"{what}: serverless, PREVIEW, neither target nor development", pipeline)
    return bundle


def generate(folder, part, *more, output=None, connector="hubspot"):
    manifest = f"{folder}.csv"
    with open(manifest, "w", encoding="utf-8") as f:
        f.write(MANIFEST)
    done = run("generate", "bundle", "--connector-name", connector, "--input-csv", manifest,
               "--output-yaml", output or f"{folder}/databricks.yml", "--catalog", "main",
               "--schema", "bronze", *PARTS[part], *more)
    ok(done.returncode == 0, f"{part} {' '.join(more)}: it works", done.stderr)
    return done


def main():
    path = dab_schema.find()
    schema = None
    if path:
        with open(path, encoding="utf-8") as f:
            schema = dab_schema.Schema(json.load(f))
        wrong = {"bundle": {"name": "x"}, "resources": {"pipelines": {"p": {"made_up": 1}}}}
        ok(any("made_up" in p for p in schema.problems(wrong)), "the schema refuses a made-up key")
    else:
        ok(True, "the official schema # SKIP no file in DAB_SCHEMA")

    for part in PARTS:
        generate(part, part, "--emit-jobs")
        bundle = check(part, part, schema)
        jobs = bundle["resources"]["jobs"]
        ok(sorted(j["schedule"]["quartz_cron_expression"] for j in jobs.values()) ==
           ["0 0 9 ? * MON", "0 0/15 * * * ?"], f"{part}: Quartz", jobs)
        ok({j["schedule"]["pause_status"] for j in jobs.values()} == {"PAUSED"}, "paused", jobs)
    libraries = [p["libraries"][0] for p in merged("ingest")["resources"]["pipelines"].values()]
    ok(libraries[0] == {"file": {"path": "${var.hubspot_ingest_files_path}/ingest_g_2nd.py"}},
       "a file is called as generate ingest calls it", libraries)
    libraries = [p["libraries"][0] for p in merged("notebooks")["resources"]["pipelines"].values()]
    ok(libraries[0] == {"notebook": {"path": "${var.hubspot_notebook_base_path}/hubspot_g_2nd"}},
       "a notebook without its extension", libraries)

    with open("lakehost.yaml", "w", encoding="utf-8") as f:
        f.write(CONFIG)
    generate("config", "ingest", "--emit-jobs", "--no-pause-jobs", "--bundle-suffix", "eu",
             "--target", "dev=dev.example.com/", "--target",
             "prod=https://prod.example.com,run_as=0f0f0f0f-0000-0000-0000-000000000000", "--target",
             "test=https://t.example.com,mode=production,root_path=/Workspace/t,run_as=a@example.com")
    bundle = check("config", "config", schema)
    os.remove("lakehost.yaml")
    job = bundle["resources"]["jobs"]["hubspot_crm_core_scheduler_eu"]
    ok(job["schedule"]["pause_status"] == "UNPAUSED", "--no-pause-jobs", job)
    ok(job["permissions"][0] == {"level": "CAN_MANAGE_RUN", "group_name": "analysts"},
       "permissions of jobs", job)
    ok(bundle["targets"]["dev"] == {"mode": "development", "default": True, "workspace":
                                    {"host": "https://dev.example.com"}}, "dev", bundle["targets"])
    ok(bundle["targets"]["prod"]["workspace"]["root_path"].startswith("/Workspace/Shared/"),
       "production has a root path", bundle["targets"])
    ok(bundle["targets"]["test"]["run_as"] == {"user_name": "a@example.com"}, "run_as", bundle)

    # several connectors in one bundle
    generate("shared", "ingest", "--emit-jobs", "--layout", "resources")
    with open("shared/databricks.yml", encoding="utf-8") as f:
        before = f.read()
    done = generate("shared", "notebooks", "--emit-jobs", connector="zendesk",
                    output="shared/resources/zendesk.yml")
    ok("databricks.yml" not in done.stdout, "the second connector leaves databricks.yml alone")
    with open("shared/databricks.yml", encoding="utf-8") as f:
        ok(f.read() == before, "it is what it was")
    bundle = check("shared", "shared", schema)
    ok(len(bundle["resources"]["pipelines"]) == 6, "pipelines of both", bundle)
    with open("shared/databricks.yml", "w", encoding="utf-8") as f:
        f.write("bundle:\n  name: mine\n")
    done = generate("shared", "ingest", "--layout", "resources")
    ok("includes nothing of resources/" in done.stderr, "a bundle that includes nothing", done)

    # adding a table changes nothing
    with open("more.csv", "w", encoding="utf-8") as f:
        f.write(MANIFEST + "more,CRM core,\n")
    with open("ingest/databricks.yml", encoding="utf-8") as f:
        want = f.read()
    done = run("generate", "bundle", "--connector-name", "hubspot", "--input-csv", "more.csv",
               "--output-yaml", "-", "--catalog", "main", "--schema", "bronze", "--emit-jobs",
               *PARTS["ingest"])
    ok(done.stdout == want, "one table more: the same bundle", done.stdout)

    for arguments, code, message in (
            ([], 2, "give one of --ingest-files-path and --notebook-base-path"),
            (PARTS["ingest"] + ["--target", "x"], 2, "no name of a target"),
            (PARTS["ingest"] + ["--target", "x=ftp://y"], 2, "no https:// address"),
            (PARTS["ingest"] + ["--target", "x=y,run_as="], 2, "a part that is not known"),
            (PARTS["ingest"] + ["--target", "x=y", "--target", "x=z"], 2, "there twice"),
            (PARTS["ingest"] + ["--bundle-suffix", "a_"], 2, "cannot be the key of a resource"),
            (PARTS["ingest"] + ["--pause-jobs", "--no-pause-jobs"], 2, "exclude each other")):
        done = run("generate", "bundle", "--connector-name", "hubspot", "--input-csv", "more.csv",
                   "--output-yaml", "no/databricks.yml", "--catalog", "main", "--schema", "bronze",
                   *arguments)
        ok(done.returncode == code and message in done.stderr and not os.path.exists("no"),
           message, done)
    for rows, message in (("a,x,0 0 1 * 1\n", "schedule"),
                          ("a,x,0 0 * * *\nb,x_scheduler,\n", "rename a group")):
        with open("bad.csv", "w", encoding="utf-8") as f:
            f.write("source_table,pipeline_group,schedule\n" + rows)
        done = run("generate", "bundle", "--connector-name", "hubspot", "--input-csv", "bad.csv",
                   "--output-yaml", "no/databricks.yml", "--catalog", "main", "--schema", "bronze",
                   "--emit-jobs", *PARTS["ingest"])
        ok(done.returncode == 3 and message in done.stderr and not os.path.exists("no"), message,
           done)
    print(f"1..{n}")
    return failed > 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        os.environ.update(HOME=work, XDG_CONFIG_HOME=work)
        sys.exit(main())
