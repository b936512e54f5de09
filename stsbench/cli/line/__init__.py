"""What every command line shares: options and their defaults, the request and the session that they make, and the one way out."""
