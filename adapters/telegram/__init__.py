"""The Telegram face: hear · decode · encode.

``hear`` takes updates in and serves each once, ``decode`` and ``encode`` are pure, ``voice`` says
things, ``line`` is the connection; `adapter.Telegram` fills the `Adapter` port with them.
"""
