"""Ten heuristics, one file each, and `motivation`, which combines them."""
