"""The parts of ``benchmarks/fuzz.py``: mutations, readers with their seeds, and the process that runs them."""
