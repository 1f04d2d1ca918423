"""The Streamlit side: the only part of the library that knows about pages and sessions."""
