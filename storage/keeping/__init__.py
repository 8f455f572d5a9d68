"""Keeping: what an operator does with a store besides running it. See `storage.keeping.commands`."""
