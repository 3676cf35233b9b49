"""The owner's page: how an installation that strangers share is doing."""
