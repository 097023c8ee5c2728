"""A low-rank adapter on the linear layers of the embedder: what teaching changes.

After Hu et al., "LoRA: low-rank adaptation of large language models", ICLR
2022: a layer's weight W becomes W + B A, with B and A of a small rank. While
teaching B and A are apart; for use they are added to W once, at loading.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from corpus.errors import ModelDamaged

log = logging.getLogger(__name__)


class LowRank(nn.Module):
    """A linear layer with a trainable low-rank change; the layer itself stays as it is."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / rank)
        # Zeros: teaching begins at the model as it is.
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer and its change."""
        changed: Tensor = self.layer(x) + (x @ self.down.T) @ self.up.T
        return changed


def attach(model: nn.Module, rank: int) -> list[nn.Parameter]:
    """Put a change on every linear layer of a transformer; return what can be trained."""
    model.requires_grad_(False)
    found = [
        (module, name, child)
        for module in model.modules()
        for name, child in module.named_children()
        if isinstance(child, nn.Linear)
    ]
    trainable: list[nn.Parameter] = []
    for module, name, layer in found:
        changed = LowRank(layer, rank)
        setattr(module, name, changed)
        trainable += [changed.down, changed.up]
    return trainable


def save(model: nn.Module, path: Path, more: Mapping[str, Tensor] | None = None) -> None:
    """Write the changes of a model with `attach`, and what goes with them, in 16-bit floats."""
    tensors = {name: t.detach().to(torch.float16) for name, t in (more or {}).items()}
    for name, module in model.named_modules():
        if isinstance(module, LowRank):
            tensors[f"{name}.down"] = module.down.detach().to(torch.float16).contiguous()
            tensors[f"{name}.up"] = module.up.detach().to(torch.float16).contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path)
    path.chmod(0o644)


def resume(model: nn.Module, path: Path, name: str) -> dict[str, Tensor]:
    """Take up the changes in a file in a model with `attach`; return what went with them.

    `name` is what users call the model.

    Raises:
        ModelDamaged: the file is no adapter of this model.
    """
    try:
        tensors = load_file(path)
        for place, module in model.named_modules():
            if isinstance(module, LowRank):
                with torch.no_grad():
                    module.down.copy_(tensors.pop(f"{place}.down"))
                    module.up.copy_(tensors.pop(f"{place}.up"))
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        log.error("%s cannot be taken up by the model: %s", path, error)
        raise ModelDamaged(model=name, reason="het past niet", path=path) from error
    return {key: tensor.float() for key, tensor in tensors.items()}


def merge(model: nn.Module, path: Path) -> None:
    """Add the changes in a file to the weights of a model, for good.

    Raises:
        ModelDamaged: the file is no adapter of this model.
    """
    try:
        tensors = load_file(path)
        for name in sorted(key.removesuffix(".up") for key in tensors if key.endswith(".up")):
            layer = model.get_submodule(name)
            if not isinstance(layer, nn.Linear):
                raise KeyError(name)
            weight = layer.weight
            change = tensors[f"{name}.up"].float() @ tensors[f"{name}.down"].float()
            with torch.no_grad():
                weight.copy_((weight.float() + change).to(weight.dtype))
    except (OSError, SafetensorError, AttributeError, KeyError, RuntimeError) as error:
        log.error("%s cannot be added to the model: %s", path, error)
        raise ModelDamaged(model="zoekmodel", reason="de adapter past niet", path=path) from error
