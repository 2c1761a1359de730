"""The models behind one protocol, and the price table's file."""
