"""The web playground: a chat page that is an adapter like the others, and the server it runs on.

`adapter` fills the port, `hear` listens to the tabs, `decode` and `encode` are pure; `site` and
`gate` are the HTTP around them, `page` and ``static/`` what a browser shows.
"""
