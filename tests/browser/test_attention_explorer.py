"""The attention explorer by mouse, keys and touch: what it paints and prints is compared with the trace."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.explorer_demo import SCRIPT, settle
from tests.browser.explorer_demo.traces import find_trace
from tests.helpers import number
from tests.oracles import row_distance, weight_terms
from tests.serving import overflow, running_app, until
from vit_viz.analysis.attention import entropy, prefix_mass, strongest
from vit_viz.components.notebook import attention_explorer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo_url(chromium, tmp_path_factory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("demo"), SCRIPT) as app:
        yield app.url


class Explorer:
    """The page as a reader handles it: tokens, layers and heads count from 0 here."""

    def __init__(self, page, trace) -> None:
        self.page, self.trace = page, trace
        self.stage = page.locator(".stage")
        self.requests: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))

    def wait(self) -> "Explorer":
        """Until maps and float32 numbers of the chosen head are there."""
        self.page.locator(".strongest button:enabled").first.wait_for()
        return self

    def place(self, token: int) -> tuple[float, float]:
        """Middle of a patch on the page."""
        box = self.stage.bounding_box()
        row, col = divmod(token - self.trace.num_prefix_tokens, self.trace.grid[1])
        rows, cols = self.trace.grid
        return box["x"] + (col + 0.5) * box["width"] / cols, box["y"] + (row + 0.5) * box["height"] / rows

    def hover(self, token: int) -> None:
        self.page.mouse.move(*self.place(token))

    def pin(self, token: int) -> None:
        self.page.mouse.click(*self.place(token))

    def choose(self, layer: int, head: int) -> None:
        box = self.page.locator(".overview-box").bounding_box()
        x, y = (layer + 0.4) / self.trace.depth, (head + 0.4) / self.trace.num_heads
        self.page.locator(".overview-box").click(position={"x": x * box["width"], "y": y * box["height"]})
        self.page.wait_for_timeout(100)
        self.wait()

    def option(self, name: str, text: str) -> None:
        if not self.page.locator(".more[open]").count():
            self.page.locator(".more summary").click()
        self.page.get_by_role("radiogroup", name=name).get_by_label(text, exact=True).check()
        self.page.wait_for_timeout(50)

    def runs(self) -> int:
        """How often Python has run."""
        return int(self.page.get_by_text(re.compile(r"^run \d+$")).inner_text().split()[1])

    def caption(self) -> str:
        return self.page.locator(".caption").inner_text()

    def strongest(self) -> list[tuple[str, str]]:
        names = self.page.locator(".strongest .name").all_inner_texts()
        return list(zip(names, self.page.locator(".strongest .number").all_inner_texts(), strict=True))

    def overlay(self) -> np.ndarray:
        """(rows, cols, 4) pixels that lie over the photo."""
        return pixels(self.page.locator("canvas.overlay")).astype(int)

    def label(self, token: int) -> str:
        R = self.trace.num_prefix_tokens
        if token < R:
            return self.trace.prefix_names[token]
        row, col = divmod(token - R, self.trace.grid[1])
        return f"patch ({row + 1}, {col + 1})"


def pixels(canvas) -> np.ndarray:
    flat, width, height = canvas.evaluate(
        "c => [Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data), c.width, c.height]"
    )
    return np.array(flat, np.uint8).reshape(height, width, 4)


def order_of(overlay: np.ndarray) -> np.ndarray:
    """How strongly each patch is painted: the heat's opacity, which grows with the weight."""
    return overlay[..., 3].ravel()


@pytest.fixture
def open_explorer(chromium, demo_url) -> Iterator:
    errors, contexts, allowed = [], [], []

    def open_at(
        model="bundled", *, query="", width=1440, dark=False, touch=False, expect_error=False, ready=True
    ):
        allowed.append(expect_error)
        context = chromium.new_context(
            viewport={"width": width, "height": 1000},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        explorer = Explorer(page, find_trace(model))
        page.goto(f"{demo_url}/?model={model}{query}")
        settle(page)
        return explorer.wait() if ready else explorer

    yield open_at
    for context in contexts:
        context.close()
    assert any(allowed) or errors == []


def test_the_photo_is_what_the_model_saw(open_explorer):
    explorer = open_explorer()
    shown = pixels(explorer.page.locator("canvas.photo"))[..., :3]
    np.testing.assert_array_equal(shown, explorer.trace.image)


PALEST, FULL = 0.46, 0.78  # of ramps.js


def heat(weights: np.ndarray) -> np.ndarray:
    """The opacity that a map's weights are painted with, on its own scale: linear from palest to full."""
    return 255 * (PALEST + (FULL - PALEST) * weights / weights.max())


def check_hover(explorer: Explorer, token: int = 45) -> None:
    explorer.choose(3, 2)
    explorer.option("Scale", "each map its own")
    explorer.hover(token)
    row = explorer.trace.attn[3, 2, token]
    patches = row[1:]
    assert np.abs(order_of(explorer.overlay()) - heat(patches)).max() <= 2
    assert explorer.caption().startswith(explorer.label(token).capitalize())


@pytest.mark.parametrize("token", [1, 45, 196])
def test_hover_paints_the_tokens_row_at_once(open_explorer, token: int):
    check_hover(open_explorer(), token)


def test_hover_follows_columns_when_attended_by(open_explorer):
    explorer = open_explorer()
    explorer.choose(3, 2)
    explorer.option("Scale", "each map its own")
    explorer.page.get_by_label("is attended by").check()
    explorer.hover(77)
    head = explorer.trace.attn[3, 2]
    column = head[1:, 77]
    # half a step of a byte, by the root of its share of its own row's largest weight, which a column feels
    coarse = (FULL - PALEST) * np.sqrt(column * head[1:, 1:].max(1)) / column.max()
    assert (np.abs(order_of(explorer.overlay()) - heat(column)) <= 2 + coarse).all()
    whole = explorer.trace.attn[3, 2, :, 77]
    assert [name for name, _ in explorer.strongest()] == [explorer.label(i) for i in strongest(whole)]


def check_strongest(explorer: Explorer, layer: int = 3, head: int = 2, token: int = 120) -> None:
    explorer.choose(layer, head)
    explorer.pin(token)
    explorer.page.mouse.move(0, 0)
    row = explorer.trace.attn[layer, head, token]
    assert explorer.strongest() == [(explorer.label(i), f"{row[i]:.6f}") for i in strongest(row)]


def test_pinned_top_five_are_numpys(open_explorer):
    explorer = open_explorer()
    for layer, head, token in [(0, 0, 45), (3, 2, 120), (explorer.trace.depth - 1, 5, 196)]:
        check_strongest(explorer, layer, head, token)


def test_readouts_are_the_analysis_of_the_trace(open_explorer):
    explorer = open_explorer()
    explorer.choose(2, 4)
    explorer.pin(100)
    trace = explorer.trace
    values = explorer.page.locator(".readouts dd").all_inner_texts()
    row = trace.attn[2, 4]
    assert values[0] == f"{entropy(row)[100]:.3f} of {np.log(197):.2f} nats"
    assert values[1] == f"{prefix_mass(row, 1)[100] * 100:.1f}%"
    assert values[2] == f"{row_distance(row, trace.grid, trace.patch_size, 1)[99]:.1f} px"


def test_pin_holds_the_map_and_the_mouse_then_reads_weights(open_explorer):
    explorer = open_explorer()
    head = int(explorer.trace.attn[1, :, 60, 75].argmax())  # a weight that is written without a power of ten
    explorer.choose(1, head)
    explorer.pin(60)
    before = explorer.overlay()
    explorer.hover(75)
    np.testing.assert_array_equal(explorer.overlay(), before)
    row = explorer.trace.attn[1, head, 60]
    rank = int((row > row[75]).sum()) + 1
    detail = explorer.page.locator(".photo-part .detail").inner_text()
    assert detail == f"Weight on {explorer.label(75)}: {row[75]:.6f}, rank {rank} of 197"
    explorer.page.locator(".stage").press("Escape")
    explorer.hover(76)
    assert explorer.caption().startswith(explorer.label(76).capitalize())


def test_arrow_keys_walk_the_grid_and_reach_the_prefix(open_explorer):
    explorer = open_explorer()
    explorer.stage.focus()
    for key, token in [("ArrowRight", 1), ("ArrowDown", 15), ("ArrowRight", 16), ("End", 28), ("Home", 15)]:
        explorer.page.keyboard.press(key)
        assert explorer.caption().startswith(explorer.label(token).capitalize()), key
    explorer.page.keyboard.press("ArrowLeft")
    assert explorer.caption().startswith("CLS attends to")
    explorer.page.keyboard.press("Shift+ArrowRight")
    explorer.page.keyboard.press("Shift+ArrowDown")
    assert explorer.caption().endswith("layer 2, head 2")


def test_overview_has_a_map_per_head_of_every_layer(open_explorer):
    explorer = open_explorer()
    explorer.option("Scale", "each map its own")
    explorer.pin(90)
    trace = explorer.trace
    canvas = pixels(explorer.page.locator("canvas.maps")).astype(int)
    rows, cols = trace.grid
    tile_height, tile_width = canvas.shape[0] // trace.num_heads, canvas.shape[1] // trace.depth
    for layer in range(trace.depth):
        for head in range(trace.num_heads):
            top, left = head * tile_height, layer * tile_width
            tile = canvas[top : top + rows, left : left + cols, 1].ravel()
            weights = trace.attn[layer, head, 90]
            assert tile[weights[1:].argmax()] == tile.min(), (layer, head)
            assert np.corrcoef(tile, weights[1:])[0, 1] < -0.8, (layer, head)
    assert explorer.page.locator(".layer-numbers span").count() == trace.depth
    assert explorer.page.locator(".head-numbers span").count() == trace.num_heads


def test_clicking_a_map_chooses_its_layer_and_head(open_explorer):
    explorer = open_explorer()
    explorer.choose(4, 1)
    assert explorer.caption().endswith("layer 5, head 2")
    explorer.page.locator(".overview-box").press("ArrowLeft")
    assert explorer.caption().endswith("layer 4, head 2")
    explorer.page.get_by_label("Head", exact=True).press("End")
    assert explorer.caption().endswith("layer 4, head 6")


def cell(explorer: Explorer, query: int, key: int) -> dict[str, float]:
    """Where a pair lies on the matrix: the prefix is five pixels wide, then two of gap, then one a patch."""
    box = explorer.page.locator(".matrix-box").bounding_box()
    size = 5 + 2 + 196

    def middle(token: int) -> float:
        return (2.5 if token == 0 else 7 + token - 1 + 0.5) / size

    return {"x": middle(key) * box["width"], "y": middle(query) * box["height"]}


def check_matrix(explorer: Explorer) -> None:
    explorer.choose(3, 2)
    explorer.option("Scale", "each map its own")
    canvas = pixels(explorer.page.locator(".matrix-cells")).astype(int)[..., 1]
    assert canvas.shape == (203, 203)
    weights = explorer.trace.attn[3, 2, 1:, 1:]
    share = weights / weights.max(axis=1, keepdims=True)
    assert np.corrcoef(canvas[7:, 7:].ravel(), share.ravel())[0, 1] < -0.95
    # the CLS row and column are there five times
    assert (canvas[:5, 7:] == canvas[0, 7:]).all()
    assert (canvas[7:, :5] == canvas[7:, :1]).all()


def test_the_matrix_is_query_by_key(open_explorer):
    check_matrix(open_explorer())


def test_the_matrix_before_the_softmax_diverges_around_zero(open_explorer):
    explorer = open_explorer()
    explorer.choose(3, 2)
    explorer.option("Matrix", "before softmax")
    canvas = pixels(explorer.page.locator(".matrix-cells")).astype(int)[7:, 7:]
    scores = explorer.trace.scores(3, 2)[1:, 1:]
    warmth = (canvas[..., 0] - canvas[..., 2]) / 255
    assert np.corrcoef(warmth.ravel(), scores.ravel())[0, 1] > 0.98


def test_hovering_the_matrix_moves_the_photo_with_it(open_explorer):
    explorer = open_explorer()
    explorer.choose(3, 2)
    matrix = explorer.page.locator(".matrix-box")
    matrix.hover(position=cell(explorer, 40, 55))
    assert explorer.caption().startswith(explorer.label(40).capitalize())
    found = explorer.page.locator(".matrix-part .detail").inner_text()
    expected = explorer.trace.attn[3, 2, 40, 55]
    text = f"{expected:.6f}" if expected >= 0.001 else ""
    assert found.startswith(f"{explorer.label(40).capitalize()} → {explorer.label(55)}: {text}")
    mark = explorer.page.locator(".mark.target").bounding_box()
    x, y = explorer.place(55)
    assert abs(mark["x"] + mark["width"] / 2 - x) < 1
    assert abs(mark["y"] + mark["height"] / 2 - y) < 1


def line(explorer: Explorer, kind: str) -> float:
    return number(explorer.page.locator(f".line.{kind} .number").inner_text())


def check_arithmetic(
    explorer: Explorer, layer: int = 3, head: int = 2, query: int = 90, key: int = 91
) -> None:
    explorer.choose(layer, head)
    explorer.page.locator(".matrix-box").click(position=cell(explorer, query, key))
    trace = explorer.trace
    terms = weight_terms(trace.q[layer, head], trace.k[layer, head], query, key)
    assert line(explorer, "sum") == pytest.approx(terms.dot, rel=6e-6)
    assert line(explorer, "score") == pytest.approx(terms.score, rel=6e-6)
    assert line(explorer, "denominator") == pytest.approx(terms.denominator, rel=6e-6)
    assert line(explorer, "weight") == pytest.approx(
        trace.attn[layer, head, query, key], rel=2e-4, abs=1.1e-6
    )
    assert line(explorer, "entry") == pytest.approx(trace.attn[layer, head, query, key], rel=5e-4, abs=5.1e-7)


@pytest.mark.parametrize(("layer", "head", "query", "key"), [(3, 2, 90, 91), (0, 0, 0, 0), (-1, 3, 196, 182)])
def test_the_arithmetic_of_a_cell_ends_in_the_cell(open_explorer, layer, head, query, key):
    explorer = open_explorer()
    layer %= explorer.trace.depth
    check_arithmetic(explorer, layer, head, query, key)
    explorer.page.locator(".terms summary").click()
    cells = explorer.page.locator(".terms tbody td").all_inner_texts()
    table = np.array([number(text) for text in cells]).reshape(-1, 4)
    trace = explorer.trace
    q, k = trace.q[layer, head, query], trace.k[layer, head, key]
    np.testing.assert_allclose(table[:, 1:], np.stack([q, k, q * k], axis=1), rtol=1e-5, atol=1e-12)


def test_one_of_the_strongest_five_opens_its_arithmetic(open_explorer):
    explorer = open_explorer()
    explorer.choose(2, 2)
    explorer.pin(50)
    explorer.page.locator(".strongest button").nth(2).click()
    target = strongest(explorer.trace.attn[2, 2, 50])[2]
    pair = explorer.page.locator(".pair").inner_text()
    assert pair == f"{explorer.label(50)} → {explorer.label(target)}, layer 3, head 3"


def test_the_mean_of_the_heads(open_explorer):
    explorer = open_explorer()
    explorer.choose(3, 0)
    explorer.option("Heads", "mean of the layer")
    explorer.wait()
    explorer.pin(45)
    explorer.page.mouse.move(0, 0)
    row = explorer.trace.attn[3].mean(0)[45]
    assert explorer.strongest() == [(explorer.label(i), f"{row[i]:.6f}") for i in strongest(row)]


def test_python_hears_once_per_pin_and_never_of_hovering(open_explorer):
    explorer = open_explorer()
    start = explorer.runs()
    for token in range(1, 197, 5):
        explorer.hover(token)
    explorer.page.wait_for_timeout(600)  # a choice would be told by now, and heard before the next one
    explorer.pin(33)
    explorer.page.get_by_text("Python: token 33, layer 0, head 0").wait_for()
    settle(explorer.page)
    assert explorer.runs() == start + 1
    explorer.choose(2, 1)
    explorer.page.get_by_text("Python: token 33, layer 2, head 1").wait_for()
    settle(explorer.page)
    assert explorer.runs() == start + 2


def test_python_can_choose_and_echoes_do_not_throw_back(open_explorer):
    explorer = open_explorer()
    explorer.page.get_by_role("button", name="Elsewhere").click()
    explorer.page.get_by_text("Python: token 5, layer 1, head 1").wait_for()
    settle(explorer.page)
    assert explorer.caption().startswith(explorer.label(5).capitalize())
    assert explorer.caption().endswith("layer 2, head 2")
    explorer.stage.focus()
    for step in range(12):
        explorer.page.keyboard.press("ArrowDown")
        if step % 3 == 2:
            explorer.page.wait_for_timeout(300)  # it is told; its answer comes on the way to the next
    explorer.page.get_by_text(f"Python: token {5 + 12 * 14}, layer 1, head 1").wait_for()
    settle(explorer.page)
    assert explorer.caption().startswith(explorer.label(5 + 12 * 14).capitalize())


def test_a_link_keeps_the_direction(open_page):
    page = open_page("/attention?token=40&layer=3&head=2")
    turned = page.get_by_role("radio", name="is attended by")
    turned.check(force=True)
    page.wait_for_url("**/*direction=by*")
    page.get_by_text("is attended by · layer 3, head 2").first.wait_for()
    page.reload()
    page.get_by_text("is attended by · layer 3, head 2").first.wait_for()
    assert turned.is_checked()
    page.get_by_role("radio", name="attends to").check(force=True)
    page.wait_for_url(lambda url: "direction" not in url and "token=40" in url)


def test_an_unrelated_widget_sends_nothing_again(open_explorer):
    explorer = open_explorer()
    explorer.requests.clear()
    start = explorer.runs()
    box = explorer.page.locator(".explorer")
    box.evaluate("element => { element.marked = true }")
    explorer.page.get_by_text("Unrelated").click()
    explorer.page.get_by_text(f"run {start + 1}", exact=True).wait_for()
    settle(explorer.page)
    assert [url for url in explorer.requests if "/vit_viz/" in url] == []
    assert box.evaluate("element => element.marked")


@pytest.mark.parametrize("model", ["distilled", "registers", "no prefix", "wide"])
def test_other_prefixes_and_grids(open_explorer, model: str):
    explorer = open_explorer(model)
    trace = explorer.trace
    assert explorer.page.locator(".tile").count() == trace.num_prefix_tokens
    token = trace.num_tokens - 2
    explorer.choose(1, trace.num_heads - 1)
    explorer.pin(token)
    explorer.page.mouse.move(0, 0)
    row = trace.attn[1, trace.num_heads - 1, token]
    assert [name for name, _ in explorer.strongest()] == [explorer.label(i) for i in strongest(row)]
    assert explorer.overlay().shape[:2] == trace.grid
    for index, name in enumerate(trace.prefix_names):
        tile = explorer.page.locator(".tile").nth(index)
        assert name in tile.inner_text()
        assert f"{row[index] * 100:.1f}%" in tile.inner_text()


def test_a_large_model_comes_layer_by_layer(open_explorer):
    explorer = open_explorer("deep")
    trace = explorer.trace
    assert trace.num_tokens == 577

    def fetched() -> list[str]:
        return [url.split("/vit_viz/")[1] for url in explorer.requests if "/vit_viz/attention/" in url]

    def asked_for(what: str) -> bool:
        return bool(until(explorer.page, lambda: [url for url in fetched() if what in url], bool))

    assert asked_for("query=0")
    assert fetched()[0].startswith("attention/deep?layer=0")
    explorer.choose(7, 3)
    assert asked_for("layer=7")
    explorer.pin(300)
    explorer.page.mouse.move(0, 0)
    row = trace.attn[7, 3, 300]
    assert [name for name, _ in explorer.strongest()] == [explorer.label(i) for i in strongest(row)]

    def likeness() -> float:
        """Of the map of layer 12, head 4 to its weights: the paler, the less."""
        canvas = pixels(explorer.page.locator("canvas.maps")).astype(int)
        tile = canvas[3 * 27 : 3 * 27 + 24, 11 * 26 : 11 * 26 + 24, 1].ravel()
        return float(np.corrcoef(tile, trace.attn[11, 3, 300, 1:])[0, 1])

    assert until(explorer.page, likeness, lambda seen: seen < -0.5) < -0.5
    assert all("layer=" in url or "query=" in url for url in fetched())


def test_a_forgotten_trace_gets_a_sentence(open_explorer):
    explorer = open_explorer(query="&forgotten=1", expect_error=True, ready=False)
    problem = explorer.page.locator(".problem")
    problem.wait_for()
    assert "no longer in memory" in problem.inner_text()
    assert not explorer.page.locator(".content").is_visible()


def test_no_answer_gets_a_sentence_and_can_be_tried_again(open_explorer):
    explorer = open_explorer("wide", expect_error=True)
    page = explorer.page
    page.route("**/vit_viz/**", lambda route: route.abort())
    page.goto(page.url.replace("wide", "registers"))
    page.locator(".problem").wait_for()
    assert "does not answer" in page.locator(".problem").inner_text()
    page.unroute("**/vit_viz/**")
    page.get_by_role("button", name="Try again").click()
    page.locator(".strongest button:enabled").first.wait_for()
    assert not page.locator(".problem").is_visible()


def test_a_browser_without_a_needed_feature_gets_a_sentence(chromium, demo_url):
    page = chromium.new_page()
    page.add_init_script("delete window.createImageBitmap")
    page.goto(demo_url)
    problem = page.locator(".problem")
    problem.wait_for()
    assert "This browser has no canvas pictures" in problem.inner_text()
    page.close()


def test_touch_pins_and_opens(open_explorer):
    explorer = open_explorer(width=390, touch=True)
    explorer.page.touchscreen.tap(*explorer.place(45))
    assert explorer.caption().startswith(explorer.label(45).capitalize())
    assert explorer.page.locator(".stage.pinned").count() == 1
    explorer.page.locator(".strongest button").first.tap()
    assert explorer.label(45) in explorer.page.locator(".pair").inner_text()


def test_screen_readers_hear_token_weight_and_rank(open_explorer):
    explorer = open_explorer()
    explorer.choose(3, 2)
    explorer.stage.focus()
    explorer.page.keyboard.press("ArrowRight")
    row = explorer.trace.attn[3, 2, 1]
    first = strongest(row)[0]
    place = (
        "CLS token"
        if first == 0
        else "patch in row {}, column {}".format(*(1 + i for i in divmod(first - 1, 14)))
    )
    said = explorer.page.locator(".unseen")
    expect(said).to_have_text(re.compile("^Patch in row 1, column 1, layer 4, head 3, attends to: "))
    spoken = said.inner_text()
    assert f"{place}, weight {row[first]:.6f}, rank 1" in spoken
    for role in ("stage", "overview-box", "matrix-box"):
        assert explorer.page.locator(f".{role}").get_attribute("aria-label")


def test_the_table_says_all_of_it(open_explorer):
    explorer = open_explorer()
    explorer.choose(1, 5)
    explorer.pin(20)
    explorer.page.get_by_text("As a table").click()
    explorer.page.locator(".as-table tbody td").first.wait_for()
    cells = explorer.page.locator(".as-table tbody td").all_inner_texts()
    assert len(cells) == 197 * 3
    row = explorer.trace.attn[1, 5, 20]
    assert cells[1::3] == [explorer.label(i) for i in strongest(row, 197)]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 820, 390])
def test_nothing_is_cut_at_any_width(open_explorer, width: int, dark: bool):
    explorer = open_explorer("distilled", width=width, dark=dark)
    explorer.pin(30)
    explorer.page.locator(".strongest button").first.click()
    explorer.page.locator(".more summary").click()
    cut = explorer.page.locator(".explorer").evaluate(
        """root => Array.from(root.querySelectorAll('*')).filter(element => {
             if (element.closest('.unseen, .scroll') || !element.getClientRects().length) return false;
             const [box, outer] = [element.getBoundingClientRect(), root.getBoundingClientRect()];
             const outside = box.right > outer.right + 6 || box.left < outer.left - 6;
             return outside || element.scrollWidth > element.clientWidth + 6;
           }).map(element => element.className)"""
    )
    assert cut == []
    assert overflow(explorer.page) == 0


# what could be wrong unseen: (module, right, wrong, the check that must see it)
BREAKAGES = {
    "attention transposed": (
        "attention_maps",
        'direction === "to") rows',
        'direction !== "to") rows',
        check_hover,
    ),
    "one scale for a head": ("weight_rows", "* this.scale[row]", "* this.scale[0]", check_hover),
    "a code taken for its share": ("weight_rows", "(code / 255) ** 2", "code / 255", check_hover),
    "prefix taken for a patch": ("photo_stage", "weights[numPrefix + patch]", "weights[patch]", check_hover),
    "matrix transposed": (
        "matrix_canvas",
        "codes[first + key]",
        "codes[key * numPatches + query - numPrefix]",
        check_matrix,
    ),
    "rounded numbers printed": (
        "number_writer",
        "const { values } = arrays.numbers.arrays.attn;",
        "const values = arrays.numbers.arrays.attn.values.map((weight) => Math.round(weight * 255) / 255);",
        check_strongest,
    ),
    "another head's numbers": ("route_source", "${layer}/${head}`;", "${layer}/0`;", check_strongest),
    "no division by √K": ("measures", "Math.sqrt(K)", "1", check_arithmetic),
    "softmax over the column": ("measures", "exp(dot(other)", "exp(dot(key)", check_arithmetic),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_deliberate_breakage_is_seen(open_explorer, name: str):
    module, right, wrong, check = BREAKAGES[name]
    explorer = open_explorer("wide")

    def break_it(route) -> None:
        source = route.fetch().text()
        assert right in source
        route.fulfill(body=source.replace(right, wrong), content_type="text/javascript")

    explorer.page.route(f"**/{module}.js*", break_it)
    explorer.trace = find_trace("bundled")
    explorer.page.goto(explorer.page.url.replace("wide", "bundled"))
    settle(explorer.page)
    explorer.wait()
    with pytest.raises(AssertionError):
        check(explorer)


@pytest.fixture
def saved_page(tmp_path, chromium) -> Iterator:
    """The explorer of a notebook, opened as a file; anything it fetches fails the test."""
    trace = find_trace("wide")
    file = tmp_path / "explorer.html"
    file.write_text(attention_explorer(trace, layer=2).to_html(), encoding="utf-8")
    page = chromium.new_page()
    fetched, errors = [], []
    page.on("request", lambda request: fetched.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    yield Explorer(page, trace).wait()
    page.close()
    assert fetched == [file.as_uri()]
    assert errors == []


def test_the_notebooks_page_needs_nothing_else(saved_page):
    explorer = saved_page
    explorer.pin(40)
    explorer.page.mouse.move(0, 0)
    row = explorer.trace.attn[2, 0, 40]
    assert explorer.strongest() == [(explorer.label(i), f"{row[i]:.6f}") for i in strongest(row)]
    explorer.page.locator(".strongest button").first.click()
    assert line(explorer, "weight") == pytest.approx(row.max(), abs=1.1e-6)


def test_the_notebooks_page_says_which_numbers_it_holds(saved_page):
    explorer = saved_page
    explorer.page.locator(".overview-box").press("ArrowRight")
    note = explorer.page.locator(".readouts .note")
    note.get_by_text("This file holds the numbers of layer 3 only.").wait_for()
    assert explorer.overlay()[..., 3].max() > 110
    explorer.page.locator(".overview-box").press("ArrowLeft")
    explorer.wait()
