"""Browser parts: HTML, CSS and JavaScript under browser/, and their thin Python wrappers."""
