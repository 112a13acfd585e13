"""KDC, "Keypoints as Dynamic Centroids": people, their keypoints and their masks from one network."""

__version__ = "0.1.0"
