"""The guided experiments of the Learn page: predict, watch a real run, compare."""
