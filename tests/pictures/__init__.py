"""What needs pictures of real sizes, to read, fit, draw and send them, or libraries that nothing else needs.

Too heavy for a unit test.
"""
