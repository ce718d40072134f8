"""Pipeline group CRM core of hubspot.

Written by `lakehost generate ingest`; generating again replaces it. The package
databricks.labs.community_connector comes from the pipeline's root_path or its environment.
"""

from databricks.labs.community_connector import register
from databricks.labs.community_connector.pipeline import ingest

SOURCE_NAME = "hubspot"
CONNECTION_NAME = "hubspot"

pipeline_spec = {
    "connection_name": CONNECTION_NAME,
    "objects": [
        {
            "table": {
                "source_table": "companies",
                "destination_catalog": "marketing",
                "destination_schema": "raw",
                "destination_table": "all_companies",
                "table_configuration": {"cluster_by": ["name", "region"]},
            }
        },
        {
            "table": {
                "source_table": "contacts",
                "destination_catalog": "main",
                "destination_schema": "bronze",
                "destination_table": "contacts",
                "table_configuration": {"scd_type": "SCD_TYPE_2", "primary_keys": ["id"], "sequence_by": "updatedAt", "archived": "true", "filter": "[1,{\"a\":null}]", "maxCount": "100"},
            }
        },
    ],
}

# The engine hands the connection's options, secrets among them, to the source.
spark.conf.set("spark.databricks.unityCatalog.connectionDfOptionInjection.enabled", "true")

print(f"Registering source {SOURCE_NAME}")
register(spark, SOURCE_NAME)

print(f"Ingesting {len(pipeline_spec['objects'])} tables through {CONNECTION_NAME}")
ingest(spark, pipeline_spec)
