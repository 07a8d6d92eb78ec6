"""Over which ways can someone be told? One file each for mail and webhooks, and one for each question they ask."""
