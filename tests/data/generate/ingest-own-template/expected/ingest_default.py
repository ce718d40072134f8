# Databricks notebook source
# default of github
CONNECTION_NAME = "gh"
spec = [{"source_table": "issues", "destination_catalog": "main", "destination_schema": "bronze", "destination_table": "issues", "table_configuration": {}}]
