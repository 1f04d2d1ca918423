import { adding } from "./adding.js";
import { headPlaces } from "./matrix_places.js";
import { attnTerm, before, between, restingStream } from "./stream.js";

export const residualScene = {
  id: "residual",
  seconds: 7,
  timing: {
    leaving: [0, 0.1],
    parked: "off",
    parkedlabel: [0, 0.05],
    attnout: "off",
    attnlabel: "off",
    Z: "off",
    Zlabel: "off",
    key: [0.94, 1],
    prefixname: [0.94, 1],
    row: "off",
    link: [0.94, 1],
  },
  end: (film, place) => restingStream(film, place, "resid_mid", between(film)),
  during: (film, place, t) =>
    adding(
      film,
      place,
      t,
      {
        left: { source: "resid_before", from: place.parked, name: before(film) },
        right: {
          id: "attnout",
          source: "attn_out",
          from: headPlaces(film, place).out,
          name: attnTerm(film),
          label: "attnlabel",
        },
        sum: { source: "resid_mid", name: between(film) },
      },
      { meet: [0.04, 0.34], slide: [0.48, 0.7], grow: [0.72, 0.97] },
    ),
};
