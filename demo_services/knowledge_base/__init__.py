"""The shop's own records behind an HTTP API: the outside system that is deliberately not instrumented."""
