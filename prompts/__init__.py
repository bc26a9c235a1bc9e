"""Says: every word the model reads, one template a file, and nothing else.

Templates are Jinja2, rendered strictly: a name that was not given is an error, not an empty place.
What they are given is foreign and crosses :mod:`prompts.border`.
"""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from prompts.border import bordered


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("prompts", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=bordered,
        autoescape=False,  # noqa: S701 - the reader is a model, not a browser
    )


def render(name: str, /, **values: Any) -> str:
    """The text of the template ``name`` (without ``.md.j2``) for these values.

    Raises:
        jinja2.TemplateNotFound: There is no such template.
        jinja2.UndefinedError: The template uses a name that ``values`` lacks.
    """
    return _environment().get_template(f"{name}.md.j2").render(**values).strip()
