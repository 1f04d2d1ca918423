"""What the journey's browser tests share: scrubbing, reading the stage, comparing frames."""

SCENES = 18
RESTS = 3  # in scenes whose arithmetic stands for a while

# the slider is what a reader moves; an input event is all it gives
SCRUB = """(journey, moment) => {
  const slider = journey.querySelector(".bars input");
  slider.value = String(moment);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""

# a frame's pixels, as one number: FNV-1a over the canvas
FRAMES = """async (journey, moments) => {
  const slider = journey.querySelector(".bars input");
  const canvas = journey.querySelector(".stage canvas");
  const context = canvas.getContext("2d");
  return moments.map((moment) => {
    slider.value = String(moment);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    const words = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return words.reduce((hash, word) => Math.imul(hash ^ word, 16777619), 2166136261);
  });
}"""


def journey_of(page):
    """The player, once its first frame is drawn."""
    journey = page.locator(".journey")
    journey.locator(".stage canvas").wait_for()
    journey.locator(".caption p").first.wait_for()
    # the chip is filled with the first film
    page.wait_for_function(
        "(element) => element.textContent !== ''", arg=journey.locator(".chip").element_handle()
    )
    return journey


# a neighbour's numbers are asked for when the MLP's, which come last, are there
WHOLE = """() => {
  const arrived = performance.getEntriesByType("resource").map(({ name }) => name);
  return arrived.filter((name) => name.includes("/head/")).length > 1;
}"""


def whole(journey) -> None:
    """Wait until all parts of the film have arrived."""
    journey.page.wait_for_function(WHOLE)


# a player that plays moves on in each of them
PASS_FRAMES = """async (journey, count) => {
  for (let i = 0; i < count; i += 1) await new Promise(requestAnimationFrame);
}"""


def pass_frames(journey, count: int) -> None:
    """Wait until so many frames have been drawn."""
    journey.evaluate(PASS_FRAMES, count)


def scrub(journey, moment: float) -> None:
    """Stand at scene + share of it."""
    journey.evaluate(SCRUB, moment)


def record(journey, kind: str) -> None:
    """Record the scene that is told now, as "WebM" or "GIF"."""
    journey.get_by_role("button", name="Record").click()
    journey.get_by_role("button", name=kind).click()


def numbers(journey) -> str:
    """The numbers that stand on the canvas now, as screen readers are told them."""
    return journey.locator(".unseen").text_content()


def moment(journey) -> str:
    """What the scrub bar says: number, title, percent."""
    return journey.locator(".bars input").get_attribute("aria-valuetext")


def frames(journey, moments: list[float]) -> list[int]:
    """A hash of the canvas at each moment, in this order."""
    return journey.evaluate(FRAMES, moments)


# frames as soon as the last is drawn, each a tenth of a second later: the most that the player takes at once
FAST_FRAMES = """() => {
  let now = performance.now();
  window.requestAnimationFrame = (act) => setTimeout(() => act((now += 100)), 0);
  window.cancelAnimationFrame = clearTimeout;
}"""


def play_through(page, journey) -> str:
    """Press Play on a page with fast frames until the story stands still; returns where."""
    page.evaluate(FAST_FRAMES)
    journey.get_by_role("combobox", name="Speed").select_option("4")
    journey.get_by_role("button", name="Play through").click()
    journey.get_by_role("button", name="Play", exact=True).click()
    journey.get_by_role("button", name="Pause").wait_for(state="detached", timeout=120_000)
    return moment(journey)
