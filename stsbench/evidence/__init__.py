"""What a board's folder holds and proves: systems with their records and scores, and what follows from them where the data are."""
