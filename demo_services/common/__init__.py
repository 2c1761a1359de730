"""What the demo services share: the way to a neighbour, the form of an error, the server loop."""
