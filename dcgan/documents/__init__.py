"""A run as documents: the HTML report, the page of its generator, and its model card with files."""
