# Databricks notebook source
# MAGIC %md
# MAGIC # zoho\_crm: CRM
# MAGIC
# MAGIC Written by `lakehost generate notebooks`; generating again replaces it.
# MAGIC
# MAGIC | source table | destination | how |
# MAGIC |---|---|---|
# MAGIC | contacts | main.bronze.contacts | changes applied by key |
# MAGIC | deals | main.bronze.\`all-deals\` | changes applied by key |
# MAGIC | owners | owners | read whole |
# MAGIC | props | props | history of whole reads |

# COMMAND ----------

import dlt
from pyspark.sql.functions import col

# COMMAND ----------

# The connector's file defines register_lakeflow_source.
CONNECTOR_FILE = "/Workspace/Shared/connectors/zoho_crm_generated_source.py"

with open(CONNECTOR_FILE, encoding="utf-8") as connector_source:
    exec(compile(connector_source.read(), CONNECTOR_FILE, "exec"))
register_lakeflow_source(spark)

# COMMAND ----------

# Secrets are read here, on the driver, where dbutils works. Nothing prints them.
SECRETS_SCOPE = "zoho-crm"


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
    "client_id": read_secret(["client_id"]),
    "client_secret": read_secret(["client_secret"]),
    "refresh_token": read_secret(["refresh_token"]),
    "base_url": "https://accounts.zoho.com",
}


def load(reader, table, options):
    """What the connector reads of a table, by a batch or a stream reader."""
    reader = reader.format("lakeflow_connect").option("tableName", table)
    for name, value in {**options, **CONNECTION_OPTIONS}.items():
        reader = reader.option(name, value)
    return reader.load()


# COMMAND ----------

dlt.create_streaming_table(name="main.bronze.contacts", comment="Table contacts of the source")


@dlt.view(name="lakehost_source_main_bronze_contacts")
def table_main_bronze_contacts():
    return load(spark.readStream, "contacts", {"a": "1"})


dlt.create_auto_cdc_flow(
    target="main.bronze.contacts",
    source="lakehost_source_main_bronze_contacts",
    keys=["id"],
    sequence_by=col("updatedAt"),
    stored_as_scd_type="1",
)


dlt.create_streaming_table(name="main.bronze.`all-deals`", comment="Table deals of the source", cluster_by=["region"])


@dlt.view(name="lakehost_source_main_bronze_all_deals")
def table_main_bronze_all_deals():
    return load(spark.readStream, "deals", {})


dlt.create_auto_cdc_flow(
    target="main.bronze.`all-deals`",
    source="lakehost_source_main_bronze_all_deals",
    keys=["id"],
    sequence_by=col("updatedAt"),
    stored_as_scd_type="2",
)


@dlt.view(name="lakehost_deletes_main_bronze_all_deals")
def deletes_main_bronze_all_deals():
    return load(spark.readStream, "deals", {**{}, "isDeleteFlow": "true"})


dlt.create_auto_cdc_flow(
    name="lakehost_deletes_main_bronze_all_deals",
    target="main.bronze.`all-deals`",
    source="lakehost_deletes_main_bronze_all_deals",
    keys=["id"],
    sequence_by=col("updatedAt"),
    apply_as_deletes="true",
    stored_as_scd_type="2",
)


@dlt.table(name="owners", comment="Table owners of the source")
def table_owners():
    return load(spark.read, "owners", {})


dlt.create_streaming_table(name="props", comment="Table props of the source")


@dlt.view(name="lakehost_source_props")
def table_props():
    return load(spark.read, "props", {})


dlt.create_auto_cdc_from_snapshot_flow(
    target="props",
    source="lakehost_source_props",
    keys=["name"],
    stored_as_scd_type="2",
)

