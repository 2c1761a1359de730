"""What the service stands on: models, and the stores in PostgreSQL."""
