"""What needs pictures of real sizes: to read, fit, draw and send them. Too heavy for a unit test."""
