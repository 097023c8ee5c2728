"""A few short documents, and the index of them, made with the tiny model."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from corpus.passages import passages
from corpus.read import read
from corpus.sources import load_catalogue
from index.build import Aids, build
from index.embedder import Embedder
from index.lock import LOCK
from index.search import Wanted, probe, search
from index.store import Index, context_text

HANDREIKING = (
    "Visie\r\n\r\nIeder kind is welkom, óók een kind met extra\u00a0zorg. "
    "De groep blijft\u00ad klein.\r\n\r\n"
    "Overleg\r\n\r\nDe coach overlegt elke week met de school.\u2028\r\n"
)
LEYENBURG = (
    "Aanpak\n\nEen coach helpt kinderen in de groep. De coach komt elke week.\n\n"
    "Kosten\n\nDe gemeente betaalt alles.\n"
)
YPENBURG = "Aanpak\n\nEen coach helpt kinderen in de groep. De coach komt elke week.\n"
SHELF = {"wijzer": HANDREIKING, "plan-leyenburg": LEYENBURG, "plan-ypenburg": YPENBURG}
MORE = SHELF | {"nieuw": "Inspraak\n\nOuders praten mee.\n\nKlacht\n\nEen kind klaagt.\n"}
QUESTIONS = ("Welke coach helpt een kind?", "Wie betaalt de coach?", "Is ieder kind welkom?")


def write_shelf(folder, texts, title="Een titel"):
    """Write documents and their catalogue; a plan is of the wijk in its name."""
    folder.mkdir(exist_ok=True)
    blocks = []
    for id, text in texts.items():
        content = text.encode()
        (folder / f"{id}.txt").write_bytes(content)
        kind, _, area = id.partition("-")
        facts = {
            **{"id": id, "file": f"{id}.txt", "title": title, "issuer": "onbekend", "year": 2025},
            "kind": "gebiedsplan" if kind == "plan" else "handreiking",
            **{"areas": [area.capitalize()] if area else [], "audience": []},
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in facts.items()]
        blocks.append("\n".join(["[[bron]]", *lines]))
    (folder / "bronnen.toml").write_text("\n".join(blocks), encoding="utf-8")


@dataclass
class Shelf:
    """Documents in a folder and the index of them, made with the tiny model."""

    folder: Path
    index_dir: Path
    embedder: Embedder
    chroma_url: str = ""
    loads: int = 0
    shares: list[float] = field(default_factory=list)

    def write(self, texts, title="Een titel"):
        write_shelf(self.folder, texts, title)

    def build(self, embedder=None, aids=None):
        def load():
            self.loads += 1
            return embedder or self.embedder

        self.shares.clear()
        return build(
            self.index_dir,
            load_catalogue(self.folder),
            self.embedder.fingerprint,
            load,
            lambda label, share: self.shares.append(share),
            aids or Aids(chroma_url=self.chroma_url),
        )

    def open(self):
        return Index.open(self.index_dir, self.embedder.fingerprint, self.chroma_url)

    def names(self):
        return sorted(path.name for path in self.index_dir.glob("*") if path.name != LOCK)

    def asked(self):
        return [(text, self.embedder.encode_query(text)) for text in QUESTIONS]


class Replay:
    """What the tiny model gave for the passages of a catalogue: starts without the model."""

    def __init__(self, tiny, sources):
        texts = [context_text(s, p) for s in sources for p in passages(s, read(s.id, s.path))]
        self.given = dict(zip(texts, tiny.encode_passages(texts), strict=True))

    def encode_passages(self, texts):
        return (self.given[text] for text in texts)


def answers(index, asked):
    """Everything that the index tells about some questions."""
    found = []
    for text, encoded in asked:
        ready = probe(index, encoded, text, frozenset())
        hits = search(index, ready, text, Wanted())
        found.append([index.dense(encoded.vector, 9), index.lexical(text, 9)])
        found.append([(h.passage.id, h.score, h.interaction) for h in hits])
    return json.loads(json.dumps(found))


def texts_by_document(index):
    found = {id: [] for id in index.documents}
    for passage in index.passages:
        found[passage.document].append(passage.text)
    return found
