"""The annotation tool around the method in ``kdc``."""
