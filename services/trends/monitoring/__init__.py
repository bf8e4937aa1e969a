"""Whether what is seen drifts, and whether what was foretold comes true."""
