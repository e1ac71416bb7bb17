"""Templates are compiled once for all languages, and only what is the same is taken for the same."""

from __future__ import annotations

from catalogue_api import rendering
from jinja2 import DictLoader, Environment

from catalogue.settings import Settings


def test_the_code_of_a_template_is_shared_and_its_words_are_not() -> None:
    french, english = (rendering.environments(Settings())[language] for language in ("fr", "en"))
    one, other = french.get_template("macros.html"), english.get_template("macros.html")
    assert one.root_render_func.__code__ is other.root_render_func.__code__
    said = [environment.from_string("{{ t('nav.help') }}").render() for environment in (french, english)]
    assert said[0] != said[1]


def test_another_source_under_the_same_name_is_compiled_anew() -> None:
    said = [
        Environment(loader=DictLoader({"page": text}), autoescape=True, bytecode_cache=rendering._COMPILED)
        .get_template("page")
        .render()
        for text in ("one", "other", "one")
    ]
    assert said == ["one", "other", "one"]
