"""Pipeline group 2nd of hubspot.

Written by `lakehost generate ingest`; generating again replaces it. The package
databricks.labs.community_connector comes from the pipeline's root_path or its environment.
"""

from databricks.labs.community_connector import register
from databricks.labs.community_connector.pipeline import ingest

SOURCE_NAME = "hubspot"
CONNECTION_NAME = "hubspot_eu"

pipeline_spec = {
    "connection_name": CONNECTION_NAME,
    "objects": [
        {
            "table": {
                "source_table": "it's \"quoted\"",
                "destination_catalog": "main",
                "destination_schema": "bronze",
                "destination_table": "it's \"quoted\"",
                "table_configuration": {"q": "\"\"\"${x}{{y}}\n\\"},
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
