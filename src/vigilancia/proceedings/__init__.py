"""proceedings."""
