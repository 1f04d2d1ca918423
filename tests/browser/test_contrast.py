"""Every text that a reader sees stands out from what is behind it: 4.5 to 1, large text 3 to 1 (WCAG AA)."""

import pytest

from tests.serving import at_rest, until
from vit_viz.ui.navigation import PAGES, page_path

LEAST_TEXTS = 100  # every page shows more

# texts below the bound with their contrast, and how many were looked at; within the components, too
PALE = """() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (ink, ground) => {
    const [light, dark] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const above = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const behind = (element) => {
    const layers = [];
    let opacity = 1;
    for (let node = element; node; node = above(node)) {
      const style = getComputedStyle(node);
      opacity *= Number(style.opacity);
      layers.unshift(rgba(style.backgroundColor));
    }
    return { ground: layers.reduce((below, layer) => over(layer, below), [255, 255, 255]), opacity };
  };
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const texts = (root) => [...root.querySelectorAll("*:not(style, script, noscript)")].flatMap((element) => [
    ...(element.shadowRoot ? texts(element.shadowRoot) : []), ...(hasText(element) ? [element] : []),
  ]);
  const isSeen = (element) => {
    const { width, height } = element.getBoundingClientRect();
    const how = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
    const isIdle = element.closest("[disabled], [aria-disabled=true]");
    return width > 1 && height > 1 && element.checkVisibility(how) && !isIdle;
  };
  const seen = texts(document.body).filter(isSeen);
  const pale = seen.flatMap((element) => {
    const style = getComputedStyle(element);
    const { ground, opacity } = behind(element);
    const [r, g, b, a] = rgba(element instanceof SVGElement ? style.fill : style.color);
    const found = contrast(over([r, g, b, a * opacity], ground), ground);
    const least = parseFloat(style.fontSize) < 24 ? 4.5 : 3;
    return found < least ? [`${found.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`] : [];
  });
  return [pale, seen.length];
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_texts_stand_out_from_what_is_behind_them(open_page, name: str, dark: bool) -> None:
    page = open_page(page_path(name), dark=dark)
    until(page, lambda: page.evaluate(PALE), lambda found: found[1] > LEAST_TEXTS)
    pale, count = at_rest(page, lambda: page.evaluate(PALE), pause_ms=1000)  # charts and numbers come late
    assert pale == []
    assert count > LEAST_TEXTS
