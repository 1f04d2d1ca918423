import { adding } from "./adding.js";
import { span, swell } from "./easing.js";
import { streamBox } from "./matrix_places.js";
import { label, matrix, rowFrame, shape, text } from "./objects.js";
import { tokensName } from "./scene_cls.js";
import { restingStream, streamName } from "./stream.js";

const AWAY = [0, 0.05, 0.94, 1];

export const positionScene = {
  id: "position",
  seconds: 8,
  timing: { Z: "off", Zlabel: "off", prefixname: AWAY, row: "off", link: AWAY, key: AWAY },
  end: (film, place) => restingStream(film, place, "resid_in", streamName(film, 0)),
  during(film, place, t) {
    if (!film.positions) return withoutPositions(film, place, t);
    const from = streamBox(place);
    return adding(
      film,
      place,
      t,
      {
        left: { source: "tokens", from, name: tokensName(film), label: "Zlabel" },
        right: {
          id: "pos",
          source: "pos",
          from: { ...from, x: place.width + 20 },
          name: film.say("positions"),
          color: "position",
        },
        sum: { source: "resid_in", name: streamName(film, 0) },
      },
      { meet: [0.02, 0.28], slide: [0.48, 0.7], grow: [0.72, 0.97] },
    );
  },
};

function withoutPositions(film, place, t) {
  const box = streamBox(place);
  const note = shape(film.T, film.D);
  const said = [film.say("no_positions"), ...(film.meta.kind.rotary ? [film.say("rotary_later")] : [])].join("; ");
  return [
    matrix(film, "Z", "tokens", box, { source2: "resid_in", mix: span(t, 0.3, 0.6) }),
    rowFrame(film, "row", box, film.token),
    label("Zlabel", box, tokensName(film), { note, alpha: 1 - span(t, 0.02, 0.1) }),
    label("Zlabel", box, streamName(film, 0), { note, alpha: span(t, 0.9, 0.98) }),
    text("nopos", box.x, box.y - 8, said, { most: box.w, alpha: swell(t, 0.1, 0.2, 0.8, 0.88) }),
  ];
}
