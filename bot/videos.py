"""What a model of videos can do, looked at before anything is spent; and what a video will cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.errors import BadInput, BadOption
from bot.model import Amount, ImageRequest, Video
from bot.ports import Profile, VideoFacts

USUAL, USUAL_SECONDS = "720p", 5


def fitted(profile: Profile, request: ImageRequest) -> ImageRequest:
    """The request with its model, resolution and length named. Raises `BadInput` for what can't be made."""
    if not profile.videos or request.video is None:
        raise BadInput("error-no-videos")
    model = request.model or next(iter(profile.videos))
    facts = profile.videos.get(model)
    if facts is None:
        raise BadInput("error-no-video-model", value=model[:60], allowed=", ".join(profile.videos))
    video = _filled(facts, request.video)
    for option, value, allowed in _wrong(facts, request, video):
        raise BadOption(
            "error-video-option", option=option, value=value, allowed=allowed or "none", model=model
        )
    if not request.prompt and not (facts.wordless and request.images and video.frames):
        raise BadInput("error-prompt-empty", command="remix" if video.remix else "video")
    return replace(request, model=model, n=1, video=video)


def price(facts: VideoFacts, video: Video) -> Amount:
    """Of the whole video; one that is changed is as long as it is, so the longest is counted."""
    rate = facts.prices.get(video.resolution, 0)
    if not facts.by_the_second:
        return rate
    return rate * (facts.seconds[1] if facts.edits and video.videos else video.seconds)


def _filled(facts: VideoFacts, video: Video) -> Video:
    """A price needs a resolution and a length: none is left to the relay."""
    least, most = facts.seconds
    usual = USUAL if USUAL in facts.resolutions else facts.resolutions[0]
    return replace(
        video,
        resolution=video.resolution or usual,
        seconds=video.seconds or min(max(USUAL_SECONDS, least), most),
        lasting=facts.remix,
    )


def _wrong(facts: VideoFacts, request: ImageRequest, video: Video) -> Iterator[tuple[str, str, str]]:
    """Options that this model has not: the name, what was said, what there is."""
    words = (
        ("resolution", video.resolution, facts.resolutions),
        ("ratio", video.ratio, facts.ratios),
        ("sound", video.sound, facts.sounds),
    )
    for option, value, allowed in words:
        if value and value not in allowed:
            yield option, value, ", ".join(allowed)
    least, most = facts.seconds
    if not least <= video.seconds <= most:
        yield "seconds", str(video.seconds), f"{least}–{most}" if least < most else str(most)
    yield from _too_many(facts, request, video)
    switches = (
        ("watermark", video.watermark, facts.watermark),
        ("fallback", video.fallback, facts.fallback),
        ("gif", video.gif, bool(facts.gifs)),
    )
    for option, on, there in switches:
        if on is not None and not there:
            yield option, "on" if on else "off", ""
    if video.gif and facts.gifs and video.resolution not in facts.gifs:
        yield "resolution", video.resolution, ", ".join(facts.gifs)
    if video.seed is not None and not facts.seed:
        yield "seed", str(video.seed), ""
    if video.remix and not facts.remix:
        yield "of", request.model, ""


def _too_many(facts: VideoFacts, request: ImageRequest, video: Video) -> Iterator[tuple[str, str, str]]:
    pictures = facts.frames if video.frames else facts.images
    counts = (
        ("use", len(request.images), pictures),
        ("videos", len(video.videos), facts.videos),
        ("audios", len(video.audios), facts.audios),
    )
    for option, count, most in counts:
        if count > most:
            yield option, str(count), f"0–{most}" if most else ""
