"""The verifiable log: append, sequence, Merkle tree, checkpoint, verify."""
