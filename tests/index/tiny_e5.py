"""Write a tiny E5S1 file by hand: one layer, 32 wide, a vocabulary of a few pieces."""

import struct
from pathlib import Path

import numpy as np

HIDDEN, FEED_FORWARD, POSITIONS, ROWS = 32, 64, 24, 16

# The marker ▁ starts a word. Ids are indices; 3 is the unknown piece.
PIECES = (
    *(("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)),
    *(("▁query", -2.0), ("▁passage", -2.0), (":", -2.0), ("▁kind", -2.5)),
    *(("eren", -3.0), ("▁k", -4.0), ("inderen", -4.0), ("é", -5.0), ("▁", -5.0), ("fi", -3.5)),
)
NORMALISATION = {"\t": " ", "\n": " ", "\x07": "", "ﬁ": "fi", "\u200b": " "}

VECTORS = {"ao.b": 32, "aln.w": 32, "aln.b": 32, "fi.b": 64, "fo.b": 32, "oln.w": 32, "oln.b": 32}
VECTORS |= {"q.b": 32, "k.b": 32, "v.b": 32}
MATRICES = {"q.w": 32 * 32, "k.w": 32 * 32, "v.w": 32 * 32, "ao.w": 32 * 32}
MATRICES |= {"fi.w": 64 * 32, "fo.w": 32 * 64}


def q4_blocks(count: int, seed: int) -> bytes:
    """Blocks of 32 random weights, each with scale 1/16."""
    random = np.random.default_rng(seed)
    scale = struct.pack("<e", 1 / 16)
    return b"".join(scale + random.integers(0, 256, 16, np.uint8).tobytes() for _ in range(count))


def tensors() -> list[tuple[str, int, int, bytes]]:
    """Name, type (0: float, 1: Q4_0), number of weights, and bytes of every tensor."""

    def floats(name: str, values: np.ndarray) -> tuple[str, int, int, bytes]:
        return name, 0, values.size, values.astype("<f4").tobytes()

    def vector(name: str, size: int) -> tuple[str, int, int, bytes]:
        return floats(name, np.full(size, 1.0 if "ln.w" in name else 0.0))

    random = np.random.default_rng(1)
    found = [("emb.word", 1, ROWS * HIDDEN, q4_blocks(ROWS, 2))]
    found.append(floats("emb.pos", random.normal(size=POSITIONS * HIDDEN)))
    found.append(floats("emb.type", np.zeros(2 * HIDDEN)))
    found += [vector("emb.ln.w", HIDDEN), vector("emb.ln.b", HIDDEN)]
    for seed, (name, size) in enumerate(MATRICES.items(), start=10):
        found.append(("l0." + name, 1, size, q4_blocks(size // 32, seed)))
    return found + [vector("l0." + name, size) for name, size in VECTORS.items()]


def write_tiny(path: Path, replaced: dict[str, bytes] | None = None) -> Path:
    """Write the file; `replaced` gives other bytes for some tensors."""
    head = b"E5S1" + struct.pack(
        "<I7ifi", 1, HIDDEN, 1, 2, FEED_FORWARD, ROWS, POSITIONS, 2, 1e-12, 32
    )
    blobs = [piece.encode() for piece, _ in PIECES]
    bounds = np.cumsum([0] + [len(blob) for blob in blobs])
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(bounds[-1]))
    head += bounds.astype("<u4").tobytes()
    head += np.array([score for _, score in PIECES], "<f4").tobytes() + b"".join(blobs)
    rules = b"".join(
        struct.pack(f"<IB{len(text)}I", ord(character), len(text), *map(ord, text))
        for character, text in NORMALISATION.items()
    )
    head += struct.pack("<iI", len(NORMALISATION), len(rules)) + rules
    parts = [(n, t, size, (replaced or {}).get(n, data)) for n, t, size, data in tensors()]
    directory_size = 4 + sum(2 + len(name) + 21 for name, *_ in parts)
    offset = len(head) + directory_size
    directory, body = struct.pack("<i", len(parts)), b""
    for name, kind, size, data in parts:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, size, offset + len(body), len(data))
        body += data
    path.write_bytes(head + directory + body)
    return path
