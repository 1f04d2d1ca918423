"""ViT Viz: watch a pretrained Vision Transformer read a photo, every number the model's own."""

from vit_viz.components.notebook import attention_explorer
from vit_viz.errors import VitVizError
from vit_viz.families import Interventions
from vit_viz.model_table import MODELS
from vit_viz.models import Model, ModelInfo, as_model, load_model
from vit_viz.photos import Prepared, open_photo, prepare
from vit_viz.tracing import Trace, parity, trace

__all__ = [
    "MODELS",
    "Interventions",
    "Model",
    "ModelInfo",
    "Prepared",
    "Trace",
    "VitVizError",
    "as_model",
    "attention_explorer",
    "load_model",
    "open_photo",
    "parity",
    "prepare",
    "trace",
]
