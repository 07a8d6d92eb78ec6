"""How does Guichet come up in containers? See README.md and deploy/README.md."""
