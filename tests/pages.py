"""What holds of every page, read as a browser would, and names that try to be markup."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "$\\input{x}$ {name} `code`",
    "{{ 7*7 }}{% raw %}",
    "עלות \u202eexe",
    "a\nb&amp;",
)

#: Elements that end a paragraph for a browser.
BLOCKS = {
    "p",
    "div",
    "table",
    "details",
    "figure",
    "pre",
    "dl",
    "ol",
    "ul",
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
}
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Structure(HTMLParser):
    """What a browser would see of a page: elements, ids, headings, references, text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.references: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.isolated: list[str] = []
        self.text = ""
        self.policy = ""
        self.feed(html)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        assert len(values) == len(attrs), "an attribute appears twice"
        self.tags.add(tag)
        assert not ("p" in self.open and tag in BLOCKS), f"<{tag}> within a paragraph"
        if tag not in VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        self.references += [
            values[name] for name in ("src", "href", "action", "data", "poster") if name in values
        ]
        self.handlers += [name for name in values if name.startswith("on")]
        if tag == "img":
            self.images.append(values)
        if tag == "bdi":
            self.isolated.append("")
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style",):
            assert "@import" not in data
            assert "url(" not in data
            return
        self.text += data
        if "bdi" in self.open:
            self.isolated[-1] += data


def assert_sound(html: str) -> Structure:
    """The laws of every page."""
    page = Structure(html)
    assert html.startswith("<!DOCTYPE html>\n<html lang=")
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert len(set(page.ids)) == len(page.ids)
    for reference in page.references:
        assert reference.startswith(("data:", "#")), reference[:80]
        assert not reference.startswith("#") or reference[1:] in page.ids
    assert all(image.get("alt") for image in page.images)
    assert not page.handlers
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "base"}
    assert "default-src 'none'" in page.policy
    assert "script-src" not in page.policy
    return page
