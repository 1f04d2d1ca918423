"""Weights from the model hub, through its own library and cache, with progress in bytes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import huggingface_hub
from huggingface_hub.errors import GatedRepoError, RemoteEntryNotFoundError, RepositoryNotFoundError
from tqdm import tqdm

from vit_viz.errors import HubError

WEIGHTS = "model.safetensors"
PREFLIGHT_SECONDS = 8.0
OFFER = "Use the bundled model, or give a weight file of your own."

Progress = Callable[[int, int], None]


def download_weights(
    repo: str,
    filename: str | None = None,
    *,
    progress: Progress | None = None,
    endpoint: str | None = None,
    cache_dir: Path | None = None,
) -> Path:
    """Path of a weight file in the hub's cache, downloaded first where it is not there yet.

    `progress` is called with (bytes so far, bytes in all). Raises HubError: within 10 seconds where
    the hub does not answer, otherwise when the download breaks off.
    """
    filename = filename or WEIGHTS
    cached = huggingface_hub.try_to_load_from_cache(repo, filename, cache_dir=cache_dir)
    if isinstance(cached, str):
        return Path(cached)
    preflight(repo, filename, endpoint=endpoint)
    try:
        path = huggingface_hub.hf_hub_download(
            repo, filename, endpoint=endpoint, cache_dir=cache_dir, tqdm_class=_reporting(progress)
        )
    except Exception as error:
        raise HubError(
            f"The download of {repo} broke off ({_kind(error)}). Try again later. {OFFER}"
        ) from error
    return Path(path)


def preflight(repo: str, filename: str = WEIGHTS, *, endpoint: str | None = None) -> None:
    """Ask the hub for the file's size; raises HubError after PREFLIGHT_SECONDS without an answer."""
    url = huggingface_hub.hf_hub_url(repo, filename, endpoint=endpoint)
    # A thread bounds the whole wait: the library's own timeout bounds each phase of the request apart.
    pool = ThreadPoolExecutor(1)
    try:
        pool.submit(
            huggingface_hub.get_hf_file_metadata, url, timeout=PREFLIGHT_SECONDS, endpoint=endpoint
        ).result(timeout=PREFLIGHT_SECONDS)
    except GatedRepoError as error:
        raise HubError(f"{repo} asks for an account that accepted its terms. {OFFER}") from error
    except (RepositoryNotFoundError, RemoteEntryNotFoundError) as error:
        raise HubError(f"The model hub has no file {filename} in {repo}. {OFFER}") from error
    except Exception as error:
        raise HubError(f"The model hub cannot be reached from here ({_kind(error)}). {OFFER}") from error
    finally:
        pool.shutdown(wait=False)


def _kind(error: Exception) -> str:
    return type(error).__name__


def _reporting(progress: Progress | None) -> type[tqdm]:
    """A progress bar that prints nothing and tells `progress` instead."""

    class Reporting(tqdm):
        def __init__(self, *args, **kwargs) -> None:
            super().__init__(*args, **kwargs | {"disable": False, "gui": True, "delay": float("inf")})

        def display(self, *args, **kwargs) -> None:
            return None

        def update(self, n: float | None = 1) -> bool | None:
            shown = super().update(n)
            if progress is not None and self.total:
                progress(int(self.n), int(self.total))
            return shown

    return Reporting
