pipeline_spec = {
    "connection_name": CONNECTION_NAME,
    "objects": [
{{#tables}}
        {
            "table": {
                "source_table": {{py source_table}},
                "destination_catalog": {{py destination_catalog}},
                "destination_schema": {{py destination_schema}},
                "destination_table": {{py destination_table}},
{{#table_configuration}}
                "table_configuration": {{py .}},
{{/table_configuration}}
            }
        },
{{/tables}}
    ],
}
