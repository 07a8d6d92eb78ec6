"""How is nothing lost, and how does a repeat change nothing? See README.md."""
