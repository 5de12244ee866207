"""Renderers of a Study, one a medium: terminal, HTML, CSV and JSON, Markdown, LaTeX, Excel, and figures."""
