"""Pipeline group 2nd of hubspot.

Written by `lakehost generate ingest`; generating again replaces it. The pipeline's root_path is a
clone of the connectors' repository with `pipeline/` and `libs/` at its root.
"""

from libs.source_loader import get_register_function
from pipeline.ingestion_pipeline import ingest

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
                "table_configuration": {"scd_type": "SCD_TYPE_1", "page": "5", "q": "\"\"\"${x}{{y}}\n\\"},
            }
        },
    ],
}

print(f"Registering source {SOURCE_NAME}")
get_register_function(SOURCE_NAME)(spark)

print(f"Ingesting {len(pipeline_spec['objects'])} tables through {CONNECTION_NAME}")
ingest(spark, pipeline_spec)
