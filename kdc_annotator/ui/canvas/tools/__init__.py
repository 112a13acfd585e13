"""What the mouse does: one tool per file."""
