"""The same architecture before its training."""

from vit_viz.checkpoints import UNTRAINED_SEED, seeded
from vit_viz.errors import UnknownModelError
from vit_viz.model_table import BUNDLED, UNTRAINED
from vit_viz.models import Model, as_model, load_model


def untrained_twin(model: Model) -> Model:
    """The same architecture, classes and input size at its random initialisation, by a seed: always the same."""
    info = model.info
    if info.name in (BUNDLED, UNTRAINED):
        return load_model(UNTRAINED, device=str(info.device), img_size=info.img_size)
    with seeded(UNTRAINED_SEED):
        try:
            twin = load_model(info.name, device=str(info.device), img_size=info.img_size, pretrained=False)
        except UnknownModelError as error:
            raise UnknownModelError(f"{info.title} cannot be built anew. {error}") from error
        if twin.info.num_classes != info.num_classes:
            twin.module.reset_classifier(info.num_classes)
    return as_model(
        twin.module,
        name=info.name,
        title=f"{info.title} untrained",
        weights=twin.info.weights,
        device=str(info.device),
    )
