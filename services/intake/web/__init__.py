"""What do citizens see of intake? A form, a page that follows their request, and nothing that needs a script."""
