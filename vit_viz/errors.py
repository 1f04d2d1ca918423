"""Everything that can go wrong, as sentences a reader can act on.

VitVizError
├── PhotoError              the bytes are not a photo that can be shown
├── GifError                frames that do not make a GIF
├── TrainingError           options, photos and files that make no training run, or none that can go on
└── ModelError              a model cannot be had or cannot be traced
    ├── UnknownModelError       no such timm architecture or checkpoint
    ├── UnsupportedModelError   loaded, but not a Vision Transformer that fits the trace
    ├── CheckpointError         a weight file that is missing, unsafe or does not fit; a size that does not
    ├── HubError                the model hub cannot be reached or refuses
    └── DeviceError             no such device, or torch cannot compute on it, or its memory is full

The message of each is one or two sentences: what came, what is allowed, what to do.
"""


class VitVizError(Exception):
    """Base of all errors that are meant for the reader."""


class PhotoError(VitVizError):
    """Raised when bytes cannot be shown as a photo."""


class GifError(VitVizError):
    """Raised when frames are too many, too large, or no pictures."""


class TrainingError(VitVizError):
    """Raised when options, photos and files make no training run, or none that can go on."""


class ModelError(VitVizError):
    """Base of all errors about models."""


class UnknownModelError(ModelError):
    """Raised when timm knows no architecture or checkpoint of that name."""


class UnsupportedModelError(ModelError):
    """Raised when a model does not fit the trace: other blocks, or tokens that change with depth."""


class CheckpointError(ModelError):
    """Raised when a weight file is missing, is no plain state dict or does not fit, or an input size does not."""


class HubError(ModelError):
    """Raised when the model hub does not answer, or does not hold the file."""


class DeviceError(ModelError):
    """Raised when a device is not there, torch cannot compute on it, or its memory is full."""
