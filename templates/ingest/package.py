"""Pipeline group {{str group}} of {{str connector}}.

Written by `lakehost generate ingest`; generating again replaces it. The package
databricks.labs.community_connector comes from the pipeline's root_path or its environment.
"""

from databricks.labs.community_connector import register
from databricks.labs.community_connector.pipeline import ingest

SOURCE_NAME = {{py connector}}
CONNECTION_NAME = {{py connection}}

{{>ingest/spec.py}}

# The engine hands the connection's options, secrets among them, to the source.
spark.conf.set("spark.databricks.unityCatalog.connectionDfOptionInjection.enabled", "true")

print(f"Registering source {SOURCE_NAME}")
register(spark, SOURCE_NAME)

print(f"Ingesting {len(pipeline_spec['objects'])} tables through {CONNECTION_NAME}")
ingest(spark, pipeline_spec)
