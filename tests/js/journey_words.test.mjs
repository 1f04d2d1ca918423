// Captions hold this model's own numbers, and say what is different about it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { answers } from "../../vit_viz/components/browser/journey/answers.js";
import { meaning } from "../../vit_viz/components/browser/journey/keys.js";
import { oneNumber } from "../../vit_viz/components/browser/journey/one_number.js";
import { places } from "../../vit_viz/components/browser/journey/places.js";
import { SCENES } from "../../vit_viz/components/browser/journey/scenes.js";
import { differences, plain, sceneWords, variables } from "../../vit_viz/components/browser/journey/words.js";
import { FILMS, STRINGS, film } from "./journey_film.mjs";

const LOCALES = new URL("../../vit_viz/locales/", import.meta.url);
const languages = readdirSync(LOCALES)
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, LOCALES))).journey])
  .filter(([, strings]) => strings);

test("every placeholder of every caption is filled, in every language and for every kind of model", () => {
  for (const [language, strings] of languages) {
    for (const [name, options] of Object.entries(FILMS)) {
      const made = film(options);
      for (const { id } of SCENES) {
        const words = sceneWords(strings.scenes[id], made);
        for (const [part, text] of Object.entries(words)) {
          assert.doesNotMatch(
            text,
            /[{}]|undefined|NaN|null/,
            `${language}, ${name}, ${id}.${part}: ${text}`,
          );
          assert.doesNotMatch(plain(text), /\]\(/, `${language}, ${id}.${part}: unknown concept`);
        }
        for (const part of ["title", "short", "caption", "shape"])
          assert.notEqual(words[part], "", `${language}, ${id}.${part}`);
      }
    }
  }
});

test("all languages have the keys of English", () => {
  const keys = (value, path = "") =>
    typeof value === "object"
      ? Object.entries(value).flatMap(([key, part]) => keys(part, `${path}.${key}`))
      : [path];
  for (const [language, strings] of languages)
    assert.deepEqual(keys(strings).sort(), keys(STRINGS).sort(), language);
});

test("the numbers are those of the model", () => {
  const values = variables(
    film({ grid: [3, 9], patch: [4, 4], prefixNames: ["CLS"], D: 12, H: 3, K: 4, L: 2 }),
  );
  assert.deepEqual([values.N, values.T, values.PP3, values.width, values.height], [27, 28, 48, 36, 12]);
  const scores = sceneWords(STRINGS.scenes.scores, film({ K: 4 }));
  assert.equal(scores.formula, "S = Q Kᵀ / √4");
  assert.equal(scores.shape, "21 × 21");
});

/** The film's differences, less those that come with the choice of token and layer. */
const CHOSEN = ["not_read", "is_read", "none_read", "is_one_read", "later_layer"];
const kindOf = (made) => differences(made).filter((way) => !CHOSEN.includes(way));

test("names that are assumed are said to be, in every language", () => {
  for (const [language, strings] of languages) {
    const said = (meta) => sceneWords(strings.scenes.answer, film({ meta })).different;
    assert.match(said({ assumed_names: true }), /ImageNet/, language);
    assert.doesNotMatch(said({ assumed_names: false }), /ImageNet/, language);
  }
});

test("what is different is said, and only where it is", () => {
  assert.deepEqual(differences(film()), ["later_layer", "not_read"]);
  assert.deepEqual(differences(film({ selection: { token: 0, layer: 0 } })), ["is_read"]);
  assert.deepEqual(kindOf(film(FILMS.registers)), ["registers"]);
  assert.deepEqual(kindOf(film(FILMS.distilled)), ["distilled", "two_heads"]);
  assert.deepEqual(kindOf(film(FILMS["no CLS, average"])), ["no_cls", "avg_pool"]);
  assert.deepEqual(kindOf(film(FILMS["no CLS, attention pooling, no classes"])), [
    "no_cls",
    "no_classifier",
    "map_pool",
  ]);
  assert.deepEqual(kindOf(film(FILMS["registers only"])), ["registers_only", "avg_pool"]);
  assert.deepEqual(kindOf(film(FILMS["numbers without names"])), ["no_names", "no_classifier"]);
  assert.deepEqual(kindOf(film(FILMS["rotary only"])), ["only_rotary", "qk_norm"]);
  assert.deepEqual(kindOf(film(FILMS["norms inside"])), ["embed_norm", "concat_normed", "concat_gated", "mlp_normed"]);
  assert.deepEqual(kindOf(film(FILMS["no label"])), ["no_label"]);
  assert.match(sceneWords(STRINGS.scenes.cls, film(FILMS["no CLS, average"])).caption, /has none/);
  assert.match(sceneWords(STRINGS.scenes.position, film(FILMS["rotary only"])).caption, /rotary/);
  assert.match(
    sceneWords(STRINGS.scenes.answer, film(FILMS["no CLS, attention pooling, no classes"])).caption,
    /ends at these 12 features/,
  );
  assert.match(
    sceneWords(STRINGS.scenes.answer, film(FILMS["no CLS, average"])).caption,
    /mean of its 20 patches/,
  );
});

test("of two classifiers each reads a row of its own, and the stage says so", () => {
  const answer = (token) => sceneWords(STRINGS.scenes.answer, film({ ...FILMS.distilled, selection: { token } }));
  assert.match(answer(7).different, /what CLS and DIST took/);
  for (const token of [0, 1]) assert.equal(answer(token).different, "One of them is the row that was followed.");
  assert.equal(answer(7).shape, "2 × 12 → 1 × 10");
  const place = places({ width: 1200, height: 700 }, film(FILMS.distilled));
  const said = answers(film(FILMS.distilled), place, 1).map(({ text }) => text);
  assert.equal(said[0], "logits = (y W + b + y′ W′ + b′) / 2, then softmax");
  assert.equal(said[1], "y′ of DIST; each class: its logit, its probability");
});

test("a bias is added to the one number only where the projection has one", () => {
  const said = (biases) => {
    const made = film({ meta: { biases } });
    return oneNumber(made, places({ width: 1200, height: 700 }, made), 0.5, 0.9).map(({ text }) => text);
  };
  assert.ok(said(["embed"]).includes("sum of 48 products, plus the bias"));
  assert.ok(said([]).includes("sum of 48 products"));
});

test("what is pooled are all tokens where the prefix tokens are among them", () => {
  const pooled = (pools_prefix) => film({ meta: { pool: "map", read_token: -1, read_rows: 0, pools_prefix }, without: ["read_row"] });
  const looks = (made) => sceneWords(STRINGS.scenes.layers, made).caption;
  assert.match(looks(pooled(false)), /where the mean patch looks/);
  assert.match(looks(pooled(true)), /where the mean token looks/);
  assert.match(sceneWords(STRINGS.scenes.answer, pooled(false)).caption, /gathers the patches into/);
  assert.match(sceneWords(STRINGS.scenes.answer, pooled(true)).caption, /gathers all 21 tokens into/);
});

test("CLS gathers the answer only where it is read", () => {
  const cls = (made) => sceneWords(STRINGS.scenes.cls, made).caption;
  assert.match(cls(film()), /It will gather the answer\.$/);
  assert.match(cls(film({ meta: { pool: "avg", read_token: -1, read_rows: 0 }, without: ["read_row"] })), /pools it from many rows\.$/);
});

test("numbers without names are no features", () => {
  const said = (made) => SCENES.at(-2).end(made, places({ width: 1200, height: 700 }, made)).map(({ text }) => text);
  assert.ok(said(film(FILMS["numbers without names"])).includes("y W + b: 10 numbers without class names"));
  const featuresOnly = film(FILMS["no CLS, attention pooling, no classes"]);
  assert.ok(said(featuresOnly).includes("no classifier: the features are the answer"));
});

test("formulas hold this model's own steps, rows times weights, numbered as in the paper", () => {
  const formula = (id, made) => sceneWords(STRINGS.scenes[id], made).formula;
  const made = film({ selection: { layer: 1 } });
  assert.equal(formula("qkv", made), "Q, K, V = LN(z₁) W + b,  W : 12 × 4");
  assert.equal(formula("residual", made), "z′₂ = MSA(LN(z₁)) + z₁");
  assert.equal(formula("mlp", made), "z₂ = MLP(LN(z′₂)) + z′₂,  MLP(x) = GELU(x W₁ + b₁) W₂ + b₂");
  assert.equal(formula("answer", made), "y = LN(z₂)[CLS],  p = softmax(y W + b),  W : 12 × 10");
  assert.equal(formula("position", made), "z₀ = [cls; xₚ E + b] + Eₚₒₛ");
  assert.equal(formula("position", film(FILMS.registers)), "z₀ = [cls; reg; xₚ E + b] + Eₚₒₛ");
  assert.equal(formula("position", film(FILMS["registers only"])), "z₀ = [reg; xₚ E + b] + Eₚₒₛ");
  assert.equal(formula("position", film(FILMS["no CLS, average"])), "z₀ = xₚ E + b + Eₚₒₛ");
  assert.equal(formula("position", film({ meta: { has_norm_pre: true } })), "z₀ = LN([cls; xₚ E + b] + Eₚₒₛ)");
  assert.equal(formula("answer", film(FILMS["numbers without names"])), "y W + b,  W : 12 × 10");
  const inside = film({ ...FILMS["norms inside"], selection: { layer: 1 } });
  assert.match(formula("embedded", inside), /^norm\(xₚ E \+ b\)/);
  assert.equal(formula("heads", inside), "(g ⊙ norm([O₁ … O₃])) Wₒ + b,  Wₒ : 12 × 12");
  assert.equal(formula("mlp", inside), "z₂ = MLP(LN(z′₂)) + z′₂,  MLP(x) = norm(GELU(x W₁ + b₁)) W₂ + b₂");
  const both = film({ meta: { mlp_gated: true, mlp_norm_inside: true, act: "SiLU" } });
  assert.match(formula("mlp", both), /MLP\(x\) = norm\(SiLU\(x W₁ \+ b₁\) ⊙ \(x W₁′ \+ b₁′\)\) W₂ \+ b₂$/);
  const first = film({ meta: { mlp_gated: true, mlp_norm_first: true } });
  assert.match(formula("mlp", first), /MLP\(x\) = \(GELU\(n W₁ \+ b₁\) ⊙ \(n W₁′ \+ b₁′\)\) W₂ \+ b₂, {2}n = norm\(x\)$/);
  const bare = film({ meta: { norm: "", biases: [], has_final_norm: false } });
  assert.equal(formula("projection", bare), "e = xₚ E,  E : 48 × 12");
  assert.equal(formula("qkv", bare), "Q, K, V = z₁ W,  W : 12 × 4");
  assert.equal(formula("residual", bare), "z′₂ = LN(MSA(z₁)) + z₁");
  assert.equal(formula("answer", bare), "y = z₂[CLS],  p = softmax(y W),  W : 12 × 10");
});

test("tokens that get no position are named", () => {
  const said = (placeless) => {
    const made = film(FILMS.registers);
    const { values } = made.array("pos");
    values.fill(0.5);
    values.fill(0, made.D, (1 + placeless) * made.D); // of so many registers
    return sceneWords(STRINGS.scenes.position, made).different;
  };
  assert.equal(said(0), "");
  assert.equal(said(2), "Only patches have a place in the picture: no position is added to REG 1, REG 2.");
});

test("a followed patch ends where CLS is read; a followed CLS is the row that is read", () => {
  const said = (token) => sceneWords(STRINGS.scenes.answer, film({ selection: { token } })).different;
  assert.match(said(0), /It is the row that was followed/);
  assert.match(said(7), /The followed row, patch \(2, 2\), ends here/);
});

test("the last training run is told as its card tells it", () => {
  const training = { run: "v9", teacher: "a teacher", started_from: "v8" };
  const { caption, different } = sceneWords(STRINGS.scenes.training, film({ meta: { training } }));
  assert.match(caption, /last training run, v9\./);
  assert.match(different, /^v9 did not minimise this loss alone: .* its teacher \(a teacher\)/);
  assert.match(different, /weights of v8/);
  assert.equal(sceneWords(STRINGS.scenes.training, film()).different, "");
});

test("keys mean what the list says, and leave controls their own", () => {
  const key = (name, more = {}, tag = "DIV", scrubbing = false) =>
    meaning({ key: name, ...more }, tag, scrubbing);
  assert.deepEqual(key(" "), { name: "play" });
  assert.deepEqual(key("ArrowLeft"), { name: "back" });
  assert.deepEqual(key("7"), { name: "jump", value: 7 });
  assert.deepEqual(key("?", { shiftKey: true }), { name: "keys" });
  assert.deepEqual(key("ArrowUp", { shiftKey: true }), { name: "walk", value: "ArrowUp" });
  assert.deepEqual(key("ArrowRight", {}, "INPUT", true), { name: "forward" });
  assert.equal(key("ArrowRight", {}, "INPUT"), null);
  assert.equal(key(" ", {}, "BUTTON"), null);
  assert.equal(key("ArrowRight", { ctrlKey: true }), null);
  assert.equal(key("0"), null);
  assert.equal(key("x"), null);
});

test("every string of stage and controls is used somewhere", () => {
  const folder = new URL("../../vit_viz/components/browser/journey/", import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith(".js"));
  const source = sources.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  for (const key of Object.keys({ ...STRINGS.stage, ...STRINGS.controls })) {
    assert.match(source, new RegExp(`"${key}"|(words|controls)\\.${key}\\b|\\b${key}: \\(`), key);
  }
});
