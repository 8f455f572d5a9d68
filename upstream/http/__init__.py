"""What every dialect shares: identity, patience, size caps, the meaning of errors. httpx's home."""

from upstream.http.clients import Clients, Patience
from upstream.http.meaning import failed
from upstream.http.reading import Answer
from upstream.http.sending import Form, Inline, mime
from upstream.http.site import Probe, Site

__all__ = ["Answer", "Clients", "Form", "Inline", "Patience", "Probe", "Site", "failed", "mime"]
