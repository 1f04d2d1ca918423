import { adding } from "./adding.js";
import { span } from "./easing.js";
import { shape } from "./objects.js";
import { restingStream, streamName } from "./stream.js";
import { headPlaces } from "./scene_heads.js";

export const residualScene = {
  id: "residual",
  seconds: 7,
  timing: {
    parked: "off",
    parkedlabel: [0, 0.1],
    attnout: "off",
    attnlabel: [0, 0.1],
    map: [0, 0.16],
    mapname: [0, 0.1],
    chosenmap: [0, 0.1],
    photo: [0, 0.2],
    chip: [0, 0.2],
    Z: "off",
    Zlabel: [0.88, 1],
    prefixname: [0.9, 1],
    row: "off",
    link: [0.9, 1],
  },
  end: (film, place) => restingStream(film, place, "resid_mid", streamName(film, film.layer, "′")),
  during(film, place, t) {
    const note = shape(film.T, film.D);
    return adding(
      film,
      place,
      t,
      {
        left: { source: "resid_before", from: place.parked, name: streamName(film, film.layer), note },
        right: {
          id: "attnout",
          source: "attn_out",
          from: headPlaces(film, place).out,
          name: film.say("attn_out"),
          note,
        },
        sum: { id: "Z", source: "resid_mid" },
      },
      { meet: [0.04, 0.34], slide: [0.5, 0.76], grow: [0.84, 0.99] },
    ).map((object) =>
      object.id === "plus" ? { ...object, alpha: object.alpha * span(t, 0.2, 0.34) } : object,
    );
  },
};
