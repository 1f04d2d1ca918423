import { span, swell } from "./easing.js";
import { colourKey } from "./colour_key.js";
import { squareBox } from "./matrix_places.js";
import { faint, label, matrix, rowFrame, shape } from "./objects.js";
import { weightsOf } from "./numbers_of.js";
import { rowBars, rowFacts, rowName } from "./row_over_matrix.js";
import { axesText, valuesAside } from "./scene_scores.js";
import { waiting } from "./stream.js";

export const softmaxScene = {
  id: "softmax",
  seconds: 10,
  timing: {
    S: "off",
    A: "off",
    Slabel: [0.6, 0.66],
    Alabel: [0.66, 0.74],
    key: [0.5, 0.56, 0.76, 0.84],
    axes: [0, 0.1],
    rowbars: "off",
    rowname: "off",
    sum: [0.44, 0.52],
    most: [0.48, 0.56],
    photo: [0.3, 0.5],
    chip: [0.3, 0.5],
  },
  end(film, place) {
    const box = squareBox(place);
    const name = film.say("all_weights");
    const note = shape(film.T, film.T);
    return [
      ...waiting(film, place, { weights: weightsOf(film, film.token), heat: 1 }),
      matrix(film, "A", "attn", box, { axes: "both" }),
      label("Alabel", box, name, { color: "attention", note }),
      ...(place.narrow ? [] : colourKey(film, place, box, "attn", `${name} ${note}`)),
      rowFrame(film, "Srow", box, film.token),
      ...(place.narrow ? [] : [axesText(film, place, box)]), // there the row's facts stand below it
      rowBars(film, place, 1),
      rowName(film, place, film.say("weights")),
      ...rowFacts(film, place),
      ...valuesAside(film, place),
    ];
  },
  during(film, place, t) {
    const mix = span(t, 0.58, 0.76);
    return [
      matrix(film, "S", "scores", squareBox(place), { axes: "both", source2: "attn", mix }),
      ...faint([rowBars(film, place, span(t, 0.28, 0.5))], span(t, 0.02, 0.1)),
      ...faint([rowName(film, place, film.say("scores"), "rowbefore")], swell(t, 0.02, 0.1, 0.28, 0.34)),
      ...faint([rowName(film, place, film.say("weights"))], span(t, 0.46, 0.52)),
    ];
  },
};
