"""The same architecture before its training."""

from vit_viz.checkpoints import UNTRAINED_SEED, seeded
from vit_viz.errors import UnknownModelError
from vit_viz.model_table import BUNDLED, UNTRAINED
from vit_viz.models import Model, load_model


def untrained_twin(model: Model) -> Model:
    """The same architecture and input size at its random initialisation, by a seed: always the same."""
    info = model.info
    name = UNTRAINED if info.name in (BUNDLED, UNTRAINED) else info.name
    with seeded(UNTRAINED_SEED):
        try:
            return load_model(name, device=str(info.device), img_size=info.img_size, pretrained=False)
        except UnknownModelError as error:
            raise UnknownModelError(f"{info.title} cannot be built anew. {error}") from error
