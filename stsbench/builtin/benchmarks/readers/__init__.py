"""Files of rows to tables: csv, tsv, jsonl, json and parquet, each also packed."""
