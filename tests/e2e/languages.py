"""What the tests of languages need: a browser that asks for French, and pages between marks."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Browser, Page, Route

from tests.platform import Platform

#: What stands outside of the marks of the language that nobody speaks, and is none of our words.
NAMES = re.compile(
    r"Cygnet|JupyterLab|Jupyter|Nextcloud|README|Markdown|PDF|Notebook|English|Fran.ais|"
    r"Examples|[\w.-]+\.(?:ipynb|txt|md|csv|root|sqlite)|https?:\S*|"
    r"\b(?:B|kB|MB|GB|Ctrl|Esc|Del|Enter|Shift)\b|"
    # dates and times, which the browser itself puts into words
    r"janv\.|févr\.|mars|avr\.|mai|juin|juil\.|août|sept\.|oct\.|nov\.|déc\.|"
    r"janvier|février|avril|juillet|septembre|octobre|novembre|décembre|"
    r"il y a|hier|secondes?|minutes?|heures?|jours?"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARKED = re.compile(r"⟦[^⟦⟧]*⟧")

_SEEN = """
() => {
  const said = [];
  const hidden = element => !element || element.closest('script,style,noscript,code,kbd,svg,iframe') !== null
    || getComputedStyle(element).display === 'none';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!hidden(walker.currentNode.parentElement)) said.push(walker.currentNode.data);
  for (const element of document.querySelectorAll('[title],[aria-label],[placeholder],[alt]')) {
    if (hidden(element)) continue;
    for (const name of ['title', 'aria-label', 'placeholder', 'alt']) {
      const value = element.getAttribute(name);
      if (value) said.push(value);
    }
  }
  return [document.title, ...said];
}
"""


def french_page(browser: Browser, platform: Platform, **options: Any) -> Page:
    """A page of a browser whose person has set it to French."""
    viewport = options.pop("viewport", {"width": 1280, "height": 800})
    context = browser.new_context(base_url=platform.hub, locale="fr-FR", viewport=viewport, **options)
    context.set_default_timeout(30_000)
    return context.new_page()


def speak_nonsense(page: Page) -> None:
    """From now on the Files site gets a catalogue in which each text stands between marks."""

    def answer(route: Route) -> None:
        catalogue = json.loads(route.fetch().body())
        marked = {key: [f"⟦{form}⟧" for form in forms] for key, forms in catalogue.items() if key}
        route.fulfill(json={"": catalogue[""], **marked})

    page.route(re.compile(r"/assets/fr-[\w-]+\.json$"), answer)


def unmarked(page: Page, person: str) -> set[str]:
    """The words on a page of `person`, whose name is none of ours, that came from no catalogue."""
    seen = [_outside(said).replace(person, "") for said in page.evaluate(_SEEN)]
    return {said for said in seen if _WORD.search(NAMES.sub("", said))}


def _outside(said: str) -> str:
    """What is left of a text without what stands between marks, which may hold others."""
    while (less := _MARKED.sub("", said)) != said:
        said = less
    return said
