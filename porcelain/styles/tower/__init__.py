"""Style "tower": crossing rows of buckets round a mast, joined by printed channels, as in the article."""
