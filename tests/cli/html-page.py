"""Looks at an HTML report without a browser: html-page.py FILE [DELTA.json]. What it says of the policy is
of Content Security Policy Level 3; prints what it counted."""

import base64
import hashlib
import html.parser
import json
import re
import sys


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.text, self.blocks = [], [], [], [], []
        self.style, self.script, self.policy = "", "", ""
        self.n_changes = self.n_rows = self.n_keys = 0
        self.kind = None

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        assert len(found) == len(attributes), attributes
        for name in found:
            assert not name.startswith("on") and name != "style", attributes
            assert name not in ("src", "srcset", "action", "formaction", "background"), attributes
        assert tag not in ("img", "iframe", "object", "embed", "link", "base"), tag
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]
        if "href" in found:
            assert found["href"].startswith("#"), found
            self.links.append(found["href"][1:])
        if "id" in found:
            assert re.fullmatch(r"[A-Za-z0-9._~-]+", found["id"]), found
            self.ids.append(found["id"])
        words = (found.get("class") or "").split()
        self.n_changes += "change" in words
        self.n_keys += tag == "details"
        self.n_rows += tag == "tr"
        self.kind = tag
        if tag == "script" and found.get("type") == "application/json":
            self.kind = "data"
            self.blocks.append("")
        if tag not in ("meta", "input", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert tag == "rect", tag

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
        self.kind = None

    def handle_data(self, data):
        if self.kind == "data":
            self.blocks[-1] += data
        elif self.kind == "style":
            self.style += data
        elif self.kind == "script":
            self.script += data
        else:
            self.text.append(data)


def source_of(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def main():
    page = Page()
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        page.feed(file.read())
    page.close()
    assert page.open == [], page.open
    assert page.policy == (
        "default-src 'none'; script-src " + source_of(page.script) + "; style-src " + source_of(page.style)
        + "; img-src data:; base-uri 'none'; form-action 'none'"
    ), page.policy
    assert len(page.ids) == len(set(page.ids)), [i for i in page.ids if page.ids.count(i) > 1][:5]
    blocks = [json.loads(block) for block in page.blocks]
    n_data = 0
    for record in (record for block in blocks for record in block):
        n_data += len(record[3]) if len(record) > 3 and isinstance(record[3], list) else 1
    if not blocks:
        assert set(page.links) <= set(page.ids), set(page.links) - set(page.ids)
    hidden = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
    assert not hidden.search("".join(page.text)), "hidden characters"
    print("%d keys, %d changes, %d rows, %d as data" % (page.n_keys, page.n_changes, page.n_rows, n_data))
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            counts = json.load(file)["summary"]
        print("JSON has %d keys, %d values" % (sum(counts["keys"].values()), sum(counts["values"].values())))


main()
