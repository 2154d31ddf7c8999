"""The page in a browser: the machine's own Chromium, without a window and without a network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.audit.conftest import policy
from tests.audit.pages import HOSTILE, ORDINARY, SCRIPT, write_page
from tests.wording import sentence

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.usefixtures("run"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH: install Debian's `chromium`"),
]


_BUSY = 120_000
"""Milliseconds that one step in the browser may take on a busy machine."""
expect.set_options(timeout=_BUSY)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@dataclass
class Seen:
    """An open page, and the errors that the browser reported."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def rows(self) -> list[str]:
        """Return the names of the repositories in the table, from top to bottom."""
        return self.page.locator("tr.row td:nth-child(4)").all_inner_texts()


Open = Callable[..., Seen]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a page. At the end, there may be no errors and no requests to the network."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(_BUSY)
    seen = Seen(context.new_page())
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("dialog", lambda dialog: seen.complaints.append(dialog.message))
    seen.page.on(
        "request", lambda request: None if request.url.startswith("file:") else seen.complaints.append(request.url)
    )

    def open_(policies: object, *argv: str, fragment: str = "", accounts: int = 1) -> Seen:
        assert isinstance(policies, dict)
        seen.page.goto(write_page(tmp_path, policies, *argv, accounts=accounts).as_uri() + fragment)
        return seen

    yield open_
    context.close()
    assert seen.complaints == []


def test_it_shows_every_finding_the_worst_first(opened: Open) -> None:
    seen = opened(dict(ORDINARY))
    assert seen.rows()[0] in ("public/tools", "partner/sdk")
    expect(seen.page.locator(".shown")).to_have_text("6 shown, of 6 findings and 2 approved")
    expect(seen.page.locator("h1")).to_contain_text("3 of 7 repositories")
    expect(seen.page.locator("svg.ribbons")).to_be_visible()


def test_it_sorts_both_ways_and_says_so(opened: Open) -> None:
    seen = opened(dict(ORDINARY))
    header = seen.page.get_by_role("columnheader", name="Repository")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    assert seen.rows() == sorted(seen.rows())
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    assert seen.rows() == sorted(seen.rows(), reverse=True)
    assert seen.page.locator("[aria-sort]").count() == 1


def test_it_filters_by_words_severity_and_access(opened: Open) -> None:
    seen = opened(dict(ORDINARY))
    search = seen.page.get_by_role("searchbox", name="Filter")
    search.fill("444455556666 team")
    assert seen.rows() == ["team/web"]
    search.fill("no such thing")
    assert seen.rows() == []
    seen.page.get_by_role("button", name="Reset").click()
    expect(seen.page.locator("tr.row")).to_have_count(6)
    for severity in ("Critical", "High"):
        seen.page.get_by_label(severity, exact=True).uncheck()
    assert set(seen.rows()) == {"team/web", "unclear/one", "wrong/one"}
    seen.page.get_by_label("Medium", exact=True).uncheck()
    assert set(seen.rows()) == {"unclear/one", "wrong/one"}
    seen.page.get_by_label("Undecided", exact=True).uncheck()
    seen.page.get_by_label("Medium", exact=True).check()
    assert seen.rows() == ["team/web"]
    seen.page.get_by_label("Undecided", exact=True).check()
    seen.page.get_by_label("Approved", exact=True).check()
    assert "base/python" in seen.rows()
    seen.page.get_by_label("Access").select_option("ADMIN")
    assert seen.rows() == []


def test_a_section_has_policy_statement_witness_way_out_and_entry(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    page.get_by_role("button", name="details of account 444455556666, team/web").click()
    section = page.get_by_role("region", name="account 444455556666 · team/web")
    assert '"Sid": "One"' in "".join(section.locator("mark").all_inner_texts())
    expect(section).to_contain_text(sentence("alert.request_allowed_arn"))
    expect(section.get_by_role("group", name="Tightened")).to_contain_text("aws:PrincipalOrgID")
    expect(section).to_contain_text("READ removed from account 444455556666")
    expect(section).to_contain_text('- account: "444455556666"')
    page.get_by_role("button", name="details of account 444455556666, team/web").click()
    expect(section).to_have_count(0)


def test_approved_access_tells_by_whose_word(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    page.get_by_label("Approved", exact=True).check()
    page.get_by_role("button", name="base/python").click()
    expect(page.locator("section.finding.approved")).to_contain_text(
        "Approved by platform@example.com, until 2099-12-31: ours"
    )


def test_a_keyboard_is_enough(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("searchbox").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('toggle')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("tr.detail")).to_have_count(1)
    expect(page.locator(".toggle").first).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Space")
    expect(page.locator("tr.detail")).to_have_count(0)


def test_a_screen_reader_finds_its_way(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    for role in ("banner", "main", "contentinfo", "search"):
        expect(page.get_by_role(role)).to_have_count(1)
    for table in page.locator("table").all():
        assert table.locator("caption").count() == 1
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("h1").count() == 1
    expect(page.get_by_role("status")).to_have_text("6 shown, of 6 findings and 2 approved")


def test_an_address_with_a_finding_opens_it(opened: Open) -> None:
    page = opened(dict(ORDINARY), fragment="#finding-0").page
    expect(page.locator("tr.detail")).to_have_count(1)
    page.evaluate("location.hash = '#finding-7'")  # approved, so not shown at first
    expect(page.locator("tr.detail")).to_have_count(1)
    expect(page.locator("#detail-7")).to_be_in_viewport()


def test_the_picture_leads_to_the_findings(opened: Open) -> None:
    seen = opened(dict(ORDINARY))
    seen.page.get_by_role("link", name="Show the findings of account 444455556666").click()
    assert seen.rows() == ["team/web"]
    seen.page.get_by_role("link", name="Show the findings of partner/sdk").press("Enter")
    assert seen.rows() == ["partner/sdk", "partner/sdk"]


def test_nothing_hostile_runs(opened: Open) -> None:
    seen = opened(dict(HOSTILE))
    before = seen.page.title()
    seen.page.get_by_label("Approved", exact=True).check()
    for toggle in seen.page.locator(".toggle").all():
        toggle.click()
    seen.page.get_by_role("searchbox").fill(SCRIPT)
    # A broken image would act before the next frame is painted twice.
    seen.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert seen.page.title() == before
    assert seen.page.evaluate("document.querySelectorAll('img, iframe, script').length") == 2


def test_what_is_shared_is_shown_with_the_repository_s_own_name_and_owner(opened: Open) -> None:
    own = {"aws:ResourceAccount": "111122223334"}
    one = policy({"AWS": ["111122223334", "444455556666"]}, Condition={"StringEquals": own})
    seen = opened({"first": policy("*"), "it's/second": one}, accounts=2)
    seen.page.get_by_role("searchbox").fill("444455556666 111122223334")
    assert seen.rows() == ["it's/second"]
    seen.page.locator("tr.row .toggle").click()
    section = seen.page.locator("section.finding")
    expect(section.locator(".register")).to_contain_text('repositories: ["it\'s/second"]')
    expect(section.locator("pre").first).to_contain_text('"aws:ResourceAccount": "111122223334"')
    assert "613704829157" not in section.inner_text()


def test_a_hundred_thousand_findings_stay_usable(opened: Open, tmp_path: Path) -> None:
    twenty = [[f"{300000000000 + 5 * first + one}" for one in range(20)] for first in range(5)]
    many: dict[str, object] = {
        f"team{number % 17}/service-{number:05}": policy({"AWS": twenty[number % 5]}) for number in range(5_000)
    }
    seen = opened(many, accounts=3)
    expect(seen.page.locator(".shown")).to_have_text("100,000 shown, of 100,000 findings and 0 approved")
    expect(seen.page.locator("tr.row")).to_have_count(100)
    assert (tmp_path / "page.html").stat().st_size < 5_000_000
    assert seen.page.evaluate("document.querySelectorAll('*').length") < 5_000
    seen.page.get_by_role("button", name="Show 100 more of 99,900").click()
    expect(seen.page.locator("tr.row")).to_have_count(200)
    seen.page.get_by_role("searchbox").fill("service-04999 300000000039")
    assert seen.rows() == ["team1/service-04999"]
    seen.page.get_by_role("button", name="Repository", exact=True).click()
    seen.page.goto(f"{seen.page.url.partition('#')[0]}#finding-99999")
    expect(seen.page.locator("tr.detail")).to_have_count(1)
    assert seen.page.evaluate("document.querySelectorAll('*').length") < 5_000


def test_paper_gets_the_sections_and_no_controls(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("tr.detail")).to_have_count(6)
    expect(page.locator(".filters")).to_be_hidden()
    assert len(page.pdf(format="A4")) > 10_000


def test_paper_has_the_tightened_policy_of_a_repository_once_and_the_screen_is_as_before(opened: Open) -> None:
    page = opened({"two/findings": policy("*"), "one/finding": policy({"AWS": "444455556666"})}).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("tr.detail")).to_have_count(3)
    expect(page.locator(".tightened pre:visible")).to_have_count(2)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("tr.detail")).to_have_count(0)


def test_what_the_reader_has_opened_is_printed_and_stays_open(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    page.locator(".toggle").nth(1).click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("tr.detail")).to_have_count(1)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("tr.detail")).to_have_count(1)


def test_the_filters_stand_in_a_row_where_there_is_room_for_it(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    page.set_viewport_size({"width": 1000, "height": 800})
    controls = page.locator(".filters input[type=search], .filters .chip, .filters select, .filters button")
    places = controls.evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    assert len(places) == 9
    assert len({(round(place["top"]), round(place["bottom"])) for place in places}) == 1


def test_the_number_of_an_account_stays_whole_on_a_narrow_screen(opened: Open) -> None:
    names = [f"team/{word}-is-a-long-name-for-a-screen/that-is-so-much-narrower-than-others" for word in "ab"]
    seen = opened({name: policy({"AWS": "444455556666"}, "ecr:*", Sid="Long" * 9) for name in names}, accounts=2)
    seen.page.set_viewport_size({"width": 390, "height": 800})
    lines = """() => {
      const range = document.createRange(), text = document.querySelector("tr.row th").firstChild;
      range.setStart(text, text.data.indexOf("4444")); range.setEnd(text, text.data.length);
      return range.getClientRects().length;
    }"""
    assert seen.page.evaluate(lines) == 1


LONG = "platform-engineering/shared-services/" + "base-images-for-machine-learning/" * 4 + "python-3.13"
CROWDED: dict[str, object] = {
    LONG: policy({"AWS": "444455556666"}, "ecr:*", Sid="AllowTheDataSciencePlatformTeamToPullAndPush"),
    LONG + "x" * 80: policy("*", "ecr:*"),
    "m" * 200: policy({"Service": "codebuild.amazonaws.com"}),
    "W" * 60: policy({"AWS": "arn:aws:iam::444455556666:role/" + "W" * 64}),
    **ORDINARY,
    **{f"team{number % 7}/service-{number}": policy({"AWS": f"{300000000000 + number}"}) for number in range(40)},
}
"""Long names, wide names and many of them, in a page with columns for accounts."""

_HIDDEN = """() => {
  const shown = (e) => e.getClientRects().length && getComputedStyle(e).clipPath === "none" && !e.closest("thead");
  const out = [];
  for (const cell of [...document.querySelectorAll("td, th, .end, .label, .side, h3, p, li")].filter(shown)) {
    const box = cell.getBoundingClientRect(), scroller = cell.closest(".scroll");
    const scrolls = scroller && getComputedStyle(scroller).overflowX === "auto";
    const right = scrolls ? scroller.getBoundingClientRect().left + scroller.scrollWidth : innerWidth;
    if (box.left < 0 || box.right > right + 1 || (!cell.matches(".label") && cell.scrollWidth > cell.clientWidth + 1
      && getComputedStyle(cell).display !== "inline")) out.push(`${cell.className}: ${cell.textContent}`);
  }
  return out;
}"""


@pytest.mark.parametrize("policies", [CROWDED, HOSTILE], ids=["crowded", "hostile"])
def test_every_cell_can_be_read_at_every_width_and_the_page_never_scrolls_sideways(
    opened: Open, policies: dict[str, object]
) -> None:
    page = opened(dict(policies), accounts=3).page
    page.get_by_label("Approved", exact=True).check()
    page.locator(".toggle").first.click()
    page.locator(".as-table summary").click()
    for width in (320, 400, 768, 950, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth") == width
        assert page.evaluate(_HIDDEN) == [], width


def test_a_narrow_screen_has_a_card_for_each_row_that_names_its_columns(opened: Open) -> None:
    page = opened(dict(ORDINARY), accounts=2).page
    page.set_viewport_size({"width": 400, "height": 800})
    row = page.locator("tr.row", has_text="team/web")
    cells = row.locator("td[data-label]")
    assert cells.evaluate_all("all => all.map((one) => one.dataset.label)") == [
        *("Access", "Repository", "Account", "Statement"),
    ]
    places = row.locator("th, td").evaluate_all("all => all.map((one) => one.getBoundingClientRect().top)")
    assert places == sorted(set(places)), "one below the other"
    label = cells.nth(1).evaluate("one => getComputedStyle(one, '::before').content")
    assert label in ('"Repository"', "attr(data-label)")
    for role, cell in (("row", row), ("rowheader", row.locator("th")), ("cell", cells.first)):
        expect(cell).to_have_role(role)  # type: ignore[arg-type]
    expect(page.get_by_role("row", name="team/web")).to_have_count(1)
    page.get_by_role("button", name="Repository", exact=True).click()
    assert page.locator("tr.row td:nth-child(4)").all_inner_texts() == sorted(
        page.locator("tr.row td:nth-child(4)").all_inner_texts()
    )


_MAP = """() => {
  const map = document.querySelector(".map").getBoundingClientRect();
  const ribbons = document.querySelector("svg.ribbons"), top = ribbons.getBoundingClientRect().top;
  const spans = (side) => [...document.querySelectorAll(`.${side} .bar`)].map((one) => one.getBoundingClientRect());
  const meets = (y, bars) => bars.some((bar) => top + y >= bar.top - 1 && top + y <= bar.bottom + 1);
  const sides = { 0: spans("left"), 25: spans("middle"), 75: spans("middle"), 100: spans("right") }, loose = [];
  for (const path of ribbons.querySelectorAll("path")) {
    const ends = [...path.getAttribute("d").split("V")[0].matchAll(/(?:M| )(\\d+),([\\d.]+)(?=C|$)/g)];
    if (!ends.every(([, x, y]) => meets(Number(y), sides[x]))) loose.push(path.textContent);
    if (ends.length !== (sides[25].length ? 4 : 2)) loose.push(path.getAttribute("d"));
  }
  for (const role of document.querySelectorAll(".middle .end")) {  // where the ribbons are a role
    const box = role.getBoundingClientRect(), all = ribbons.getBoundingClientRect();
    const at = [box.left, box.right].map((x) => (x - all.left) / all.width);
    if (Math.abs(at[0] - 0.25) > 0.01 || Math.abs(at[1] - 0.75) > 0.01) loose.push(role.textContent);
  }
  const labels = [...document.querySelectorAll(".map .label, .map .count")].map((one) => {
    const box = one.getBoundingClientRect();
    return { text: one.textContent, left: box.left - map.left, right: map.right - box.right,
             top: box.top, bottom: box.bottom, side: one.closest(".ends").className, is: one.className };
  });
  const over = labels.filter((one) => labels.some((two) => one.side === two.side && one.is === two.is
    && one.top < two.top && one.bottom > two.top + 1));
  return { loose, outside: labels.filter((one) => one.left < 0 || one.right < 0), over };
}"""


@pytest.mark.parametrize("policies", [CROWDED, HOSTILE, {name: CROWDED[name] for name in list(CROWDED)[:9]}])
def test_the_picture_names_both_its_sides_and_clips_and_overlays_no_name(
    opened: Open, policies: dict[str, object]
) -> None:
    page = opened(dict(policies), accounts=2).page
    for width in (320, 400, 768, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(_MAP) == {"loose": [], "outside": [], "over": []}, width
        for side in ("left", "right"):
            ends = page.locator(f".{side} .end")
            assert ends.count() > 0
            assert "" not in ends.evaluate_all("all => all.map((one) => one.title)"), "the whole name, where it is cut"


WHOM = {"AWS": [f"arn:aws:iam::{500000000000 + number}:root" for number in range(4)]}
ROLES = [
    {
        "Arn": f"arn:aws:iam::111122223333:role/{name}",
        "AssumeRolePolicyDocument": policy(WHOM, "sts:AssumeRole"),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {"Statement": [
            {"Effect": "Allow", "Action": what, "Resource": "*"}
        ]}}],
        "AttachedManagedPolicies": [],
        "Tags": [],
    }
    for name, what in {
        "vendor": ["ecr:PutImage", "sts:AssumeRole"],
        "path/" * 12 + "W" * 64: "ecr:*",
        SCRIPT.replace("/", "-"): "ecr:*",
        **{f"service-{number}": "ecr:BatchGetImage" for number in range(40)},
    }.items()
]  # fmt: skip


@pytest.mark.parametrize("roles", [ROLES, ROLES[:3]], ids=["forty", "few"])
def test_the_roles_are_a_column_of_the_picture(opened: Open, tmp_path: Path, roles: list[object]) -> None:
    saved = tmp_path / "roles.json"
    saved.write_text(json.dumps({"RoleDetailList": roles, "Policies": [], "IsTruncated": False}), encoding="utf-8")
    page = opened({"app/web": policy({"AWS": "111122223333"}), **ORDINARY}, "--roles", str(saved)).page
    page.locator(".as-table summary").click()
    for width in (320, 400, 768, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(_MAP) == {"loose": [], "outside": [], "over": []}, width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(_HIDDEN) == [], width
    page.get_by_role("link", name="Show the access through roles: vendor").press("Enter")
    expect(page.locator("#roles")).to_be_in_viewport()
    assert page.evaluate("document.querySelectorAll('img, iframe, script').length") == 2


_BACKTICKS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const at = walker.currentNode.parentElement;
    if (walker.currentNode.data.includes("`") && !at.closest("pre, script, style")) found.push(walker.currentNode.data);
  }
  return found;
}"""


def test_what_messages_have_between_backticks_is_shown_as_code(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    page.get_by_label("Approved", exact=True).check()
    for toggle in page.locator(".toggle").all():
        toggle.click()
    assert page.evaluate(_BACKTICKS) == []
    section = page.get_by_role("region", name="account 444455556666 · team/web")
    expect(section.locator("p code").first).to_have_text("One")
    page.get_by_role("searchbox").fill("statement `One`")
    assert page.locator("tr.row").count() > 0


def test_backticks_in_hostile_names_make_nothing_but_code(opened: Open) -> None:
    evil = "`<img src=x onerror=\"document.title = 'owned'\">`"
    page = opened({evil: policy("*", "ecr:*", Sid=evil), "b": policy({"AWS": evil})}).page
    before = page.title()
    for toggle in page.locator(".toggle").all():
        toggle.click()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.title() == before
    assert page.evaluate("document.querySelectorAll('img').length") == 0
    assert page.evaluate("[...document.querySelectorAll('code')].every((one) => one.children.length === 0)")


def test_it_fits_every_screen_in_both_schemes(opened: Open) -> None:
    page = opened(dict(ORDINARY)).page
    page.locator(".toggle").first.click()
    for width, scheme in product((390, 1280), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
        contrast = page.evaluate(_CONTRAST)
        assert not [one for one in contrast if one["ratio"] < 4.5], (width, scheme, contrast)


_CONTRAST = """() => {
  const light = (text) => text.match(/[\\d.]+/g).slice(0, 3)
    .map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!colour.endsWith(", 0)")) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const names = ".kicker, .scope, h1, h2, dt, dd, .legend li, .label, .count, .side, code, .badge, .tag, .chip, .note,"
    + " pre span, pre mark, th";
  return [...document.querySelectorAll(names)].map((element) => {
    const pair = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
    return { what: element.className || element.localName, ratio: (pair[0] + 0.05) / (pair[1] + 0.05) };
  });
}"""
