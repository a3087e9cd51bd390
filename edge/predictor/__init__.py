"""Who answers for a network: the protocol, and its answerer in a child process."""
