"""Parts that the pages of the app share."""
