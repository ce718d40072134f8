"""Pipeline group {{str group}} of {{str connector}}.

Written by `lakehost generate ingest`; generating again replaces it. The pipeline's root_path is a
clone of the connectors' repository with `pipeline/` and `libs/` at its root.
"""

from libs.source_loader import get_register_function
from pipeline.ingestion_pipeline import ingest

SOURCE_NAME = {{py connector}}
CONNECTION_NAME = {{py connection}}

{{>ingest/spec.py}}

print(f"Registering source {SOURCE_NAME}")
get_register_function(SOURCE_NAME)(spark)

print(f"Ingesting {len(pipeline_spec['objects'])} tables through {CONNECTION_NAME}")
ingest(spark, pipeline_spec)
