"""Videos of dialect ``image2free``: tasks that are polled, and a video gone on from. UPSTREAMS, 003.

What a task looks like is not documented: it is read in every shape seen (section 5, rows 4, 7, 21).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from bot.errors import BadAnswer
from bot.model import Accepted, Order, Progress, Succeeded, Video
from upstream.following import followed, named
from upstream.http import Answer, Inline, Site
from upstream.results import failure, fetched
from upstream.shapes import DONE, FAILED, status

VIDEOS, TASKS = "/v1/videos/generations", "/v1/tasks"

_VIDEO = ("video_url", "videoUrl", "url", "video", "video_urls", "videos")
_INSIDE = ("data", "result", "results", "output", "outputs", "task", "content")
_SOUND = {"on": True, "off": False}


async def generate(site: Site, order: Order, video: Video, resume: str | None) -> AsyncIterator[Progress]:
    """A task for each video; its id is asked for after a crash."""
    resumed = bool(resume)
    if not resume:
        path = f"/v1/videos/{quote(video.remix, safe='')}/remix" if video.remix else VIDEOS
        resume = named(await site.submit(path, _fields(site, order, video)))
        yield Accepted(resume)
    end = partial(_succeeded, site, order, resume)
    async for progress in followed(site, order, TASKS, resume, resumed=resumed, ended=_ended, end=end):
        yield progress


def _fields(site: Site, order: Order, video: Video) -> dict[str, Any]:
    """The body: what every family takes, then what each calls its own way."""
    request = order.request
    model = request.model or site.endpoint.model
    body: dict[str, Any] = {"model": model, "resolution": video.resolution}
    if request.prompt:
        body["prompt"] = request.prompt
    if video.remix:
        return {**body, "raw": False, **({"aspect_ratio": video.ratio} if video.ratio else {})}
    body["duration"] = video.seconds
    if video.ratio:
        body["aspect_ratio" if model.startswith("veo") else "size"] = video.ratio
    if model.startswith("veo"):
        return {**body, **_pictures(order), **_kind(order, video), **_extras(video)}
    if model.startswith("happyhorse"):
        return {**body, **_happyhorse(order, video)}
    sound = {"generate_audio": _SOUND[video.sound]} if video.sound else {}
    return {**body, **_pictures(order), **_urls(video), **sound}


def _kind(order: Order, video: Video) -> dict[str, Any]:
    return {"generation_type": "frame" if video.frames else "reference"} if order.images else {}


def _extras(video: Video) -> dict[str, Any]:
    asked = {"enable_gif": video.gif, "official_fallback": video.fallback}
    return {name: on for name, on in asked.items() if on is not None}


def _happyhorse(order: Order, video: Video) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if video.watermark is not None:
        body["watermark"] = video.watermark
    if video.seed is not None:
        body["seed"] = video.seed
    if video.videos:
        body["video_url"] = video.videos[0]
    if video.sound:
        body["audio_setting"] = video.sound
    if order.images and video.frames:
        return {**body, "first_frame_image": Inline(order.images[0])}
    return {**body, **_pictures(order)}


def _pictures(order: Order) -> dict[str, Any]:
    """Chats have no public addresses to give, so pictures travel in the request, as for still ones."""
    return {"image_urls": [Inline(path) for path in order.images]} if order.images else {}


def _urls(video: Video) -> dict[str, Any]:
    named = {"video_urls": list(video.videos), "audio_urls": list(video.audios)}
    return {name: urls for name, urls in named.items() if urls}


def _ended(answer: Answer) -> bool:
    return status(answer.data) in DONE | FAILED or bool(_addresses(answer.data))


async def _succeeded(site: Site, order: Order, task: str, answer: Answer) -> Succeeded:
    if error := failure(site, answer):
        raise error
    named = _addresses(answer.data)
    if not named:
        raise BadAnswer(detail="no video in the answer")
    return Succeeded(await fetched(site, order.folder, named[:1], task))


def _addresses(document: Any) -> list[str]:
    """Where the video is, of a task that has ended or says nothing of its state.

    A task may repeat what was ordered, references included: those stand under ``input``.
    """
    if isinstance(document, str):
        return [document] if document.startswith(("http://", "https://", "/")) else []
    if isinstance(document, list):
        return [address for entry in document for address in _addresses(entry)]
    if not isinstance(document, Mapping) or (status(document) not in DONE and "status" in document):
        return []
    found = (_addresses(document.get(name)) for name in (*_VIDEO, *_INSIDE))
    return next(filter(None, found), [])
