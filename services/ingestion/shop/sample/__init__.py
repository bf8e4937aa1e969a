"""A made-up shop, drawn by code: for the demo and the tests."""
