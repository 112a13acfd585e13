"""Frozen requests in, results out: the prediction service, live re-clustering and proposals. No Qt."""
