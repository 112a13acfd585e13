"""The window. The only place that imports PySide6; it shows and proposes, only commands change the document."""
