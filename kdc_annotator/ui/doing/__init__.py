"""What the actions do, a module for each part of the menu. ``controller.py`` puts them together."""
