"""What a board holds: its definition and rows, what is known of its systems beyond figures, and the columns that show them."""
