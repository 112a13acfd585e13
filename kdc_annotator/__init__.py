"""KDC Annotator: people's keypoints and masks, proposed by a network and corrected by hand."""
