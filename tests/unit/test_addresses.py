"""Which addresses and URLs may be gone out to."""

from __future__ import annotations

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.addresses import authorities, base, fit, literal, public, trusts
from bot.errors import BadAddress


def words(text: str) -> list[str]:
    return text.split()


FAST = settings(deadline=None, max_examples=100)

PRIVATE_4 = words(
    """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
    169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.168.0.1
    192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255
    240.0.0.1 255.255.255.255
    """
)
PUBLIC_4 = words(
    """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
    169.253.255.255 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
    223.255.255.255
    """
)
PRIVATE_6 = words(
    """
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:0:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::10.0.0.1 64:ff9b::7f00:1
    64:ff9b:1::1 64:ff9b:1::8.8.8.8 100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::
    2002:c0a8:101::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1
    ff02::1 4000::1 2606:4700::1111%eth0
    """
)
PUBLIC_6 = words(
    """
    2606:4700::1111 2001:4860:4860::8888 2400:3200::1 2a00:1450:4001::200e ::ffff:8.8.8.8 64:ff9b::8.8.8.8
    2002:808:808::1
    """
)
TEREDO = ipaddress.IPv6Address(
    (0x2001_0000 << 96) | (int(IPv4Address("8.8.8.8")) << 64) | (int(IPv4Address("9.9.9.9")) ^ 0xFFFF_FFFF)
)
FULL_WIDTH = str.maketrans("0123456789.abcdefx", "０１２３４５６７８９。ａｂｃｄｅｆｘ")
CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")


@st.composite
def spelt(draw: st.DrawFn) -> tuple[IPv4Address, str]:
    """An IPv4 address, and one of the ways in which resolvers let it be written."""
    address = draw(
        st.sampled_from(PRIVATE_4 + PUBLIC_4).map(IPv4Address) | st.integers(0, 2**32 - 1).map(IPv4Address)
    )
    count, value = draw(st.integers(1, 4)), int(address)
    parts = [value >> 24 - 8 * at & 255 for at in range(count - 1)]
    parts.append(value & (1 << 8 * (5 - count)) - 1)
    forms = ("{}", "0{:o}", "000{:o}", "0x{:x}", "0X{:X}", "0x00{:x}")
    host = ".".join(draw(st.sampled_from(forms)).format(part) for part in parts)
    host = host.translate(draw(st.sampled_from(({}, {}, FULL_WIDTH, CIRCLED))))
    return address, host + draw(st.sampled_from(("", "", ".")))


@FAST
@given(spelt())
@example((IPv4Address("127.0.0.1"), "2130706433"))
@example((IPv4Address("127.0.0.1"), "0177.0.0.1"))
@example((IPv4Address("127.0.0.1"), "0x7f.1"))
@example((IPv4Address("127.0.0.1"), "127.1"))
@example((IPv4Address("127.0.0.1"), "①②⑦.0.0.1."))
def test_every_spelling_of_an_ipv4_address_is_understood(case: tuple[IPv4Address, str]) -> None:
    address, host = case
    assert literal(host) == address
    assert public(host) == public(str(address))
    for url in (f"http://{host}/x", f"https://{host}:8443"):
        if public(str(address)):
            assert f"//{address}" in fit(url)
        else:
            with pytest.raises(BadAddress) as refused:
                fit(url)
            assert refused.value.fault.message_id == "error-address-private"


@FAST
@given(st.text("0123456789abcdefxX..", min_size=1, max_size=16))
@example("0x")
@example("08.1")
@example("1.2.3.4.5")
def test_what_the_machine_reads_as_an_address_is_never_taken_for_a_name(host: str) -> None:
    try:
        theirs = IPv4Address(socket.inet_aton(host))
    except OSError:
        theirs = None
    assert literal(host.removesuffix(".")) == literal(host)
    if theirs is not None:
        assert literal(host) == theirs
    elif literal(host) is None and host.rstrip(".").rpartition(".")[2].isdigit():
        with pytest.raises(BadAddress):
            fit(f"http://{host}/")


@pytest.mark.parametrize("address", PUBLIC_4 + PUBLIC_6 + [str(TEREDO)])
def test_public(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    "address", [*PRIVATE_4, *PRIVATE_6, "", "example.com", "1.2.3", "256.1.1.1", "1.2.3.4 "]
)
def test_not_public(address: str) -> None:
    assert public(address) is (address == "1.2.3")  # which is 1.2.0.3


@FAST
@given(st.sampled_from(PRIVATE_4).map(IPv4Address), st.sampled_from(PUBLIC_4).map(IPv4Address))
def test_ipv6_is_no_way_around(inner: IPv4Address, outer: IPv4Address) -> None:
    value, other = int(inner), int(outer)
    around = [
        value,
        (0xFFFF << 32) | value,
        (0xFFFF << 48) | value,
        (0x0064_FF9B << 96) | value,
        (0x0064_FF9B_0001 << 80) | value,
        (0x2002 << 112) | (value << 80) | 1,
        (0x2001_0000 << 96) | (value << 64) | (other ^ 0xFFFF_FFFF),
        (0x2001_0000 << 96) | (other << 64) | (value ^ 0xFFFF_FFFF),
    ]
    for address in map(IPv6Address, around):
        assert not public(str(address))
        assert not public(f"[{address.exploded.upper()}]")
        with pytest.raises(BadAddress):
            fit(f"http://[{address}]:8080/x")


@FAST
@given(st.integers(0, 2**128 - 1).map(IPv6Address) | st.integers(0, 2**32 - 1).map(IPv4Address))
def test_nothing_that_python_knows_to_be_special_is_public(address: IPv4Address | IPv6Address) -> None:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )
    assert not (special and public(str(address)))


# --- URLs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("http://example.com", "http://example.com/"),
        ("  HTTPS://Example.COM.:443/a?b=c#d ", "https://example.com/a?b=c"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("https://cdn.example.com:8443/%2e%2F?sig=a%2Fb+c==&x", "https://cdn.example.com:8443/%2e%2F?sig=a%2Fb+c==&x"),
        ("http://例え.jp/图 1.png", "http://xn--r8jz45g.jp/%E5%9B%BE%201.png"),
        ("http://example。com/", "http://example.com/"),
        ("http://1572395042/", "http://93.184.216.34/"),
        ("http://[2606:4700:0:0::1111]:80/", "http://[2606:4700::1111]/"),
        ("http://a_b.example.com/", "http://a_b.example.com/"),
        ("http://8.8.8.8:3000/v1", "http://8.8.8.8:3000/v1"),
    ],
)  # fmt: skip
def test_a_url_is_written_in_one_way(url: str, written: str) -> None:
    assert fit(url) == written == fit(written)


REFUSED = {
    "error-address-scheme": """
        file:///etc/passwd FTP://example.com/a gopher://example.com/_x javascript:alert(1) data:image/png,x
        ws://example.com jar:http://example.com!/ unix:/run/docker.sock
    """,
    "error-address-login": r"""
        http://user@example.com http://user:word@example.com/ http://@example.com/ https://example.com\@8.8.8.8/
        http://example.com@127.0.0.1/ http://127.0.0.1:80@example.com/
    """,
    "error-address-private": """
        http://localhost http://LOCALHOST.:8000/ http://a.localhost/ http://backend:8000/x http://printer.local/
        http://metadata.google.internal/ http://nas.lan/ http://router.home.arpa/ http://[::1]/ http://[::]:80/
        http://[::ffff:7f00:1]/ http://[fe80::1%25eth0]/ http://169.254.169.254/latest/meta-data http://0/ http://127.1
    """,
    "error-address-port": """
        http://example.com:22/ https://example.com:25/ http://8.8.8.8:6000/ http://example.com:0/
        http://example.com:10080/
    """,
    "error-address-unreadable": r"""
        example.com/a //example.com/ http: http:// http:///a http://.../ http://a..example.com/ http://exa%6dple.com/
        http://%31%32%37.0.0.1/ http://exam|ple.com/ http://example.com\.evil.example/ http://example.com:port/
        http://example.com:99999/ http://example.com:-1/ http://[::1/ http://1.2.3.4.5/ http://256.1/ http://0x/
        http://1.2.3.09/ http://straße.de/ http://[8.8.8.8]/ http://example.com：80/ http://exam／ple.com/
        http://example.com＠evil.example/
    """,
}  # fmt: skip


@pytest.mark.parametrize(
    ("url", "sentence"),
    [(url, sentence) for sentence, urls in REFUSED.items() for url in urls.split()]
    + [
        ("", "error-address-unreadable"),
        ("http://exam ple.com/", "error-address-unreadable"),
        ("http://example.com/\r\nHost: evil", "error-address-unreadable"),
        ("http://exam\tple.com/", "error-address-unreadable"),
        ("http://example.com/\x00", "error-address-unreadable"),
        ("http://" + "a" * 64 + ".com/", "error-address-unreadable"),
        ("http://example.com/" + "a" * 9000, "error-address-unreadable"),
    ],
)
def test_refused(url: str, sentence: str) -> None:
    with pytest.raises(BadAddress) as refused:
        fit(url)
    assert refused.value.fault.message_id == sentence


@FAST
@given(st.text(st.sampled_from("http:/@\\[]?#%.:1x7f0ａ①。＠ \t-_e"), max_size=30))
def test_whatever_is_typed_is_refused_or_written_in_one_way(text: str) -> None:
    for url in (text, f"http://{text}"):
        try:
            written = fit(url)
        except BadAddress:
            continue
        assert written.isascii()
        assert fit(written) == written
        assert "@" not in written.split("/")[2]


# --- trust ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("http://relay:8000/v1", "relay"),
        ("http://relay:8000/v1", "relay:8000"),
        ("https://relay/", "relay:443"),
        ("http://0x7f.1:9000/", "127.0.0.1:9000"),
        ("http://[0:0::1]:9000/", "[::1]:9000"),
        ("http://10.0.0.5:22/", "10.0.0.5"),
    ],
)
def test_a_trusted_host_may_be_private(url: str, trusted: str) -> None:
    assert fit(url, {trusted, "other"})
    with pytest.raises(BadAddress):
        fit(url, {"other", f"{trusted}0", f"x{trusted}"})


def test_a_trusted_port_is_that_port_alone_and_user_info_is_never_trusted() -> None:
    with pytest.raises(BadAddress):
        fit("http://127.0.0.1:9001/", {"127.0.0.1:9000"})
    with pytest.raises(BadAddress):
        fit("http://me@relay/", {"relay"})
    with pytest.raises(BadAddress):
        fit("file://relay/etc/passwd", {"relay"})


def test_the_operators_own_relays_become_trusted_by_their_urls() -> None:
    own = authorities(("http://127.1:9000/v1/", "https://Relay.local", "http://[::1]:80"))
    assert own == {"127.0.0.1:9000", "relay.local:443", "[::1]:80"}
    assert trusts(own, "::1", 80)
    assert trusts(own, "relay.local", 443)
    assert not trusts(own, "relay.local", 80)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("api.jojokey.com", "https://api.jojokey.com"),
        ("api.jojokey.com:8443/v1/", "https://api.jojokey.com:8443/v1"),
        (" http://8.8.8.8:3000 ", "http://8.8.8.8:3000"),
        ("https://example.com/relay//?key=x#y", "https://example.com/relay"),
    ],
)
def test_a_base_url_as_people_type_it(typed: str, written: str) -> None:
    assert base(typed) == written


@pytest.mark.parametrize("typed", ["127.0.0.1:8000", "localhost", "ftp://example.com", "me@example.com", ""])
def test_a_base_url_is_judged_like_every_other(typed: str) -> None:
    with pytest.raises(BadAddress):
        base(typed)
    assert base("127.0.0.1:8000", {"127.0.0.1"}) == "https://127.0.0.1:8000"
