"""multipart/form-data taken apart at the boundaries: big files cost one search, not one line each."""

from __future__ import annotations

import re

_NAME = re.compile(rb'name="([^"]*)"(?:.*?filename="([^"]*)")?', re.DOTALL)


def parts(body: bytes, content_type: str) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """Fields and files: ``{name: text}`` and ``{name: (file name, content)}``. Raises `ValueError`."""
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if found is None:
        raise ValueError("no boundary")
    mark = b"--" + found[1].encode()
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    at = body.find(mark)
    while (end := body.find(b"\r\n" + mark, at + len(mark))) >= 0:
        head_end = body.index(b"\r\n\r\n", at)
        named = _NAME.search(body, at, head_end)
        if named is None:
            raise ValueError("a part without a name")
        name, content = named[1].decode(), body[head_end + 4 : end]
        if named[2] is None:
            fields[name] = content.decode()
        else:
            files[name] = (named[2].decode(), content)
        at = end + 2
    return fields, files
