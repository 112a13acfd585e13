"""Long work over files and projects, without a window."""
