"""Sphinx extension: a figure's own sentence becomes the alternative text of its picture.

MyST-NB takes width and height from an output's metadata, but not ``alt``.
"""

from myst_nb.core.render import NbElementRenderer


def setup(app):
    render_image = NbElementRenderer.render_image

    def render_image_with_alt(self, data):
        images = render_image(self, data)
        alt = data.output_metadata.get(data.mime_type, {}).get("alt")
        if alt:
            images[0]["alt"] = alt
        return images

    NbElementRenderer.render_image = render_image_with_alt
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
