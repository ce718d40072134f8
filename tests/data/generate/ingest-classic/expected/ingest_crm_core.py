"""Pipeline group CRM core of hubspot.

Written by `lakehost generate ingest`; generating again replaces it. The pipeline's root_path is a
clone of the connectors' repository with `pipeline/` and `libs/` at its root.
"""

from libs.source_loader import get_register_function
from pipeline.ingestion_pipeline import ingest

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
                "table_configuration": {"scd_type": "SCD_TYPE_1", "cluster_by": ["name", "region"], "page": "5"},
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

print(f"Registering source {SOURCE_NAME}")
get_register_function(SOURCE_NAME)(spark)

print(f"Ingesting {len(pipeline_spec['objects'])} tables through {CONNECTION_NAME}")
ingest(spark, pipeline_spec)
