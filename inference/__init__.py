"""The seam to language models: what Aside asks of a model (`protocol`), and the three ways to have one."""
