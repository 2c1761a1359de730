"""Turnscope: observability for conversational assistants."""
