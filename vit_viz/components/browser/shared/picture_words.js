// What stands below a saved picture, and what its file is called.

const SITE = "ViT Viz";

/** The line below a picture. */
export function footer({ page, model, photo }) {
  return [page, model, photo && `photo: ${photo}`, SITE].filter(Boolean).join(" · ");
}

/** A file's name of page, photo and model: letters and digits of any script, words joined by dashes. */
export function fileName({ page, photo, model }, ending) {
  const parts = [page ?? SITE, photo?.replace(/\.\w{3,4}$/, ""), model].filter(Boolean).map(dashed).filter(Boolean);
  return `${parts.join("_")}.${ending}`;
}

function dashed(text) {
  return text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean).join("-");
}

/** Words in lines no wider than `width`; a word that is wider stands alone. `measure(text)` is a width. */
export function wrapped(text, width, measure) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
