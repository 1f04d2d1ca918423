// Thumbnails as buttons; a click tells Python the tile's name.

export default function strip({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".strip") ?? addList(parentElement);
  const buttons = data.tiles.map((tile) =>
    thumbnail(tile, tile.name === data.selected, () => setTriggerValue("picked", tile.name)),
  );
  const focused = list.querySelector(":focus")?.dataset.name;
  list.replaceChildren(...buttons);
  buttons.find((button) => button.dataset.name === focused)?.focus();
}

function addList(parent) {
  const list = document.createElement("div");
  list.className = "strip";
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "Sample pictures");
  parent.append(list);
  return list;
}

function thumbnail(tile, pressed, onClick) {
  const button = document.createElement("button");
  const image = document.createElement("img");
  image.src = tile.image;
  image.alt = tile.alt;
  button.type = "button";
  button.title = tile.title;
  button.dataset.name = tile.name;
  button.setAttribute("aria-pressed", String(pressed));
  button.addEventListener("click", onClick);
  button.append(image);
  return button;
}
