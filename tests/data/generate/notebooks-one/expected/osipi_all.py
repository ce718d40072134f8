# Databricks notebook source
# MAGIC %md
# MAGIC # osipi: all
# MAGIC
# MAGIC Written by `lakehost generate notebooks`; generating again replaces it.
# MAGIC
# MAGIC | source table | destination | how |
# MAGIC |---|---|---|
# MAGIC | pi\_points | main.raw.pi\_points | read whole |

# COMMAND ----------

import dlt
from pyspark.sql.functions import col

# COMMAND ----------

# The connector's file defines register_lakeflow_source.
CONNECTOR_FILE = "/Workspace/Shared/connectors/osipi_generated_source.py"

with open(CONNECTOR_FILE, encoding="utf-8") as connector_source:
    exec(compile(connector_source.read(), CONNECTOR_FILE, "exec"))
register_lakeflow_source(spark)

# COMMAND ----------

# Secrets are read here, on the driver, where dbutils works. Nothing prints them.
SECRETS_SCOPE = "sp-osipi"


def read_secret(keys):
    """The secret of the first of these keys that the scope has."""
    failures = []
    for key in keys:
        try:
            return dbutils.secrets.get(scope=SECRETS_SCOPE, key=key)
        except Exception as error:  # its class is not the same everywhere
            failures.append(f"{key} ({type(error).__name__})")
    raise ValueError(f"scope {SECRETS_SCOPE} has no such secret: {', '.join(failures)}")


CONNECTION_OPTIONS = {
    "client_id": read_secret(["client_id", "sp-client-id"]),
    "client_secret": read_secret(["client_secret", "sp-client-secret"]),
    "pi_base_url": "https://pi.example.com",
    "verify_ssl": "true",
    "workspace_host": str(f"https://{spark.conf.get('spark.databricks.workspaceUrl')}"),
}


def load(reader, table, options):
    """What the connector reads of a table, by a batch or a stream reader."""
    reader = reader.format("lakeflow_connect").option("tableName", table)
    for name, value in {**options, **CONNECTION_OPTIONS}.items():
        reader = reader.option(name, value)
    return reader.load()


# COMMAND ----------

@dlt.table(name="main.raw.pi_points", comment="Table pi_points of the source")
def table_main_raw_pi_points():
    return load(spark.read, "pi_points", {"nameFilter": "*"})

