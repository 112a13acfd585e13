"""The parts of ``kdc.evaluating``: truth and results, one module per protocol, what matters to a labeler, the report."""
