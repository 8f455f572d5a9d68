"""How fast and how lean Easel is, measured against bare scripts on the same honest servers."""
