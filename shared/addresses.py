"""Which IP addresses belong to the public internet, and so may be asked for a photo.

Source: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates). The
tables stand here because ``ipaddress.is_global`` differs between Python's patch releases and
takes addresses that carry another one inside (NAT64, 6to4) for public.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL_V4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network; Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT; Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, a public address that is not public
        "169.254.0.0/16",  # link-local; metadata of AWS, Azure, Google
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata at 192.0.0.192
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_UNICAST_V6: Final = IPv6Network("2000::/3")  # all that IANA has given out: the rest is special
_SPECIAL_V6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
    )
)


def is_public(address: Address) -> bool:
    """Tell whether ``address`` is one of the public internet's unicast addresses."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    if address not in _UNICAST_V6 or any(address in network for network in _SPECIAL_V6):
        return False
    return not _is_isatap(address)


def literal(host: str) -> Address | None:
    """Return the address that ``host`` spells plainly, or None where it is a name.

    Raises ValueError for the other spellings that resolvers take for addresses: decimal, octal
    and hexadecimal numbers, and fewer than four of them.
    """
    last = host.rstrip(".").rpartition(".")[2].lower()
    if ":" in host or last.isdigit() or last.startswith("0x"):
        return ip_address(host)
    return None


def is_allowed(address: Address, *, networks: tuple[Network, ...]) -> bool:
    """Tell whether ``address`` is public or in one of ``networks``, the operator's own."""
    return is_public(address) or any(address in network for network in networks)


def _is_isatap(address: IPv6Address) -> bool:
    """ISATAP (RFC 5214) carries an IPv4 address in the last 32 bits."""
    return int(address) >> 32 & 0xFDFFFFFF == 0x5EFE
