# Databricks notebook source
# {{comment group}} of {{comment connector}}
{{>ingest/spec.py}}
