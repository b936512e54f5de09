"""The states of a model that OpenVINO runs: found or made, and compared with torch."""
