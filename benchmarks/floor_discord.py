"""The floor on Discord: a slash command, deferred; call the relay, answer with the picture. Nothing is
written down, nothing is repeated, and at most four pictures travel at a time.

    RELAY=http://… KEY=… DISCORD_API_URL=http://… DISCORD_TOKEN=… python -m benchmarks.floor_discord
"""

import asyncio
import base64
import io
import json
import os

import discord
import httpx
from discord import app_commands
from discord.gateway import DiscordWebSocket
from yarl import URL

discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
client = discord.Client(intents=discord.Intents(guilds=True))
commands = app_commands.CommandTree(client)
transfers = asyncio.Semaphore(4)
relay = httpx.AsyncClient(
    base_url=os.environ["RELAY"],
    headers={"Authorization": f"Bearer {os.environ['KEY']}"},
    timeout=120,
    limits=httpx.Limits(),
)


@commands.command(description="Paint a picture")
async def imagine(interaction: discord.Interaction, prompt: str) -> None:
    await interaction.response.defer()
    order = {"model": "gpt-image-2", "prompt": prompt, "response_format": "b64_json"}
    async with relay.stream("POST", "/v1/images/generations", json=order) as answer, transfers:
        answer.raise_for_status()
        body = json.loads(await answer.aread())
        picture = base64.b64decode(body["data"][0]["b64_json"])
        await interaction.followup.send(prompt, file=discord.File(io.BytesIO(picture), "picture.png"))


@client.event
async def setup_hook() -> None:
    _, gateway, _ = await client.http.get_bot_gateway()
    DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)


@client.event
async def on_ready() -> None:
    await commands.sync()
    print("ready", flush=True)


if __name__ == "__main__":
    client.run(os.environ["DISCORD_TOKEN"], log_handler=None)
