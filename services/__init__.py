"""Which processes serve a request? intake, router, notifier and audit; README.md follows one through all four."""
