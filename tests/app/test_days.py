"""Days of the people who use the app, walked in a browser from the start page: what they ask, and that it is true."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pytest
import xlsxwriter
from pypdf import PdfReader

from matcher.cli import main
from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.overview import figures, place_shares
from matcher.results.roster import provider_names, township_of, unserved_people
from matcher.scenario.applying import apply
from matcher.scenario.edits import ChangeCapacity, Scenario
from matcher.words.catalogues import t
from tests import ROOT
from tests.helpers.app_data import SMALL, write_tables
from tests.helpers.app_server import served
from tests.helpers.builders import PLACES

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium):
    """The start page of a fresh app on the sample."""
    with served() as address:
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(address)
        page.locator(".lm-map[data-ready]").wait_for()
        still(page)
        yield page
        context.close()


def still(page):
    """Until the script has run."""
    page.wait_for_timeout(300)
    for _ in range(600):
        if page.locator("[data-testid=stApp][data-test-script-state=notRunning]").count():
            page.wait_for_timeout(300)
            return
        page.wait_for_timeout(100)
    raise TimeoutError


def go(page, name):
    page.get_by_role("link", name=t(f"app.{name}.title"), exact=True).click()
    page.locator("h1", has_text=t(f"app.{name}.title")).wait_for()
    still(page)


def press(page, key):
    page.locator(f".st-key-{key} button").first.click()
    still(page)


def click_map(page, right, down):
    """A click at a part of the map's width and height."""
    page.locator(".lm-map[data-ready]").wait_for()
    box = page.locator(".lm-map").bounding_box()
    page.mouse.click(box["x"] + right * box["width"], box["y"] + down * box["height"])
    still(page)


def test_mondays_figures(page):
    """The worst township, why, and the list of its unserved people, in four clicks: as many rows as the page says."""
    plan = match(load_inputs(ROOT / "sample_data"), load_policy())
    worst = place_shares(plan, "township").iloc[0]
    table = page.locator(".st-key-card_places [data-testid=stDataFrame]").bounding_box()
    page.mouse.click(table["x"] + 14, table["y"] + 52)  # the box before the first row
    still(page)
    panel = page.locator(".st-key-card_places")
    panel.get_by_text(str(worst["name"]), exact=True).first.wait_for()
    assert t("code.reason.capacity_full") in panel.inner_text()
    title = page.locator(".st-key-card_unserved h2").inner_text()
    assert int(re.sub(r"\D", "", title)) == worst["unserved"]
    with page.expect_download() as download:
        page.locator(".st-key-inside_download a").click()
    sheet = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    people = [row for row in sheet.iter_rows(values_only=True) if re.fullmatch(r"R\d+", str(row[0]))]
    assert len(people) == worst["unserved"]


def test_where_the_clinic_goes(page):
    """Click, read who is in reach, solve, drag on, compare, ask for the best sites: the scenario keeps the promise."""
    go(page, "siting")
    click_map(page, 0.33, 0.25)
    panel = page.locator(".st-key-card_forms")
    panel.get_by_text(t("app.siting.reach")).wait_for()
    press(page, "trial_solve")
    promised = panel.locator(".note.good").inner_text()
    press(page, "trial_keep")
    click_map(page, 0.45, 0.3)
    press(page, "trial_solve")
    press(page, "trial_keep")
    assert page.locator(".st-key-card_kept tbody tr").count() == 2
    press(page, "trial_sweep")
    panel.get_by_text(t("app.siting.places", number=100)).wait_for()
    first = page.locator(".st-key-card_kept tbody tr").first.inner_text()
    assert re.findall(r"\d+", promised)[1] in first
    page.reload()
    still(page)
    assert page.locator(".st-key-card_kept tbody tr").first.inner_text() == first
    page.locator(".lm-pin").first.wait_for()  # the map is drawn after the script
    page.get_by_text(t("app.siting.task_place"), exact=True).click()
    still(page)
    page.get_by_text(t("app.siting.by_budget"), exact=True).click()
    still(page)
    page.locator(".st-key-place_at_most input").fill("3")
    page.locator(".st-key-place_at_most input").press("Tab")
    still(page)
    press(page, "place_ask")
    page.locator(".st-key-place_to_scenario button").wait_for(timeout=120_000)
    proof = page.locator(".st-key-card_forms").inner_text()
    served = int(re.search(r"→ (\d+)", proof)[1])
    press(page, "place_to_scenario")
    go(page, "what_if")
    press(page, "compute")
    result = page.locator(".st-key-card_comparison")
    result.wait_for()
    row = result.locator("tr", has_text=t("app.figure.served")).first.inner_text()
    assert f"{served:,}" in row


CLOSING = "弄弄坪街道社区卫生服务中心"


def task(page, name):
    page.locator(".st-key-edit_task").get_by_text(t(f"app.what_if.{name}"), exact=True).click()
    still(page)


def save(page, name):
    field = page.locator(".st-key-saved_name input")
    field.fill(name)
    field.press("Tab")
    press(page, "saved_save")
    page.get_by_text(t("app.saved.saved", name=name, version=1)).wait_for()
    still(page)


def compared(page):
    """People served: as the data are, and in each scenario by name."""
    for name in SAVED:
        choose(page, "saved_compare", name)
    page.keyboard.press("Escape")
    press(page, "saved_run")
    rows = page.locator(".st-key-card_saved .comparison tr")
    rows.first.wait_for(timeout=60_000)
    cells = rows.filter(has_text=t("app.figure.served")).first.locator("td")
    return [int(re.sub(r"\D", "", cell)) for cell in cells.all_inner_texts()]


def saved_file(page, name, file):
    """Where the scenario was downloaded to."""
    field = page.locator(".st-key-saved_open input")
    for _ in range(5):  # the list closes when maps of the page are still being drawn
        still(page)
        field.fill(name)
        page.wait_for_timeout(500)
        field.press("ArrowDown")
        field.press("Enter")
        still(page)
        if field.input_value().startswith(f"{name} ·"):
            break
    with page.expect_download() as download:
        page.locator(".st-key-saved_download button").click()
    download.value.save_as(file)
    return str(file)


#: The two scenarios of the day, in the order of their names.
SAVED = ("七月关停", "关停并扩容")
NEIGHBOUR = "炳草岗街道社区卫生服务中心"


def test_a_clinic_closes(page, chromium, tmp_path):
    """Who loses and where the others go; more places next door; both kept, compared, and opened by a colleague."""
    go(page, "what_if")
    task(page, "close")
    choose(page, "edit_provider", f"{CLOSING} · P057")
    press(page, "close")
    press(page, "compute")
    assert page.locator(".st-key-card_comparison tr", has_text=t("app.figure.served")).count()
    assert page.locator(".st-key-card_change_map .lm-map").count()
    save(page, SAVED[0])
    task(page, "change")
    choose(page, "edit_provider", f"{NEIGHBOUR} · P056")
    places = page.locator("[class*=st-key-change_to_] input")
    present = int(places.input_value() or 0)
    places.fill(str(present + 100))
    places.press("Tab")
    still(page)
    press(page, "change")
    save(page, SAVED[1])
    totals = compared(page)
    files = [saved_file(page, name, tmp_path / f"{at}.json") for at, name in enumerate(SAVED)]
    assert main(["compare", str(ROOT / "sample_data"), *files, "--out", str(tmp_path / "out")]) == 0
    outcomes = json.loads((tmp_path / "out" / "outcomes.json").read_text(encoding="utf-8"))
    assert totals == [one["served"] for one in outcomes.values()]

    window = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    colleague = window.new_page()
    colleague.goto(page.url.partition("?")[0])
    still(colleague)
    saved_file(colleague, SAVED[1], tmp_path / "again.json")
    press(colleague, "saved_take")
    assert colleague.locator("[class*=st-key-remove_]").count() == 2
    assert compared(colleague) == totals
    window.close()


#: Residents as the office lists them: a number of its own, the village by name. Five rows are wrong.
OFFICE = [
    ("A1", "70", "本地", "居家", "一村"),
    ("A2", "81", "本地", "居家", "一村"),
    ("A3", "约七十", "本地", "居家", "一村"),
    ("A4", "77", "火星", "居家", "一村"),
    ("A5", "77", "本地", "树上", "一村"),
    ("A1", "66", "本地", "居家", "一村"),
    ("A7", "705", "本地", "居家", "一村"),
]


def office_book(file, people):
    """One workbook with a title above each table; the header of the number is one that nobody knows."""
    book = xlsxwriter.Workbook(file)
    named = {
        "老年人": [("台账号", "年龄", "户籍", "居住情况", "村"), *people],
        "医疗机构": [
            ("机构编号", "机构名称", "机构类型", "纬度", "经度", "家庭医养容量"),
            ("P1", "甲镇卫生院", "乡镇卫生院", "26.5", "101.7", "2"),
        ],
        "行政区划": [
            ("地区代码", "名称", "级别", "上级代码", "纬度", "经度"),
            *(
                tuple(
                    str(row.get(name, ""))
                    for name in ("place_code", "name", "level", "parent_code", "lat", "lon")
                )
                for row in PLACES
            ),
        ],
    }
    for sheet, rows in named.items():
        page = book.add_worksheet(sheet)
        page.write_string(0, 0, f"2026 年{sheet}汇总表")
        for at, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                page.write_string(at, column, cell)
    book.close()
    return file


def upload(page, file):
    page.locator("[data-testid=stFileUploader] input").set_input_files(file)
    page.get_by_text(file.name).first.wait_for()
    page.locator(".st-key-upload_as_of input").fill("2026-01-01")
    page.locator(".st-key-upload_as_of input").press("Tab")
    choose(page, "upload_datum", t("code.datum.wgs84"))
    press(page, "upload_check")


def choose(page, key, words):
    field = page.locator(f".st-key-{key} input")
    option = page.get_by_role("option", name=words, exact=True)
    for _ in range(10):  # a page that is drawn anew meanwhile closes the list
        field.click()
        field.fill(words)  # a long list shows only what fits
        page.wait_for_timeout(500)
        if option.is_visible():
            break
        page.keyboard.press("Escape")
        still(page)
    option.click()
    still(page)


def test_new_data(chromium, tmp_path):
    """One workbook with five wrong rows: explained, given back marked, mended, taken over, and gone back from."""
    with served(write_tables(tmp_path / "last_year", SMALL)) as address:
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(address)
        still(page)
        go(page, "data")
        upload(page, office_book(tmp_path / "老人机构2026.xlsx", OFFICE))
        page.locator("[class*=st-key-mapping_column_0] input").click()
        page.get_by_role("option", name=t("column.residents.resident_id")).click()
        press(page, "mapping_use")
        page.get_by_role("alert").wait_for()
        still(page)  # a click on a button that is drawn again is lost
        assert page.locator(".st-key-upload_use").count() == 0
        with page.expect_download() as download:
            page.locator(".st-key-upload_marked button").click()
        marked = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
        cells = [
            cell.value
            for sheet in marked.worksheets[1:]
            for row in sheet.iter_rows()
            for cell in row
            if cell.fill.fgColor.rgb == "FFF8C9B8"
        ]
        assert {"约七十", "火星", "树上", "A1", "705"} <= set(cells)
        go(page, "overview")
        assert (
            "小城" in page.locator(".heading").first.inner_text()
        )  # nothing of the wrong workbook is in use
        go(page, "data")
        upload(page, office_book(tmp_path / "老人机构2026改.xlsx", OFFICE[:2]))
        press(page, "upload_use")
        page.get_by_text(t("app.data.versions")).first.wait_for()
        page.locator("[class*=st-key-data_version] [role=radiogroup] label").first.click()
        still(page)
        page.get_by_text(t("app.data.changes")).wait_for()
        gone = page.locator(".st-key-card_versions .comparison").inner_text()
        assert t("table.residents") in gone
        press(page, "data_use")
        go(page, "overview")
        assert "小城" in page.locator(".heading").first.inner_text()
        context.close()


def test_for_the_bureau_chief(page):
    """One page in three clicks; every number on it stands in the app."""
    plan = match(load_inputs(ROOT / "sample_data"), load_policy())
    told = figures(plan)
    line = page.locator(".st-key-card_figures").inner_text()
    go(page, "report")
    page.locator(".st-key-report_make button").click()
    page.locator(".st-key-report_pdf button").wait_for(timeout=120_000)
    still(page)
    with page.expect_download() as download:
        page.locator(".st-key-report_pdf button").click()
    (sheet,) = PdfReader(io.BytesIO(download.value.path().read_bytes())).pages
    text = re.sub(r"\s", "", sheet.extract_text())
    for number in (f"{told.residents:,}", f"{told.share:.1%}", f"{told.unserved:,}", f"{told.median_km:.1f}"):
        assert number in text
        assert number in line


def open_person(page, id):
    """Find somebody by the number and open the card; what it says of why."""
    field = page.locator(".st-key-roster_search input")
    field.fill(id)
    field.press("Enter")
    still(page)
    page.locator(".st-key-roster_table canvas").first.wait_for()
    box = page.locator(".st-key-roster_table canvas").first.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 54)  # the box before the first row
    still(page)
    card = page.locator(".st-key-card_person")
    card.wait_for()
    return card


def test_why_me_why_not_me(page):
    """Past nearer ones that are full: who would have to move. Nobody: why, and one more place gives what was said."""
    plan = match(load_inputs(ROOT / "sample_data"), load_policy())
    passed = plan.assignments.query("rank > 3").sort_values("resident_id").iloc[0]
    names = provider_names(plan)
    go(page, "roster")
    choose(page, "roster_provider", names[passed["provider_id"]])
    card = open_person(page, passed["resident_id"])
    assert "名额" in card.inner_text() or "已满" in card.inner_text()

    unserved = plan.unserved.query("reason == 'capacity_full'").sort_values("resident_id")
    townships = {township_of(plan, id): id for id in names}
    id, clinic = next(
        (id, townships[code])
        for id in unserved["resident_id"]
        for code in townships
        if code and id in set(unserved_people(plan, code)["resident_id"])
    )
    choose(page, "roster_provider", names[clinic])
    page.locator(".st-key-roster_whose button").nth(1).click()
    still(page)
    told = open_person(page, id).locator(".note").first.inner_text()
    assert t("code.reason.capacity_full") in told
    said = re.search("。 ?(.+?)若多一个名额", told)
    assert said is not None
    row = plan.people.set_index("resident_id").loc[id]
    (full,) = plan.inputs.providers.query("name == @said[1]")["provider_id"]
    places = int(plan.inputs.providers.set_index("provider_id").loc[full, f"capacity_{row['mode']}"])
    more = Scenario("more", (ChangeCapacity(full, row["mode"], to=places + 1),))
    applied = apply(more, plan.inputs, plan.policy)
    assert match(applied.inputs, applied.policy, start=plan).outcome.served == plan.outcome.served + 1
