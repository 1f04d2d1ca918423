"""Entry point: `streamlit run app.py`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from vit_viz.components.attention_routes import attention_routes
from vit_viz.components.qkv_routes import qkv_routes
from vit_viz.ui.projections import find_projections
from vit_viz.ui.stores import find_trace, warm_up


@asynccontextmanager
async def ready(app: st.App) -> AsyncIterator[None]:
    """Load the bundled model before the server reports healthy, so that the first visitor does not wait."""
    await asyncio.to_thread(warm_up)
    yield


ROUTES = [*attention_routes(find_trace), *qkv_routes(find_trace, find_projections)]
app = st.App("vit_viz/ui/router.py", lifespan=ready, routes=ROUTES)
