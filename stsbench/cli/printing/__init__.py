"""What commands print: tables and lines for any width, progress, the log, names as they were typed."""
