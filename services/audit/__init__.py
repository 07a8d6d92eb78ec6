"""What happened can be shown, and cannot be changed unseen."""
