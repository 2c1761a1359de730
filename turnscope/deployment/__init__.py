"""What both modes share: ports, secrets, addresses, the database's schema, and the doctor."""
