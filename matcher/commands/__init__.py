"""The sub-commands, one module a command: its flags, and a few lines that call the engine."""
