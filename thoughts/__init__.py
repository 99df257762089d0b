"""The five stages of a thought — trigger, retrieval, formation, evaluation, participation — and its life afterwards."""
