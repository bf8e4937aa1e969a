"""The Display P3 colour space of phones: its ICC profile, and sRGB pixels told in it."""

from __future__ import annotations

import struct

import numpy as np

# Primaries adapted to D50, from the ICC's Display P3 profile; columns are X, Y, Z.
P3_TO_XYZ = np.array(
    [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
)
# sRGB's, from IEC 61966-2-1 adapted to D50.
SRGB_TO_XYZ = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)


def _to_light(value: np.ndarray) -> np.ndarray:
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _to_signal(light: np.ndarray) -> np.ndarray:
    light = light.clip(0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def p3_pixels(srgb: np.ndarray) -> np.ndarray:
    """Tell (…, 3) uint8 sRGB colours in Display P3."""
    light = _to_light(srgb / 255.0) @ (np.linalg.inv(P3_TO_XYZ) @ SRGB_TO_XYZ).T
    return (_to_signal(light) * 255).round().astype(np.uint8)


def p3_icc() -> bytes:
    """Write an ICC v2 display profile: three primaries and sRGB's curve in 1024 steps."""
    curve = (_to_light(np.linspace(0, 1, 1024)) * 65_535).round().astype(">u2").tobytes()
    tone = b"curv" + bytes(4) + struct.pack(">I", 1024) + curve
    name = b"Display P3\0"
    desc = b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(78)
    tags = {
        b"desc": desc,
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz(0.9642, 1, 0.8249),
    }
    tags |= {f"{c}XYZ".encode(): _xyz(*P3_TO_XYZ[:, i]) for i, c in enumerate("rgb")}
    tags |= {f"{c}TRC".encode(): tone for c in "rgb"}
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = start + len(body)
    head = struct.pack(">I4sI", size, b"none", 0x02400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    head = (head + bytes(28)).ljust(68, b"\0") + struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">iii", *(round(v * 65_536) for v in values))
