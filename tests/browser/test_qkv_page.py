"""Query, key, value as a reader meets it: every printed number is compared with the trace."""

import re

import numpy as np
import pytest

from tests.helpers import DEPTH, number
from tests.oracles import sum_terms, weight_terms
from tests.serving import at_rest, cell, overflow, settle, until
from vit_viz import Trace, load_model, trace
from vit_viz.analysis.attention import strongest
from vit_viz.analysis.mixing import concat_heads
from vit_viz.experiments.projections import layer_norm_input, output_projection
from vit_viz.models import Model
from vit_viz.samples import sample_photo

pytestmark = pytest.mark.browser

PHOTO, LAYER, HEAD, TOKEN = "cat", 3, 2, 90
LINK = f"/qkv?photo={PHOTO}&layer={LAYER + 1}&head={HEAD + 1}&token={TOKEN}"
H, K, T, D = 6, 32, 197, 192


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(device="cpu")


@pytest.fixture(scope="module")
def cat(model: Model) -> Trace:
    return trace(model, sample_photo(PHOTO))


def opened(open_page, link: str = LINK, **options):
    page = open_page(link, **options)
    page.locator(".qkv .dot-sum").wait_for()
    return page


def same(text: str, expected: float) -> bool:
    """Whether the printed digits are those of the number, to one unit of the last."""
    digits = text.replace("−", "").partition("·")[0].partition(".")[2]
    size = 10.0 ** -len(digits)
    exponent = number(text) / number(text.partition("·")[0]) if "·" in text else 1
    return abs(number(text) - expected) <= 0.51 * size * exponent + 2e-6 * abs(expected)


def step(page, name: str):
    return page.locator(f".qkv .step.{name}")


def readout(section) -> str:
    return section.locator(".readout .said").first.inner_text()


def point(page, plot, index: int, count: int) -> None:
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + (index + 0.5) * box["width"] / count, box["y"] + box["height"] / 2)


def label(token: int) -> str:
    return "CLS" if token == 0 else f"patch ({(token - 1) // 14 + 1}, {(token - 1) % 14 + 1})"


def default_key(cat: Trace) -> int:
    return next(int(key) for key in strongest(cat.attn[LAYER, HEAD, TOKEN], 2) if key != TOKEN)


def test_strips_hold_the_rows_of_the_trace(open_page, model, cat):
    page = opened(open_page)
    normed = layer_norm_input(model, cat, LAYER)[TOKEN]
    for index in (0, 77, D - 1):
        point(page, step(page, "input").locator(".plot"), index, D)
        name, _, value = readout(step(page, "input")).partition(" = ")
        assert name == f"h[{index + 1}]"
        assert same(value, normed[index])
    for index in (0, 13, K - 1):
        point(page, step(page, "project").locator(".plot").first, index, K)
        parts = dict(part.split(" = ") for part in readout(step(page, "project")).split(" · "))
        for letter in "qkv":
            expected = getattr(cat, letter)[LAYER, HEAD, TOKEN, index]
            assert same(parts[f"{letter}[{index + 1}]"], expected)


@pytest.mark.parametrize("key", [None, 0, 117])
def test_dot_product_score_and_weight_term_by_term(open_page, cat, key):
    page = opened(open_page)
    if key is not None:
        page.get_by_label("key", exact=True).check()
        pick(page, key)
    key = default_key(cat) if key is None else key
    terms = weight_terms(cat.q[LAYER, HEAD], cat.k[LAYER, HEAD], TOKEN, key)
    assert page.locator(".caption").inner_text().split("\n")[-1] == f"Key {label(key)}"
    assert same(page.locator(".dot-sum").inner_text(), terms.dot)
    assert same(page.locator(".score").last.inner_text(), cat.scores(LAYER, HEAD)[TOKEN, key])
    assert same(page.locator(".denominator").inner_text(), terms.denominator)
    assert same(page.locator(".equation .weight").inner_text(), cat.attn[LAYER, HEAD, TOKEN, key])
    assert page.locator(".row-sum").inner_text() == f"{cat.attn[LAYER, HEAD, TOKEN].sum():.6f}"
    for index in (0, 20):
        point(page, step(page, "dot").locator(".bars"), index, K)
        found = re.fullmatch(rf"{index + 1}: (\S+) × (\S+) [=≈] (\S+)", readout(step(page, "dot")))
        assert found
        expected = cat.q[LAYER, HEAD, TOKEN, index], cat.k[LAYER, HEAD, key, index], terms.products[index]
        assert all(same(text, value) for text, value in zip(found.groups(), expected, strict=True))


def pick(page, token: int) -> None:
    if token == 0:
        page.get_by_role("button", name="CLS token").click()
        return
    row, col = divmod(token - 1, 14)
    stage = page.locator(".photo-stage")
    stage.click(position=cell(stage, row, col))
    page.mouse.move(0, 0)


def test_rows_of_scores_and_weights_and_their_strongest(open_page, cat):
    page = opened(open_page)
    weights = cat.attn[LAYER, HEAD, TOKEN]
    listed = page.locator(".strongest button").all_inner_texts()
    assert [text.split("\n") for text in listed] == [
        [label(t), f"{weights[t]:.6f}"] for t in strongest(weights)
    ]
    point(page, step(page, "scale").locator(".bars"), 150, T)
    name, _, value = readout(step(page, "scale")).partition(": score ")
    assert name == label(150)
    assert same(value, cat.scores(LAYER, HEAD)[TOKEN, 150])
    step(page, "softmax").locator(".bars").click(
        position={"x": 0.7 * step(page, "softmax").locator(".bars").bounding_box()["width"], "y": 30}
    )
    assert page.locator(".caption").inner_text().endswith(f"Key {label(int(0.7 * T))}")


def test_an_output_number_is_its_terms(open_page, cat):
    page = opened(open_page)
    out = cat.head_out(LAYER, HEAD)[TOKEN]
    for index in (0, 19):
        point(page, step(page, "mix").locator(".cells"), index, K)
        terms = sum_terms(cat.attn[LAYER, HEAD, TOKEN], cat.v[LAYER, HEAD], index)
        rows = [text.split("\n") for text in page.locator(".terms li").all_inner_texts()]
        best = np.argsort(-np.abs(terms.terms), kind="stable")[:5]
        assert [row[0] for row in rows[:5]] == [label(token) for token in best]
        shown = [row[-1].lstrip("=≈ ") for row in rows]
        assert all(same(text, terms.terms[token]) for text, token in zip(shown, best, strict=False))
        assert same(shown[5], terms.total - terms.terms[best].sum())
        assert same(shown[6], out[index])
        assert np.isclose(sum(map(number, shown[:6])), out[index], atol=1e-3)


def test_concatenation_and_projection_are_the_traces(open_page, model, cat):
    page = opened(open_page)
    concat = concat_heads(cat.attn[LAYER], cat.v[LAYER])
    projected = output_projection(model, cat, LAYER)
    for name in ("concat", "output"):
        step(page, name).locator("summary").click()
    for name, values in (("concat", concat), ("output", projected)):
        section = step(page, name)
        heat = section.locator(".heat")
        heat.focus()
        heat.press("Home")
        for _ in range(3):
            heat.press("ArrowRight")
        heat.press("ArrowDown")
        assert same(readout(section).rpartition(": ")[2], values[1, 3])
        assert readout(section).startswith("patch (1, 1)")
        assert heat.get_attribute("aria-valuetext") == readout(section)
    slice_box = page.locator(".block.slice").bounding_box()
    whole = step(page, "concat").locator(".heat").bounding_box()
    assert slice_box["x"] - whole["x"] == pytest.approx(whole["width"] * HEAD / H, abs=1)
    assert slice_box["width"] == pytest.approx(whole["width"] / H, abs=1)
    point(page, step(page, "output").locator(".cells"), 100, D)
    assert same(readout(step(page, "output")).rpartition(": ")[2], projected[TOKEN, 100])


def test_layer_and_head_follow_the_sliders(open_page, model, cat):
    page = opened(open_page)
    page.get_by_label("Head", exact=True).press("End")
    page.get_by_label("Layer", exact=True).press("Home")
    page.wait_for_url("**/*head=6*")
    page.wait_for_selector(".steps:not(.waiting)")
    key = next(int(key) for key in strongest(cat.attn[0, 5, TOKEN], 2) if key != TOKEN)
    expected = weight_terms(cat.q[0, 5], cat.k[0, 5], TOKEN, key)
    assert same(page.locator(".dot-sum").inner_text(), expected.dot)
    assert "layer=1" in page.url  # said, since without it the page would open elsewhere
    point(page, step(page, "input").locator(".plot"), 5, D)
    assert same(readout(step(page, "input")).partition(" = ")[2], layer_norm_input(model, cat, 0)[TOKEN, 5])


def test_the_query_goes_into_the_link_once_and_the_key_does_not(open_page):
    page = opened(open_page)
    asked = []
    page.on("request", lambda request: "/vit_viz/" in request.url and asked.append(request.url))
    pick(page, 40)
    page.wait_for_url("**/*token=40*")
    page.get_by_label("key", exact=True).check()
    pick(page, 70)
    page.wait_for_timeout(700)  # the key would be told by now; the next page would have it
    assert "token=40" in page.url
    assert page.locator(".caption").inner_text() == f"Query {label(40)}\nKey {label(70)}"
    assert asked == []
    page.get_by_role("link", name="Attention maps").click()
    page.wait_for_url("**/attention*token=40*")
    settle(page)


def test_arrow_keys_walk_the_query(open_page):
    page = opened(open_page)
    page.locator(".photo-stage").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(f"**/*token={TOKEN + 15}*")
    assert page.locator(".caption").inner_text().startswith(f"Query {label(TOKEN + 15)}")


def test_a_cell_of_the_matrix_picks_both(open_page):
    page = opened(open_page)
    matrix = step(page, "softmax").locator(".heat")
    matrix.focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        matrix.press(key)
    page.wait_for_url("**/*token=2*")
    assert page.locator(".caption").inner_text() == f"Query {label(2)}\nKey {label(3)}"
    box = matrix.bounding_box()
    matrix.click(position={"x": box["width"] * 0.9, "y": box["height"] * 0.1})
    query, key = page.locator(".caption").inner_text().split("\n")
    # a row is hardly higher than a pixel, and the mouse stands on whole ones
    assert query.removeprefix("Query ") in [label(token) for token in range(18, 22)]
    assert key.removeprefix("Key ") in [label(token) for token in range(175, 180)]


def test_drawing_and_steps_light_each_other(open_page):
    page = opened(open_page)
    page.locator(".drawings:not(.map) .box", has_text="SoftMax").hover()
    assert page.locator(".step.lit").evaluate_all("all => all.map(step => step.dataset.step)") == ["softmax"]
    page.locator(".drawings:not(.map) .box", has_text="Scaled dot-product").hover()
    lit = page.locator(".step.lit").evaluate_all("all => all.map(step => step.dataset.step)")
    assert lit == ["dot", "scale", "softmax", "mix"]
    step(page, "concat").locator("h3").hover()
    assert page.locator(".drawings:not(.map) .box.lit").all_text_contents() == ["Concat"]
    page.locator(".drawings:not(.map) .box", has_text="Concat").focus()
    page.keyboard.press("Enter")
    concat = step(page, "concat")
    until(page, concat.bounding_box, lambda box: box["y"] < 200)
    assert 0 <= at_rest(page, concat.bounding_box, pause_ms=200)["y"] < 200
    step(page, "concat").locator("h3").hover()
    assert page.locator(".map.seen .box.lit").all_text_contents() == ["Concat"]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_cut(open_page, width: int, dark: bool):
    page = opened(open_page, width=width, dark=dark)
    assert overflow(page) == 0
    right = page.locator(".qkv").bounding_box()
    edges = page.locator(".qkv *:not(.cursor):not(.block)").evaluate_all(
        "all => Math.max(...all.filter(e => !(e instanceof SVGElement)).map(e => e.getBoundingClientRect().right))"
    )
    assert edges <= right["x"] + right["width"] + 2


def test_a_payload_that_does_not_arrive_is_a_sentence(chromium, app_url):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.route("**/vit_viz/projections/**", lambda route: route.abort())
    page.goto(app_url + LINK)
    page.locator(".qkv .problem").wait_for()
    assert "does not answer" in page.locator(".qkv .problem").inner_text()
    assert not page.locator(".qkv .columns").is_visible()
    page.unroute("**/vit_viz/projections/**")
    page.get_by_role("button", name="Try again").click()
    page.locator(".qkv .dot-sum").wait_for()
    context.close()


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("forgotten/0", 404, "no longer in memory"),
        (f"{{trace_id}}/{DEPTH}", 422, f"count from 0 to {DEPTH - 1}"),
    ],
)
def test_route_says_what_is_wrong(open_page, app_url, address: str, status: int, says: str):
    asked = []
    page = open_page("/")
    page.on("request", lambda request: "/vit_viz/projections/" in request.url and asked.append(request.url))
    page.goto(app_url + LINK)
    page.locator(".qkv .dot-sum").wait_for()
    trace_id = asked[0].split("/projections/")[1].partition("/")[0]
    answer = page.request.get(f"{app_url}/vit_viz/projections/{address.format(trace_id=trace_id)}")
    assert answer.status == status
    assert says in answer.text()
