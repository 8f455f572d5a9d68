"""The Discord face: hear · decode · encode.

``line`` is the gateway, ``hear`` takes interactions in and answers each in time, ``decode``,
``encode`` and ``declare`` are pure, ``voice`` says things, ``rest`` is the way there; `adapter.Discord`
fills the `Adapter` port with them. Interactions are read as Discord sends them, so that slash
commands come from our own declarations and a button works whichever process made it.
"""
