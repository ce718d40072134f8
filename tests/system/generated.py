# SPDX-License-Identifier: Apache-2.0
"""Runs generated Python with stand-ins for spark, dlt, dbutils and the framework, and says what it
did with them."""
import contextlib
import io
import sys
import types


class Reader:
    def __init__(self, mode):
        self.read = {"mode": mode, "format": None, "options": {}}

    def format(self, name):
        self.read["format"] = name
        return self

    def option(self, name, value):
        assert isinstance(name, str) and isinstance(value, str), (name, value)
        assert name not in self.read["options"], f"option {name} is set twice"
        self.read["options"][name] = value
        return self

    def load(self):
        return self.read


class Conf:
    def __init__(self, calls):
        self.calls = calls

    def set(self, name, value):
        self.calls.append(("conf.set", name, value))

    def get(self, name):
        return f"<conf {name}>"


class Spark:
    def __init__(self, calls):
        self.conf = Conf(calls)

    read = property(lambda self: Reader("batch"))
    readStream = property(lambda self: Reader("stream"))


class Secrets:
    """Those of one scope; what is asked for is recorded."""

    def __init__(self, calls, scope, secrets):
        self.calls, self.scope, self.secrets = calls, scope, secrets

    def get(self, scope, key):
        self.calls.append(("secret", scope, key))
        if scope != self.scope or key not in self.secrets:
            raise KeyError(f"no secret {scope}/{key}")
        return self.secrets[key]


def dlt_module(calls):
    def dataset(kind):
        def wrap(name, **more):
            def decorate(function):
                calls.append((kind, name, more, function()))
                return function
            return decorate
        return wrap

    def call(kind):
        return lambda **arguments: calls.append((kind, arguments))

    dlt = types.ModuleType("dlt")
    dlt.table, dlt.view = dataset("table"), dataset("view")
    for name in ("create_streaming_table", "create_auto_cdc_flow",
                 "create_auto_cdc_from_snapshot_flow"):
        setattr(dlt, name, call(name))
    functions = types.ModuleType("pyspark.sql.functions")
    functions.col = lambda name: ("col", name)
    return {"dlt": dlt, "pyspark": types.ModuleType("pyspark"),
            "pyspark.sql": types.ModuleType("pyspark.sql"), "pyspark.sql.functions": functions}


def framework_modules(calls):
    def ingest(spark, spec):
        calls.append(("ingest", spec))

    def register(spark, name):
        calls.append(("register", name))

    loader = types.ModuleType("libs.source_loader")
    loader.get_register_function = lambda name: lambda spark: register(spark, name)
    pipeline = types.ModuleType("pipeline.ingestion_pipeline")
    pipeline.ingest = ingest
    package = types.ModuleType("databricks.labs.community_connector")
    package.register = register
    inner = types.ModuleType("databricks.labs.community_connector.pipeline")
    inner.ingest = ingest
    modules = {m.__name__: m for m in (loader, pipeline, package, inner)}
    for name in ("libs", "pipeline", "databricks", "databricks.labs"):
        modules[name] = types.ModuleType(name)
        modules[name].__path__ = []
    package.__path__ = []
    return modules


def run(path, scope=None, secrets=None):
    """The calls that a file makes, in order, and what it prints."""
    calls = []
    modules = {**framework_modules(calls), **dlt_module(calls)}
    before = {name: sys.modules.get(name) for name in modules}
    printed = io.StringIO()
    with open(path, encoding="ascii" if scope is None else "utf-8") as f:
        code = compile(f.read(), path, "exec", dont_inherit=True)
    dbutils = types.SimpleNamespace(secrets=Secrets(calls, scope, secrets or {}))
    sys.modules.update(modules)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(code, {"__name__": "__main__", "spark": Spark(calls), "dbutils": dbutils})
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
    return calls, printed.getvalue()
