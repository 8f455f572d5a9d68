"""Tests by their distance from what they test.

``unit``: pure, no database and no wire. ``contract``: one suite for each port, on all who fill it.
``rooms``: one room of the house with what it touches: a real database, a platform or a relay imitated over
loopback. ``pictures``: pictures of real sizes, and libraries that nothing else needs. ``whole``: the real
process, killed and started again. ``crash`` counts what becomes of jobs when it is killed anywhere.
"""
