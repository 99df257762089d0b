"""The service: the only serving code that touches the network, the database, the environment and the wall clock."""
