"""Where the app lies on its server: below server.baseUrlPath, which is empty unless a proxy asks for it."""

import streamlit as st


def below_base(path: str) -> str:
    """The address of one of the app's own paths, which begins with a slash."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path
