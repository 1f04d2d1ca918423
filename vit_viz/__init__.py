"""ViT Viz: watch a pretrained Vision Transformer read a photo, every number the model's own."""

from vit_viz.analysis.rollout import rollout
from vit_viz.components.journey_export import export_journey
from vit_viz.components.notebook import attention_explorer
from vit_viz.errors import VitVizError
from vit_viz.experiments.ablation import ablate
from vit_viz.experiments.distance import attention_distance
from vit_viz.experiments.masking import mask
from vit_viz.experiments.relevance import relevance
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
    "ablate",
    "as_model",
    "attention_distance",
    "attention_explorer",
    "export_journey",
    "load_model",
    "mask",
    "open_photo",
    "parity",
    "prepare",
    "relevance",
    "rollout",
    "trace",
]
