"""Writers of a leaderboard: Markdown, CSV, JSON, LaTeX and Parquet."""
