"""One tree of errors. Each names the sentence to say, and the class says who can mend it.

::

    EaselError
    ├── BadInput              the person: nothing was spent, say it again differently
    │   ├── BadOption         a flag or value that is not allowed; names what is
    │   ├── BadPicture        not a picture, broken, too large
    │   └── BadAddress        a URL that is not gone out to, or brought nothing fit
    ├── Refused               a rule of this chat or this Easel
    │   ├── NotAllowed        who asks may not
    │   ├── CapReached        a cap in money
    │   ├── TooSoon           slow mode: time heals it
    │   └── TooMany           a cap on running and waiting jobs
    ├── UpstreamError         the image API; nothing was charged
    │   ├── BadKey            401: the key's owner
    │   ├── OutOfCredit       402 and its kin: the key's owner
    │   ├── Forbidden         403: the key may not use this model or group
    │   ├── NotFound          404: wrong address, model or job
    │   ├── BadRequest        400: the relay names what it dislikes
    │   ├── Moderated         refused by content rules: the person; never repeated
    │   ├── UpstreamBusy      429, full queue: time
    │   ├── UpstreamDown      5xx, unreachable: time, or the relay's support
    │   ├── UpstreamFailed    the relay took the job and says that it failed
    │   ├── BadAnswer         what came back can't be read: HTML, cut JSON, no picture
    │   └── UnknownOutcome    the order may have been accepted and charged: never repeated by the machine
    │       ├── NeverEnds     gave up waiting for a job that has an id, and may still end
    │       └── ResultLost    the picture was made and can't be fetched: the relay's support
    ├── PlatformError         Telegram, Discord, the web page
    │   ├── Flooded           wait ``seconds`` before the next message
    │   ├── Unreachable       kicked, blocked, closed, no rights: the chat's admin
    │   ├── Gone              the message to edit no longer exists
    │   └── NotDelivered      a send whose fate is not known, or a network that is down
    ├── StorageError          the operator: disk full, database locked or damaged; nothing was changed
    │   └── StorageUnsure     a server gone in the middle of a commit: that it was changed is possible
    ├── SealBroken            the operator: a sealed secret was changed, or ``SECRET_KEY`` was
    └── SetupError            the operator: token, port, data folder, database

An error carries `params` for its sentence, never a key, a token or a body.
"""

from __future__ import annotations

import errno
from typing import ClassVar

from bot.model import Fault


class EaselError(Exception):
    """The root. ``message_id`` is a sentence in ``locales/``; ``params`` are its variables."""

    message_id: ClassVar[str] = "error-internal"

    def __init__(self, message_id: str = "", **params: str | int) -> None:
        self.sentence = message_id or self.message_id
        self.params = params
        super().__init__(self.sentence, params)

    @property
    def fault(self) -> Fault:
        return Fault(self.sentence, self.params)


class BadInput(EaselError):
    """The person's words can't be carried out; nothing was spent."""


class BadOption(BadInput):
    """A flag or value that is not allowed. Params: ``option``, ``value``, ``allowed``."""

    message_id = "error-option-value"


class BadPicture(BadInput):
    message_id = "error-picture-broken"


class BadAddress(BadInput):
    """A URL of a person or a relay that is refused, or whose host did not hand the file over.

    Params: ``host`` (never the path, which may be signed) and what the sentence is about:
    ``scheme``, ``port``, ``most``, ``status``.
    """

    message_id = "error-address-unreadable"


class Refused(EaselError):
    """A rule says no; nothing was spent."""


class NotAllowed(Refused):
    message_id = "error-not-allowed"


class CapReached(Refused):
    """Params: ``account`` (chat, member, operator), ``period`` (day, month), ``left``, ``price``."""

    message_id = "error-cap-reached"


class TooSoon(Refused):
    """Params: ``seconds`` until the person may ask again."""

    message_id = "error-too-soon"


class TooMany(Refused):
    """Params: ``scope`` (chat or member), ``limit``."""

    message_id = "error-too-many"


class UpstreamError(EaselError):
    """The image API said no, before anything was charged.

    ``detail`` is the relay's own text, shortened and redacted; ``request_id`` what its support
    asks for. ``retry_after`` in seconds where the relay gave it, ``http`` the status of its answer.
    """

    message_id = "error-upstream"

    def __init__(
        self,
        message_id: str = "",
        *,
        detail: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        http: int = 0,
        **params: str | int,
    ) -> None:
        # Sentences choose by "none" whether to quote the relay at all.
        super().__init__(message_id, detail=detail or "none", request_id=request_id or "none", **params)
        self.retry_after, self.http = retry_after, http


class BadKey(UpstreamError):
    message_id = "error-bad-key"


class OutOfCredit(UpstreamError):
    message_id = "error-out-of-credit"


class Forbidden(UpstreamError):
    message_id = "error-forbidden"


class NotFound(UpstreamError):
    message_id = "error-not-found"


class BadRequest(UpstreamError):
    message_id = "error-bad-request"


class Moderated(UpstreamError):
    message_id = "error-moderated"


class UpstreamBusy(UpstreamError):
    message_id = "error-busy"


class UpstreamDown(UpstreamError):
    message_id = "error-down"


class UpstreamFailed(UpstreamError):
    message_id = "error-failed-there"


class BadAnswer(UpstreamError):
    message_id = "error-bad-answer"


class UnknownOutcome(UpstreamError):
    """What was heard instead of an outcome is the param ``what``, where that is known.

    After the order: ``broke`` (the connection), ``late`` (no answer in time), ``status`` (an error),
    ``unreadable``, ``interrupted`` (Easel itself). Of a job that was taken: ``key`` (no longer good),
    ``gone`` (no longer known), ``trouble``. With ``status`` and ``trouble`` goes a param ``status``, that of
    HTTP or ``"none"``. Rows of older versions have neither param.
    """

    message_id = "error-unknown-outcome"


class NeverEnds(UnknownOutcome):
    message_id = "error-never-ends"


class ResultLost(UnknownOutcome):
    """The picture is made, and its URL brings nothing. Params ``host``, ``status``, ``job`` or ``"none"``."""

    message_id = "error-result-lost"


class PlatformError(EaselError):
    message_id = "error-platform"


class Flooded(PlatformError):
    """The platform wants silence for ``seconds``."""

    message_id = "error-flooded"

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds=int(seconds) + 1)
        self.seconds = seconds


class Unreachable(PlatformError):
    message_id = "error-unreachable"


class Gone(PlatformError):
    message_id = "error-gone"


class NotDelivered(PlatformError):
    message_id = "error-not-delivered"


class StorageError(EaselError):
    """The database or the disk refused. The transaction left no trace: nothing was queued or charged."""

    message_id = "error-storage"


class StorageUnsure(StorageError):
    """The database went away while it committed, and nobody tells what came of it."""

    message_id = "error-storage-unsure"


_REFUSED = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
)


def disk_refused(error: OSError) -> bool:
    """Whether it is the disk that is full, read-only or failing, which is nobody's fault and may pass."""
    return error.errno in _REFUSED


class SealBroken(EaselError):
    """What was sealed does not open: it was changed, is another chat's, or ``SECRET_KEY`` is another."""

    message_id = "error-seal-broken"


class SetupError(EaselError):
    """Easel can't start, or one of its faces can't; the sentence says what to mend."""

    message_id = "error-setup"
