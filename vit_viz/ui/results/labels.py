"""Which class a photo shows, where that is known."""

from vit_viz.experiments.journey import class_of
from vit_viz.samples import samples
from vit_viz.ui.view import View


def knows_samples(view: View) -> bool:
    """Whether the model has classes that are known to be on some of the samples."""
    return any(class_of(view.model, sample.synset) is not None for sample in samples().values())


def true_class(view: View) -> int | None:
    """The class of this view's sample; None for the reader's own photo, or where the model has no such class."""
    sample = samples().get(view.selection.photo)
    return class_of(view.model, sample.synset) if sample else None
