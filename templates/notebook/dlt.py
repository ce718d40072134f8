# Databricks notebook source
# MAGIC %md
# MAGIC # {{md connector}}: {{md group}}
# MAGIC
# MAGIC Written by `lakehost generate notebooks`; generating again replaces it.
# MAGIC
# MAGIC | source table | destination | how |
# MAGIC |---|---|---|
{{#tables}}
# MAGIC | {{md source_table}} | {{md destination}} | {{md how}} |
{{/tables}}

# COMMAND ----------

import dlt
from pyspark.sql.functions import col

# COMMAND ----------

# The connector's file defines register_lakeflow_source.
CONNECTOR_FILE = {{py connector_file}}

with open(CONNECTOR_FILE, encoding="utf-8") as connector_source:
    exec(compile(connector_source.read(), CONNECTOR_FILE, "exec"))
register_lakeflow_source(spark)

# COMMAND ----------

{{#secrets_scope}}
# Secrets are read here, on the driver, where dbutils works. Nothing prints them.
SECRETS_SCOPE = {{py .}}


def read_secret(keys):
    """The secret of the first of these keys that the scope has."""
    failures = []
    for key in keys:
        try:
            return dbutils.secrets.get(scope=SECRETS_SCOPE, key=key)
        except Exception as error:  # its class is not the same everywhere
            failures.append(f"{key} ({type(error).__name__})")
    raise ValueError(f"scope {SECRETS_SCOPE} has no such secret: {', '.join(failures)}")


{{/secrets_scope}}
CONNECTION_OPTIONS = {
{{#secrets}}
    {{py option}}: read_secret({{py keys}}),
{{/secrets}}
{{#static_options}}
    {{py option}}: {{py value}},
{{/static_options}}
{{#dynamic_options}}
    {{py option}}: str({{expr value}}),
{{/dynamic_options}}
}


def load(reader, table, options):
    """What the connector reads of a table, by a batch or a stream reader."""
    reader = reader.format("lakeflow_connect").option("tableName", table)
    for name, value in {**options, **CONNECTION_OPTIONS}.items():
        reader = reader.option(name, value)
    return reader.load()


# COMMAND ----------
{{#tables}}

{{#whole}}
@dlt.table(name={{py destination}}, comment={{py comment}}{{#cluster_by}}, cluster_by={{py cluster_by_list}}{{/cluster_by}})
def {{ident function}}():
    return load(spark.read, {{py source_table}}, {{py options}})
{{/whole}}
{{#appended}}
@dlt.table(name={{py destination}}, comment={{py comment}}{{#cluster_by}}, cluster_by={{py cluster_by_list}}{{/cluster_by}})
def {{ident function}}():
    return load(spark.readStream, {{py source_table}}, {{py options}})
{{/appended}}
{{#changes}}
dlt.create_streaming_table(name={{py destination}}, comment={{py comment}}{{#cluster_by}}, cluster_by={{py cluster_by_list}}{{/cluster_by}})


@dlt.view(name={{py view}})
def {{ident function}}():
    return load(spark.readStream, {{py source_table}}, {{py options}})


dlt.create_auto_cdc_flow(
    target={{py destination}},
    source={{py view}},
    keys={{py keys}},
    sequence_by=col({{py sequence_by}}),
    stored_as_scd_type={{py scd}},
)
{{#deletes}}


@dlt.view(name={{py deletes_view}})
def {{ident deletes_function}}():
    return load(spark.readStream, {{py source_table}}, {**{{py options}}, "isDeleteFlow": "true"})


dlt.create_auto_cdc_flow(
    name={{py deletes_view}},
    target={{py destination}},
    source={{py deletes_view}},
    keys={{py keys}},
    sequence_by=col({{py sequence_by}}),
    apply_as_deletes="true",
    stored_as_scd_type={{py scd}},
)
{{/deletes}}
{{/changes}}
{{#history}}
dlt.create_streaming_table(name={{py destination}}, comment={{py comment}}{{#cluster_by}}, cluster_by={{py cluster_by_list}}{{/cluster_by}})


@dlt.view(name={{py view}})
def {{ident function}}():
    return load(spark.read, {{py source_table}}, {{py options}})


dlt.create_auto_cdc_from_snapshot_flow(
    target={{py destination}},
    source={{py view}},
    keys={{py keys}},
    stored_as_scd_type={{py scd}},
)
{{/history}}

{{/tables}}
