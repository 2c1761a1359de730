"""Native mode: the engines as plain processes, for machines without a container engine (Linux)."""
