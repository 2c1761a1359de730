"""Understands one message: intent, entities, sentiment and language."""
