"""The floor on Telegram: hear a command, call the relay, send the photo. Nothing is written down or shown
meanwhile, nothing is repeated, and at most four pictures travel at a time.

    RELAY=http://… KEY=… TELEGRAM_API_URL=http://… TELEGRAM_TOKEN=… python -m benchmarks.floor_telegram
"""

import asyncio
import base64
import json
import os

import httpx
from telegram import Bot, Message
from telegram.request import HTTPXRequest

transfers = asyncio.Semaphore(4)


async def serve() -> None:
    api = os.environ["TELEGRAM_API_URL"]
    bot = Bot(os.environ["TELEGRAM_TOKEN"], base_url=f"{api}/bot", request=HTTPXRequest(read_timeout=30))
    headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
    relay = httpx.AsyncClient(
        base_url=os.environ["RELAY"], headers=headers, timeout=120, limits=httpx.Limits()
    )
    tasks, offset = set(), 0
    async with bot, relay:
        print("ready", flush=True)
        while True:
            for update in await bot.get_updates(offset, timeout=20, allowed_updates=["message"]):
                offset = update.update_id + 1
                if update.message and (update.message.text or "").startswith("/imagine "):
                    task = asyncio.create_task(imagine(bot, relay, update.message))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)


async def imagine(bot: Bot, relay: httpx.AsyncClient, message: Message) -> None:
    prompt = (message.text or "").removeprefix("/imagine ")
    order = {"model": "gpt-image-2", "prompt": prompt, "response_format": "b64_json"}
    async with relay.stream("POST", "/v1/images/generations", json=order) as answer, transfers:
        answer.raise_for_status()
        body = json.loads(await answer.aread())
        picture = base64.b64decode(body["data"][0]["b64_json"])
        await bot.send_photo(message.chat_id, picture, caption=prompt)


if __name__ == "__main__":
    asyncio.run(serve())
