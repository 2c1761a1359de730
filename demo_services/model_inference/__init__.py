"""Model inference: chat completions in OpenAI form over interchangeable models."""
