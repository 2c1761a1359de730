"""From signals to answers: the walk, the audit."""
