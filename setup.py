"""Packages for pyproject.toml's build: our own, and the folder ``resources`` as the package ``kdc.bundled``."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["kdc", "kdc.*", "kdc_annotator", "kdc_annotator.*"]), "kdc.bundled"],
    package_dir={"kdc.bundled": "resources"},
    package_data={
        "kdc": ["py.typed"],
        "kdc.bundled": ["models/*", "samples/*", "recipes/*", "training/*"],
        "kdc_annotator": ["ui/icons/*.svg", "ui/translations/*"],
    },
)
