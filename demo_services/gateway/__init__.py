"""The door: authenticates, numbers turns, asks NLU and dialog manager, and reports every turn."""
