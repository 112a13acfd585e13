"""The parts of ``kdc.evaluate``: truth and results, one module per protocol, what matters to a labeler, the report."""
