"""The page of a board: one self-contained HTML file with a table and charts."""
