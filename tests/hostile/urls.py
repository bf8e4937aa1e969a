"""Addresses that must never be connected to, and what hostile name servers answer."""

from __future__ import annotations

import socket
from typing import Final

NAMES: Final = {
    "photos.example": ["93.184.216.34"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "intranet": ["10.1.2.3"],
    "redis": ["172.18.0.2"],
    "metadata.google.internal": ["169.254.169.254"],
    "instance-data": ["169.254.169.254"],
    "loopback.example": ["127.0.0.1"],
    "mixed.example": ["93.184.216.34", "192.168.0.10"],
    "mixed6.example": ["2606:2800:220:1:248:1893:25c8:1946", "fd00::1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "nat64.example": ["64:ff9b::a9fe:a9fe"],
    "scoped.example": ["fe80::1%lo"],
}


def hostile_resolver(host: str, port: int) -> list[str]:
    """Answer from ``NAMES`` as a name server that the attacker owns."""
    if host not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return NAMES[host]


PRIVATE: Final = (
    "http://127。0。0。1/",
    "http://127.0.0.1/a.jpg",
    "http://127.255.255.254/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/machine",
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://169.254.170.2/v2/credentials",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.192/opc/v1/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.1.1/admin",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:53aa:64c:0:fbff:80ff:fffe]/",
    "http://[2001:db8::1]/",
    "http://[2607:f8b0::5efe:7f00:1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://intranet/",
    "http://redis/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://instance-data/latest/",
    "https://loopback.example/",
    "https://mixed.example/a.jpg",
    "https://mixed6.example/a.jpg",
    "https://mapped.example/",
    "https://nat64.example/",
    "https://scoped.example/",
)

MALFORMED: Final = (
    "http:",
    "http://",
    "http:///etc/passwd",
    "http:/photos.example/a.jpg",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.1./",
    "http://127.0.0.0x1/",
    "http://256.256.256.256/",
    "http://1.2.3.4.5/",
    "http://%31%32%37.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://[fe80::1%25lo]/",
    "http://[::1/",
    "http://photos.example\\@127.0.0.1/",
    "http://photos.example:80:80/",
    "http://photos.example/\r\nHost: 127.0.0.1",
    "http://photos.example/a b.jpg",
    " http://photos.example/a.jpg",
    "http://photos.example\0.jpg/",
    "http://photos.example/\u202egpj.exe",
    "http://" + "a" * 5000 + ".example/",
)

OTHERWISE_REFUSED: Final = {
    "": "bad_scheme",
    "a.jpg": "bad_scheme",
    "//photos.example/a.jpg": "bad_scheme",
    "http://photos.example:99999/": "port",
    "file:///etc/passwd": "bad_scheme",
    "ftp://photos.example/a.jpg": "bad_scheme",
    "gopher://127.0.0.1:6379/_FLUSHALL": "bad_scheme",
    "data:image/png;base64,AAAA": "bad_scheme",
    "javascript:alert(1)": "bad_scheme",
    "dict://127.0.0.1:11211/stat": "bad_scheme",
    "http://photos.example@127.0.0.1/": "userinfo",
    "http://user:secret@photos.example/a.jpg": "userinfo",
    "http://@127.0.0.1/": "private_address",
    "http://photos.example:22/": "port",
    "http://photos.example:6379/": "port",
    "http://photos.example:9200/_search": "port",
    "https://photos.example:8443/": "port",
    "http://nowhere.example/a.jpg": "unknown_host",
    "http://" + "a" * 64 + ".example/": "unknown_host",
}

HOSTILE_URLS: Final[dict[str, str]] = {
    **dict.fromkeys(PRIVATE, "private_address"),
    **dict.fromkeys(MALFORMED, "bad_url"),
    **OTHERWISE_REFUSED,
}
