"""Sentences and tables of the Training page, each number worked out by hand."""

from dataclasses import replace

import numpy as np

from vit_viz.analysis.answer import Guess
from vit_viz.analysis.cost import Sizes, forward_flops
from vit_viz.experiments.finetune import Head
from vit_viz.experiments.variants import variants
from vit_viz.training_record.log import TrainingCurve
from vit_viz.training_record.stages import Stage
from vit_viz.ui.parts.training_tables import resolution_table, variant_table
from vit_viz.ui.words.training import (
    about_the_stages,
    formula,
    gain_is,
    head_size,
    judged,
    logged_checks,
    logged_training,
    memorised,
    missing_photos,
    price_of_ignorance,
    price_of_resolution,
    refused_files,
    sizes_on_the_way,
    too_many,
    try_it,
)


def head(loss, held_out) -> Head:
    return Head(
        weight=np.zeros((2, 3)),
        bias=np.zeros(2),
        loss=np.array(loss),
        held_out_loss=None if held_out is None else np.array(held_out),
        guesses=np.zeros(4, int),
        learning_rate=0.1,
    )


def test_ignorance_costs_the_logarithm_of_the_classes():
    cat, dog = Guess(0, "cat, tom", 0.5), Guess(1, "dog", 0.25)
    said = price_of_ignorance(dog, cat, 1000)
    assert "ln 1000 = 6.91" in said
    assert "With dog as the true class this photo costs −ln 0.25 = 1.39" in said
    assert said.endswith("had its first answer been true, cat, 0.69.")
    assert price_of_ignorance(cat, cat, 1000).endswith("−ln 0.5 = 0.69: it is the model's first answer.")
    unsure = Guess(0, "cat", 0.1583)  # −ln 0.158 would be 1.85
    assert "costs −ln 0.158 ≈ 1.84:" in price_of_ignorance(unsure, unsure, 1000)


def stage(name: str, views: int) -> Stage:
    return Stage(
        stage=name,
        starts_from="random weights",
        views=views,
        minutes=1,
        loss="labels",
        watched=None,
        agreement=None,
        never_seen=None,
        top1=None,
    )


CURVE = TrainingCurve(
    views=np.array([128, 1000, 60160]),
    loss=np.array([4.5, 3.0, 2.25]),
    goals={},
    sizes=np.array([160, 224, 224]),
    top1_views=np.array([1, 2]),
    top1=np.array([0.1, 0.6]),
)


def test_log_goes_from_its_first_line_to_its_last():
    said = logged_training(
        CURVE,
        [
            stage("a", 100),
            replace(stage("b", 250), starts_from="a"),
            replace(stage("beside", 999), starts_from="a"),
            replace(stage("c", 60160), starts_from="b"),
        ],
    )
    assert (
        "of c alone, the last of the bundled model's 4 stages. It starts from b, after about 350 views"
        in said
    )
    assert "from 4.50 at its first line to 2.25 at its last, at 60,160 views" in said
    assert "of the bundled model, a, which starts from random weights" in logged_training(
        CURVE, [stage("a", 60160)]
    )


def test_the_teachers_own_share_stands_beside_the_stages():
    said = about_the_stages([stage("a", 100), stage("b", 250)], 0.4901)
    assert said.startswith("2 runs")
    assert "the class that the photo is of (the teacher's is on 49.0%)." in said
    assert "the teacher's is" not in about_the_stages([stage("a", 100)], None)
    because = "right more often than its teacher because"
    assert because in about_the_stages([replace(stage("a", 100), top1=0.6)], 0.4901)
    assert because not in about_the_stages([replace(stage("a", 100), top1=0.4)], 0.4901)
    assert because not in said


def test_checks_say_what_they_were_made_on():
    said = logged_checks(CURVE, 256, 0.4409, 719)
    assert "On 256 labelled photos kept out of this stage its first guess was right 10% of the time" in said
    assert "60% at the last" in said
    assert "On 719 photos that none has seen, the bundled model is right 44.1% of the time" in said
    assert "none has seen" not in logged_checks(CURVE, 256, None, 0)


def test_sizes_of_the_pictures_on_the_way():
    assert sizes_on_the_way(CURVE) == "The pictures were 160 px wide, from 1,000 views on 224 px."
    same = replace(CURVE, sizes=np.array([224, 224, 224]))
    assert sizes_on_the_way(same) == "The pictures were 224 px wide."


def test_resolution():
    sizes = Sizes(depth=12, embed_dim=192, mlp_dim=768, patch_size=16, num_prefix_tokens=1, num_classes=1000)
    said = price_of_resolution(sizes, 224)
    assert "448 px, makes 785 tokens instead of 197 and costs" in said
    assert f" costs {forward_flops(sizes, 448) / forward_flops(sizes, 224):.1f} times" in said


def test_missing_photos():
    assert "no class has photos so far" in missing_photos(["a", "b"], [0, 0])
    assert "one class has photos so far" in missing_photos(["a", "b"], [3, 0])
    assert missing_photos(["a", "b", "c"], [3, 1, 0]).startswith("c has no photos")
    assert missing_photos(list("abcde"), [3, 1, 0, 0, 0]).startswith("c, d and e have no photos")
    assert missing_photos(["a", "b", "a"], [3, 1, 2]).startswith("Two classes are called a")
    assert missing_photos(["a", "b"], [3, 1]) == ""


def test_refused_files():
    assert refused_files([]) == ""
    assert refused_files([("a.txt", "Why.")]) == "1 file was left out. a.txt: Why. The others are kept."
    many = refused_files([(f"{number}.txt", "Why.") for number in range(5)])
    assert many.startswith("5 files were left out.")
    assert "And 2 more." in many
    assert "500 photos came; a class takes up to 20, so 18 of them" in too_many(500, 18, 20)


def test_judged_and_learnt():
    said = judged(np.array([[3, 1], [0, 4]]))
    assert "7 of 8 photos are named right (88%); guessing gets 50%" in said
    assert "3 × 192 weights and 3 biases, 579 numbers" in head_size(3, 192, 3_048_232)
    assert "3.0 million stay" in head_size(3, 192, 3_048_232)


def test_memorised():
    said = memorised(head([1.0, 0.5, 0.1], [1.0, 0.75, 1.25]))
    assert "falls from 1.00 to 0.10" in said
    assert "lowest at step 1 (0.75) and ends at 1.25" in said
    assert "more steps might still help" in memorised(head([1.0, 0.5], [1.0, 0.8]))
    assert "hardly anything left to learn" in memorised(head([1.0, 0.01], [1.0, 0.01]))
    assert "none to judge" in memorised(head([1.0, 0.5], None))


def test_tables_are_computed(bundled):
    rows = variant_table(variants())
    assert [row["Model"] for row in rows] == ["Ti/16", "S/16", "B/16", "L/16", "H/14", "g/14"]
    base = rows[2]
    assert (base["Layers"], base["Width"], base["MLP"], base["Heads"]) == (12, 768, 3072, 12)
    assert base["Parameters, M"] == 86.6
    from vit_viz.experiments.variants import sizes_of

    table = resolution_table(sizes_of(bundled), bundled.info)
    assert [row["Side, px"] for row in table] == [224, 336, 448, 560, 672]
    assert [row["Tokens"] for row in table][:3] == [197, 442, 785]
    assert table[0]["Times"] == 1
    assert [row["Positions"] for row in table][:2] == ["as they are", "interpolated"]


def test_formula_is_the_step_that_is_taken():
    assert formula(192, 1000).splitlines() == [
        "loss = −ln p(true class)",
        "W ← W − η yᵀ (p − t)",
        "b ← b − η (p − t)",
        "W: 192 × 1000; t: 1 for the true class, else 0",
    ]
    assert formula(192, "classes", has_bias=False).splitlines()[1:] == [
        "W ← W − η yᵀ (p − t)",
        "W: 192 × classes; t: 1 for the true class, else 0",
    ]
    assert formula(192, 1000, two_heads=True).splitlines()[1:] == [
        "W ← W − η yᵀ (p − t) / 2; the same for W′ with y′",
        "b ← b − η (p − t) / 2; the same for b′",
        "W and W′: 192 × 1000; t: 1 for the true class, else 0",
    ]


def test_what_the_gain_is_follows_the_head():
    said = [
        gain_is(two_heads=two_heads, has_bias=has_bias).replace("\u2060", "").replace("\u00a0", " ")
        for two_heads in (False, True)
        for has_bias in (True, False)
    ]
    assert [text.split(",")[0] for text in said] == [
        "|y|² + 1",
        "|y|²",
        "(|y|² + |y′|² + 2) / 4",
        "(|y|² + |y′|²) / 4",
    ]


def test_try_it_names_what_the_page_has():
    whole = try_it(names_classes=True, others=True)
    assert whole.startswith("Choose a class that the photo does not show")
    assert "Show the other samples, too" in whole
    assert "other samples" not in try_it(names_classes=True, others=False)
    for others in (True, False):
        assert try_it(names_classes=False, others=others) == (
            "Train on the ready set: does the head learn shapes, or its pictures by heart?"
        )
