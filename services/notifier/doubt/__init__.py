"""Which letters may have arrived or not, and how are they sent again by choice? See ../README.md."""
