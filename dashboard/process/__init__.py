"""Resources of a server process: TensorFlow, limits, folders of uploads and visitors, caches."""
