"""Annotations, commands, undo and checks: plain Python, no Qt, no torch, no files."""
