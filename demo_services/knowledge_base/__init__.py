"""The shop's records behind an HTTP API: an outside system, deliberately not instrumented."""
