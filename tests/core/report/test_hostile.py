# SPDX-License-Identifier: Apache-2.0
"""Names out of models, plugins and flows are text on the page, whatever they hold."""

import html
import json
import re

import pytest
from records import bits_sweep, metric, run, search_tables, step, whole_story

from drawplate.report.html import page as page_of
from drawplate.report.record import typed

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "</script><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "<!--<script>",
    "javascript:alert(1)",
    '<a href="javascript:alert(1)">click</a>',
    "{{ 7 * 7 }}{% for x in y %}",
    "]]><script>alert(1)</script>",
)


def page(records):
    return page_of([*map(typed, records)])


def hostile(value, text, keep=("source", "status", "updated", "started", "form", "digest")):
    """Put an attack at the end of every text, keys too, but for those that the program itself writes."""
    if isinstance(value, str):
        return value + text
    if isinstance(value, list | tuple):
        return [hostile(inner, text) for inner in value]
    if isinstance(value, dict):
        return {key: inner if key in keep else hostile(inner, text) for key, inner in value.items()}
    return value


def hostile_records(text):
    tables = search_tables(30)
    for row in tables["candidates"]:
        row["genome"] = {f"{gene}{text}": [text] for gene in row["genome"]}
        row["key"] += text
    tables[f"rows{text}"] = [{f"column{text}": text}]
    tables["layers"] = [{"layer": f"conv{text}", f"PE{text}": text}]
    metrics = [metric(f"lut{text}", 5.0, f"LUT{text}", layer=f"conv{text}"), metric("top1", 90.0, f"%{text}")]
    curves = {f"val_top1{text}": [[1, 2], [2, 3]], "val_top1": [[1, 1], [2, 2]]}
    record = run(step(1, f"fit{text}", metrics=metrics, tables=tables, curves=curves), run_id=f"run{text}")
    record |= {"error": text, "flow": {"title": text}, "versions": {text: text}, "host": text}
    record["steps"][0] |= {"plan_notes": [text], "options": {text: text}}
    record["steps"][0]["outcomes"][0]["notes"] = [text]
    record["models"] = {f"{name}{text}": model for name, model in record["models"].items()}
    sweep = hostile(bits_sweep(2), text)
    for cell in sweep["cells"]:
        cell["metrics"] = {f"{name}{text}": found for name, found in cell["metrics"].items()}
    return [record, sweep, hostile(whole_story(), text)]


@pytest.mark.parametrize("text", ATTACKS)
def test_no_name_is_markup(text):
    found = page(hostile_records(text))
    body = re.sub(r"<script\b.*?</script>", "", found, flags=re.DOTALL)
    if "<" in text:
        assert text not in body
    assert not re.search(r"<(img|svg/|iframe)\b", body)
    assert all(re.fullmatch(r'<a href="#step-\d+">', link) for link in re.findall(r"<a\b[^>]*>", body))
    assert not re.search(r"<[^>]*\son\w+\s*=", re.sub(r'"[^"]*"', '""', body))
    assert html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in body
    assert len(re.findall("<script", found)) == 4
    for name in re.findall(r'data-chart="([^"]*)"', body):
        assert re.fullmatch(r"[a-z0-9-]+", name)
    for values in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', found, re.DOTALL):
        json.loads(values)


def test_the_policy_lets_nothing_in_but_the_pages_scripts():
    found = page([bits_sweep(2)])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', found)[1]
    assert policy.startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert found.index("Content-Security-Policy") < found.index("<title>")
    assert "script-src &#39;none&#39;" in page([run(step(1, "ort"))])


def test_no_dialog_fires(browser, tmp_path):
    said = []
    opened = browser.new_page()
    opened.set_default_timeout(180_000)
    opened.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    for number, text in enumerate(ATTACKS):
        path = tmp_path / f"{number}.html"
        path.write_text(page(hostile_records(text)), encoding="utf-8")
        opened.goto(path.as_uri())
        opened.wait_for_selector("html[data-ready]", state="attached")
        opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")  # draws every chart
        opened.wait_for_function("document.querySelectorAll('.main-svg').length > 5")
        for place in opened.query_selector_all(".chart, summary, figcaption")[:12]:
            place.hover(force=True, timeout=20_000)
        assert not opened.query_selector("main a:not([href^='#step-']), main img:not(.still), main iframe")
    assert said == []


def test_the_browser_runs_no_script_that_came_in_otherwise(browser, tmp_path):
    said = []
    path = tmp_path / "page.html"
    path.write_text(page([bits_sweep(2)]), encoding="utf-8")
    opened = browser.new_page()
    opened.set_default_timeout(180_000)
    opened.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    opened.on("console", lambda line: said.append("refused") if "Content Security Policy" in line.text else None)
    opened.goto(path.as_uri())
    opened.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=data:x onerror=alert(1)>')")
    opened.evaluate("var s = document.createElement('script'); s.textContent = 'alert(2)'; document.body.append(s)")
    opened.wait_for_timeout(300)
    assert set(said) == {"refused"}


def test_thousands_of_candidates_are_drawn_too(browser, tmp_path):
    """By WebGL, for which plotly.js makes functions out of text."""
    path, said = tmp_path / "page.html", []
    path.write_text(page([run(step(1, "evolve", tables=search_tables(1500)))]), encoding="utf-8")
    opened = browser.new_page()
    opened.set_default_timeout(180_000)
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(path.as_uri())
    place = opened.query_selector('[data-chart="evolve-front"]')
    place.scroll_into_view_if_needed()
    opened.wait_for_function("place => place.querySelector('canvas')", arg=place)
    assert said == []
