"""What pages draw of Streamlit's own parts around their pictures; one file per page."""
