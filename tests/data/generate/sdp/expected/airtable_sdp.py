# Databricks notebook source
"""Pipeline entry of airtable, for a clone of the connectors' repository.

Written by `lakehost generate sdp-entry`; generating again replaces it. Each source table becomes one
table of the pipeline, read whole on each update.

Run it from a Git folder (/Workspace/Repos/... or a Git folder of a user). The author of this way of
deployment later reported that workers could not import the framework's modules when the code lay in
an ordinary workspace folder: sys.path changes reach the driver only. Where that happens, install the
framework as a wheel or use the files of `lakehost generate ingest`.
"""

import sys

import dlt

REPOSITORY_ROOT = "/Workspace/Repos/team/clone"
SOURCE_NAME = "airtable"
CONNECTION_NAME = "airtable"

print("airtable pipeline from a Git folder")
print(f"Repository root: {REPOSITORY_ROOT}")
if REPOSITORY_ROOT not in sys.path:
    sys.path.insert(0, REPOSITORY_ROOT)
print(f"Added {REPOSITORY_ROOT} to sys.path")

from libs.source_loader import get_register_function  # noqa: E402

print(f"Registering connector {SOURCE_NAME}")
get_register_function(SOURCE_NAME)(spark)
print(f"Registered {SOURCE_NAME} as data source lakeflow_connect")


def load(table, options):
    """A table of the source; the engine adds the options of the connection, its secrets too."""
    reader = spark.read.format("lakeflow_connect")
    reader = reader.option("databricks.connection", CONNECTION_NAME).option("tableName", table)
    for name, value in options.items():
        reader = reader.option(name, value)
    return reader.load()


TABLES = [
    "bronze_sku_candidates",
    "main.raw.bronze_vend_rs",
]
print(f"Connection: {CONNECTION_NAME}")
print(f"Tables: {len(TABLES)}")


@dlt.table(name="bronze_sku_candidates", comment="Table SKU Candidates of the source")
def table_bronze_sku_candidates():
    return load("SKU Candidates", {})


print("Defined table " + "bronze_sku_candidates")


@dlt.table(name="main.raw.bronze_vend_rs", comment="Table Vend\u00f6rs of the source")
def table_main_raw_bronze_vend_rs():
    return load("Vend\u00f6rs", {"batch_size": "10"})


print("Defined table " + "main.raw.bronze_vend_rs")
