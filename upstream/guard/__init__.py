"""The guard for URLs that people and relays name: nothing of the operator's own network is reached by them.

An address is checked where it is dialled, and what was checked is what is dialled: the name is
resolved once. `Guarded` is that as a transport of httpx, for a relay whose URL a chat gave;
`Guard` fetches a file by it, bounded in bytes, time and redirects.
"""

from upstream.guard.answer import Manners
from upstream.guard.dialling import Resolve, resolve
from upstream.guard.fetching import Guard
from upstream.guard.transport import Guarded

__all__ = ["Guard", "Guarded", "Manners", "Resolve", "resolve"]
