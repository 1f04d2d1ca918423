"""Entry point: `streamlit run app.py`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from vit_viz.components.attention_routes import attention_routes
from vit_viz.components.embedding_routes import embedding_routes
from vit_viz.components.journey_routes import journey_routes
from vit_viz.components.position_routes import position_routes
from vit_viz.components.qkv_routes import qkv_routes
from vit_viz.components.rollout_routes import rollout_routes
from vit_viz.ui.first_page import WithStyles
from vit_viz.ui.results.embedding import find_embedding
from vit_viz.ui.results.journey import find_part
from vit_viz.ui.results.positions import find_similarity
from vit_viz.ui.results.projections import find_projections
from vit_viz.ui.stores import find_trace, warm_up


@asynccontextmanager
async def ready(app: st.App) -> AsyncIterator[None]:
    """Load the bundled model before the server reports healthy, so that the first visitor does not wait."""
    await asyncio.to_thread(warm_up)
    yield


ROUTES = [
    *attention_routes(find_trace),
    *embedding_routes(find_embedding),
    *journey_routes(find_trace, find_part),
    *position_routes(find_trace, find_similarity),
    *qkv_routes(find_trace, find_projections),
    *rollout_routes(find_trace),
]
app = st.App("vit_viz/ui/router.py", lifespan=ready, routes=ROUTES, middleware=[Middleware(WithStyles)])
