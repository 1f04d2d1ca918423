import { places } from "./places.js";
import { answerScene } from "./scene_answer.js";
import { batchScene, opening } from "./scene_batch.js";
import { clsScene } from "./scene_cls.js";
import { embeddedScene } from "./scene_embedded.js";
import { flattenScene } from "./scene_flatten.js";
import { headsScene } from "./scene_heads.js";
import { layersScene } from "./scene_layers.js";
import { mixScene } from "./scene_mix.js";
import { mlpScene } from "./scene_mlp.js";
import { patchesScene } from "./scene_patches.js";
import { pictureScene } from "./scene_picture.js";
import { positionScene } from "./scene_position.js";
import { projectionScene } from "./scene_projection.js";
import { qkvScene } from "./scene_qkv.js";
import { residualScene } from "./scene_residual.js";
import { scoresScene } from "./scene_scores.js";
import { softmaxScene } from "./scene_softmax.js";
import { trainingScene } from "./scene_training.js";
import { tween } from "./tween.js";

export const SCENES = [
  batchScene,
  pictureScene,
  patchesScene,
  flattenScene,
  projectionScene,
  embeddedScene,
  clsScene,
  positionScene,
  qkvScene,
  scoresScene,
  softmaxScene,
  mixScene,
  headsScene,
  residualScene,
  mlpScene,
  layersScene,
  answerScene,
  trainingScene,
];

export const LENGTHS = SCENES.map(({ seconds }) => seconds);

/** Where steps end: at a scene's end, and before it where its arithmetic stands for a while. */
export const STOPS = SCENES.map(({ rest }) => (rest ? [rest, 1] : [1]));

/** Everything on stage at time t of a scene: the same for the same arguments, whatever was shown before. */
export function layout(film, scene, t, size) {
  const place = places(size, film);
  const before = scene === 0 ? opening(film, place) : SCENES[scene - 1].end(film, place);
  if (t <= 0) return stacked(before, place);
  const { end, during, timing } = SCENES[scene];
  const after = end(film, place);
  if (t >= 1) return stacked(after, place);
  return stacked(
    [...tween(before, after, t, timing), ...during(film, place, t)].filter(({ alpha }) => alpha > 0),
    place,
  );
}

const IN_FRONT = new Set(["frame", "link", "chip", "text"]);

/** Marks and words over pictures and matrices, whichever was named first; curves only where there is room beside the photo. */
function stacked(objects, { narrow }) {
  const front = objects.filter(({ kind }) => IN_FRONT.has(kind) && !(narrow && kind === "link"));
  return [...objects.filter(({ kind }) => !IN_FRONT.has(kind)), ...front];
}
