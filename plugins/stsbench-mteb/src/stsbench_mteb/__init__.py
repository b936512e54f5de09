"""mteb for stsbench: its models, tasks and predictions."""
