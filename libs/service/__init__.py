"""What does any process need to live? See README.md."""
