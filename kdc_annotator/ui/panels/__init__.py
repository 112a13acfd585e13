"""Lists beside the canvas."""
