"""What can be found out before anything is paid for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import media
from bot.errors import BadAnswer, BadPicture, BadRequest, Forbidden, NotFound, UnknownOutcome, UpstreamDown
from bot.model import Order
from upstream.http import Site
from upstream.http.outcomes import renamed

MODELS = "/v1/models"
MOST_MASK = 4 * 1024 * 1024


async def by_models(site: Site, path: str, invalid: Mapping[str, Any]) -> None:
    """Try a key: by the list of models, which is free; where there is none, by an order that is invalid.

    ``invalid`` has no prompt, which no model can do without, so nothing can come of it; a relay that gets
    as far as to dislike it has accepted the key. Raises what is wrong (`UpstreamError`).
    """
    try:
        await site.get(MODELS)
    except Forbidden as error:
        if "scope" not in str(error.params["detail"]):  # OpenAI: a key that may paint, but not list
            raise
    except (NotFound, BadAnswer, BadRequest):
        pass  # no such list here
    else:
        return
    try:
        await site.submit(path, invalid)
    except BadRequest:
        return
    except UnknownOutcome as error:
        raise renamed(UpstreamDown, error) from error


async def fit_mask(order: Order) -> None:
    """Raise `BadRequest` for a mask that no relay takes: it is a PNG below 4 MB, as large as the picture."""
    if not order.mask:
        return
    try:
        mask, picture = await media.sniff(order.mask), await media.sniff(order.images[0])
    except BadPicture as error:
        raise BadRequest(error.sentence) from error
    fits = mask.mime == "image/png" and mask.bytes < MOST_MASK
    if not fits or (mask.width, mask.height) != (picture.width, picture.height):
        raise BadRequest("error-mask-unfit", width=picture.width, height=picture.height)
