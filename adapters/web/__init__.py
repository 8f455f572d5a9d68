"""The web playground: a chat page that is an adapter like the others, and the server it runs on.

`Web` (hear) is the face; `decode` and `encode` are pure; `site` and `gate` are the HTTP around it,
`page` and ``static/`` what a browser shows.
"""

from adapters.web.hear import Web

__all__ = ["Web"]
