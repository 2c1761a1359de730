"""What talks to the gateway from outside: a message, a chat, demo traffic, replay of sessions."""
