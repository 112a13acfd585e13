"""Files in and out: the project file and one module for each annotation format."""
