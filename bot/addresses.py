"""Which addresses and URLs may be gone out to. Pure: no name is resolved here.

What people type and relays answer may point anywhere, into the operator's own network too. A URL
is read once, strictly, and put together anew from what was understood, so that nobody after us
reads another host in it. A name is judged again by what it resolves to, where it is dialled.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, quote, urlsplit

from bot.errors import BadAddress

LONGEST = 8192
"""Characters of a URL; a signed one has a few hundred."""

# IANA's special-purpose registries. Python's own `is_private` and `is_global` differ from version to version.
_CLOSED_4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; a cloud's metadata too
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's platform, seen from inside its machines only
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_OPEN_6 = IPv6Network(
    "2000::/3"
)  # all that is global unicast; ::1, fc00::/7, fe80::/10, ff00::/8 lie outside
_CLOSED_6 = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments: benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")

_CLOSED_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")
# Ports on which other protocols listen, which an HTTP request may trick (Fetch standard, "port blocking").
_CLOSED_PORTS = frozenset(
    {0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103}
    | {104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513}
    | {514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720}
    | {1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)
_PORTS = {"http": 80, "https": 443}

_NUMBER = re.compile(r"0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*", re.ASCII)
_NUMERIC = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a resolver reads in ``host``, whatever the spelling; ``None`` for a name.

    ``2130706433``, ``0177.0.0.1``, ``0x7f.1``, ``127.1``, ``１２７。０。０。１`` and ``127.0.0.1.`` are all
    127.0.0.1. IPv6 may stand in brackets and have a zone.
    """
    host = _plain(host)
    try:
        return IPv6Address(host.removeprefix("[").removesuffix("]")) if ":" in host else _ipv4(host)
    except ValueError:
        return None


def public(address: str) -> bool:
    """Whether this is an IP address of the open internet, in any spelling; a name is not.

    An IPv6 address that carries IPv4 addresses (mapped, 6to4, Teredo, NAT64) is public when they are.
    """
    found = literal(address)
    if found is None:
        return False
    return _public_4(found) if isinstance(found, IPv4Address) else _public_6(found)


def fit(url: str, trusted: Collection[str] = ()) -> str:
    """The URL as it may be asked for: http(s), no user-info, no fragment, its host in one spelling.

    ``trusted`` holds hosts and ``host:port`` (as `authorities` writes them) that may be private.
    Path and query stay as they are, for they may be signed. Raises `BadAddress`.
    """
    parts, host, port = _read(url)
    if not trusts(trusted, host, port):
        if _inside(host):
            raise BadAddress("error-address-private", host=host[:80])
        if port in _CLOSED_PORTS:
            raise BadAddress("error-address-port", host=host[:80], port=str(port))
    where = host if port == _PORTS[parts.scheme] else f"{host}:{port}"
    query = f"?{_ascii(parts.query)}" if parts.query else ""
    return f"{parts.scheme}://{where}{_ascii(parts.path) or '/'}{query}"


def base(typed: str, trusted: Collection[str] = ()) -> str:
    """A relay's base URL as a person types it: without ``https://`` too, and no slash at its end.

    Raises `BadAddress`.
    """
    typed = typed.strip()
    url = fit(typed if "://" in typed else f"https://{typed}", trusted)
    return url.partition("?")[0].rstrip("/")


def authorities(urls: Iterable[str]) -> frozenset[str]:
    """``host:port`` of each URL, to be trusted: an operator's own relay may well be in the next room."""
    read = (_read(url) for url in urls)
    return frozenset(f"{host}:{port}" for _, host, port in read)


def trusts(trusted: Collection[str], host: str, port: int) -> bool:
    """Whether the host is trusted on every port, or on this one. IPv6 with or without brackets."""
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return name in trusted or f"{name}:{port}" in trusted


# --- reading ----------------------------------------------------------------------------------


def _read(url: str) -> tuple[SplitResult, str, int]:
    """A URL's parts, its host in one spelling, its port. Raises `BadAddress`."""
    url = url.strip()
    if _CONTROL.search(url) or len(url) > LONGEST:
        raise BadAddress
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress from error
    if parts.scheme and parts.scheme not in _PORTS:
        raise BadAddress("error-address-scheme", scheme=parts.scheme[:20])
    if "@" in parts.netloc:
        raise BadAddress("error-address-login")
    if not parts.scheme:
        raise BadAddress
    return parts, _host(parts.hostname or ""), _PORTS[parts.scheme] if port is None else port


def _host(written: str) -> str:
    """A host in its one spelling: lower case, ASCII, an IP address in its usual form, IPv6 in brackets."""
    if address := literal(written):
        return f"[{address}]" if address.version == 6 else str(address)
    name = _plain(written)
    try:
        name = name if name.isascii() else _punycode(name)
    except UnicodeError as error:
        raise BadAddress from error
    if not _NAME.fullmatch(name) or _NUMERIC.fullmatch(name.rpartition(".")[2]):
        raise BadAddress
    return name


def _plain(host: str) -> str:
    """Full-width and circled characters as ASCII, lower case, without the dot of the root."""
    return unicodedata.normalize("NFKC", host).replace("。", ".").lower().removesuffix(".")


def _punycode(name: str) -> str:
    """The ASCII form. Letters that the two standards of it read differently (ß) are refused."""
    coded = name.encode("idna")
    if coded.decode("idna") != name:
        raise UnicodeError(name)
    return coded.decode("ascii")


def _ipv4(host: str) -> IPv4Address:
    """As ``inet_aton`` reads it: one to four numbers, the last one fills all that is left."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError(host)
    *heads, last = (_number(part) for part in parts)
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        raise ValueError(host)
    return IPv4Address(sum(head << 24 - 8 * at for at, head in enumerate(heads)) + last)


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part, 16)
    return int(part, 8) if part.startswith("0") else int(part)


def _ascii(text: str) -> str:
    """Blanks and letters beyond ASCII in percent; all else, escapes included, is left alone."""
    return quote(text, safe=string.punctuation)


# --- judging ----------------------------------------------------------------------------------


def _inside(host: str) -> bool:
    """An IP address that is not public, or a name that leads nowhere but into one's own network."""
    if literal(host):
        return not public(host)
    return "." not in host or host.endswith(tuple(f".{name}" for name in _CLOSED_NAMES))


def _public_4(address: IPv4Address) -> bool:
    return not any(address in net for net in _CLOSED_4)


def _public_6(address: IPv6Address) -> bool:
    if address.scope_id:
        return False
    if carried := _carried(address):
        return all(_public_4(inner) for inner in carried)
    return address in _OPEN_6 and not any(address in net for net in _CLOSED_6)


def _carried(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that packets to this IPv6 address are passed on to."""
    if address.teredo:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    inner = address.ipv4_mapped or address.sixtofour
    return (inner,) if inner else ()
