# SPDX-License-Identifier: Apache-2.0
"""The page in a browser: it draws, it fetches nothing, a click selects, and everybody can read it."""

import pytest
from records import bits_sweep, kd_sweep, whole_story

from drawplate.report.html import page
from drawplate.report.record import typed

WIDTHS = (1100, 390)
PATIENCE = 180_000
"""Milliseconds: on a busy machine a page may take its time."""


class Watched:
    """An open page, with what it said and what it asked for."""

    def __init__(self, browser, path, width, scheme="light"):
        self.said, self.requests = [], []
        self.page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("console", lambda line: self.said.append(line.text) if line.type == "error" else None)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def draw_all(self):
        self.page.wait_for_selector("html[data-ready]", state="attached")
        for place in self.page.query_selector_all(".chart"):
            place.scroll_into_view_if_needed()
            self.page.wait_for_function("place => place.querySelector('.main-svg, canvas')", arg=place)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page([typed(one) for one in (bits_sweep(2), kd_sweep(), whole_story())]), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", WIDTHS)
def test_every_chart_is_drawn_without_a_complaint_or_a_request(browser, path, width):
    watched = Watched(browser, path, width)
    watched.draw_all()
    assert watched.said == []
    outside = [url for url in watched.requests if not url.startswith("blob:")]  # what plotly draws a picture from
    assert outside == [path.as_uri()]
    wider = watched.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, "the page scrolls sideways"


def test_a_point_shows_its_genome_under_the_pointer_and_on_a_click(browser, path):
    watched = Watched(browser, path, 1100)
    watched.draw_all()
    chart = watched.page.locator('[data-chart="evolve-front"]')
    chart.scroll_into_view_if_needed()
    n = watched.page.evaluate(
        """() => {
            const place = document.querySelector('[data-chart="evolve-front"]');
            const trace = place.data.findIndex(found => found.name === "chosen");
            Plotly.Fx.hover(place, [{curveNumber: trace, pointNumber: 0}]);
            return place.data[trace].customdata[0];
        }"""
    )
    hovered = chart.locator(".hovertext").first.text_content()
    genome = whole_story()["steps"][2]["outcomes"][0]["tables"]["candidates"][n]["genome"]
    assert f"channels: {genome['channels']}" in hovered
    assert "myriadx.latency_ms" in hovered
    assert "(estimated)" in hovered
    box = watched.page.evaluate(
        """() => {
            const place = document.querySelector('[data-chart="evolve-front"]');
            const trace = place.data.find(found => found.name === "chosen"), plot = place._fullLayout;
            const frame = place.getBoundingClientRect();
            return [frame.left + plot.xaxis._offset + plot.xaxis.d2p(trace.x[0]),
                    frame.top + plot.yaxis._offset + plot.yaxis.d2p(trace.y[0])];
        }"""
    )
    watched.page.mouse.click(*box)
    picked = chart.locator("xpath=..").locator(".picked")
    assert f"g{n:05}" in picked.text_content()
    assert ", ".join(map(str, genome["widths"])) in picked.text_content()


def test_everything_is_drawn_for_print(browser, path):
    watched = Watched(browser, path, 1100)
    watched.page.wait_for_selector("html[data-ready]", state="attached")
    watched.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    places = watched.page.locator(".chart")
    assert places.count() == watched.page.locator(".chart[data-drawn]").count() > 5


def test_what_webgl_draws_has_a_picture_for_print(browser, path):
    watched = Watched(browser, path, 1100)
    watched.draw_all()
    still = watched.page.locator('figure:has([data-chart="surface-distilled-error"]) .still')
    still.wait_for(state="attached")
    assert still.get_attribute("src").startswith("data:image/png")
    assert not still.is_visible()
    watched.page.emulate_media(media="print")
    assert still.is_visible()
    assert not watched.page.locator('[data-chart="surface-distilled-error"]').is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser, path, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    watched = Watched(browser, path, 1100, scheme)
    watched.draw_all()
    watched.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    found = axe.Axe().run(watched.page).response["violations"]
    assert [(v["id"], v["impact"], v["nodes"][0]["html"][:120]) for v in found] == []


def test_charts_follow_the_colours_of_the_page(browser, path):
    watched = Watched(browser, path, 1100, "dark")
    watched.draw_all()
    paper = "() => document.querySelector('.chart[data-drawn]').layout.paper_bgcolor"
    assert watched.page.evaluate(paper) == "#0f1419"
    watched.page.emulate_media(color_scheme="light")
    watched.page.wait_for_function(f"{paper} === '#ffffff'")
