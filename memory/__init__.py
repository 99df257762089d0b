"""What the agent remembers, and which of it comes to mind."""
