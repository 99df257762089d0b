"""The nouns of a group chat. Frozen values, standard library only; every other package may import this one."""
