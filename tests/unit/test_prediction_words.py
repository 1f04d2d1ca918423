"""Sentences of the Prediction page, each number worked out by hand."""

import numpy as np

from vit_viz.analysis.answer import Guess
from vit_viz.ui.words.prediction import (
    first_from,
    heads_sentence,
    likeness,
    margin,
    masked_sentence,
    prediction_formula,
    reading,
    strongest_patch,
    turned_sentence,
    weightiest_head,
    with_article,
)

CAT, DOG = Guess(0, "cat, house cat", 0.5), Guess(1, "dog", 0.25)


def test_what_the_classifier_reads():
    assert reading("token", ("CLS", "REG 1")) == "CLS"
    assert reading("token", ("CLS", "DIST")) == "CLS and DIST"
    assert reading("avg", ("CLS",)) == "mean of the patches"
    assert reading("map", ()) == "attention pooling"


def test_formula_has_the_models_sizes():
    assert "y: 192 numbers; W: 192 × 1000" in prediction_formula(
        "CLS", depth=12, embed_dim=192, num_classes=1000
    )
    assert "z₁₂" in prediction_formula("CLS", depth=12, embed_dim=192, num_classes=1000)
    assert (
        prediction_formula("CLS", depth=6, embed_dim=384, num_classes=0)
        == "features = norm(z₆), CLS: 384 numbers"
    )


def test_formula_has_the_norm_where_the_model_has_it():
    sizes = {"depth": 14, "embed_dim": 512, "num_classes": 0}
    assert prediction_formula("mean of the patches", **sizes, norms=(False, True)) == (
        "features = norm( mean of the patches of z₁₄ ): 512 numbers"
    )
    assert "= z₁₄, CLS:" in prediction_formula("CLS", **sizes, norms=(False, False))
    assert "= norm( CLS of norm(z₁₄) ):" in prediction_formula("CLS", **sizes, norms=(True, True))


def test_two_heads_are_two_in_the_formula():
    sizes = {"depth": 12, "embed_dim": 192, "num_classes": 1000}
    assert prediction_formula("CLS and DIST", **sizes, two_heads=True) == (
        "p = softmax( ( y W + b + y′ W′ + b′ ) / 2T ), y and y′ = norm(z₁₂), CLS and DIST\n"
        "y and y′: 192 numbers each; W and W′: 192 × 1000 each"
    )


def test_what_is_read_stands_in_a_sentence():
    assert with_article("mean of the patches") == "the mean of the patches"
    assert with_article("CLS and DIST") == "CLS and DIST"


def test_masked():
    assert masked_sentence(CAT, 0.125, 3, 196) == "Without 3 of 196 patches, cat goes from 50.0% to 12.5%."
    assert "every patch" in masked_sentence(CAT, 0.1, 196, 196)
    assert "Nothing is masked" in masked_sentence(CAT, 0.5, 0, 196)


def test_heads():
    assert heads_sentence(CAT, 0.4, 1) == "Without one head, cat goes from 50.0% to 40.0%."
    assert "Without 2 heads" in heads_sentence(CAT, 0.4, 2)
    assert "Every head is on" in heads_sentence(CAT, 0.5, 0)
    assert "cosine of 0.750" in turned_sentence(0.25, 3)


def test_margin_is_the_logits_difference():
    said = margin([CAT, DOG], np.array([2.0, 2.0 - np.log(2)]))
    assert "differ by 0.69" in said
    assert said.endswith("by a factor of e^0.69 ≈ 2.")  # e^0.69 is 1.99
    even = margin([CAT, DOG], np.array([2.0, 2.0 - 1.5]))
    assert even.endswith("by a factor of e^1.50 = 4.48.")


def test_lens_says_since_when():
    best = [DOG, CAT, DOG, CAT, CAT]
    assert first_from(best) == (
        "Read through the head, the stream says cat from layer 3 on; after layer 2 it still said dog (25.0%)."
    )
    assert "after the input it still said dog" in first_from([DOG, CAT])
    assert first_from([CAT, CAT]).endswith("says cat: no photo has been looked at.")
    assert first_from([CAT, CAT], from_patches=True).endswith("says cat: no patch has met another.")


def test_strongest_patch():
    probs = np.array([0.1, 0.6, 0.5, 0.2])
    said = strongest_patch(CAT, probs, (2, 2), "CLS")
    assert "patch (1, 2) says cat most clearly (60.0%)" in said
    assert "2 patches say it as clearly as CLS does (50.0%)" in said
    for read, whole in (
        ("CLS", "CLS does"),
        ("CLS and DIST", "CLS and DIST do"),
        ("mean of the patches", "the mean of the patches does"),
        ("attention pooling", "attention pooling does"),
    ):
        assert f"no patch says it as clearly as {whole} (" in strongest_patch(CAT, probs / 10, (2, 2), read)


def test_weightiest_head_speaks_once_all_are_measured():
    changes = {0: np.array([[-0.01], [0.02]]), 1: np.array([[-0.125], [0.03]])}
    (said,) = weightiest_head(changes, 2, CAT)
    assert "Of all 4 heads, head 1 of layer 2" in said
    assert "−12.5 points" in said
    assert "Of the others 2 raise it" in said
    assert weightiest_head({0: changes[0]}, 2, CAT) == []
    (gain,) = weightiest_head({0: np.array([[0.1]])}, 1, CAT)
    assert "No head" in gain


def test_likeness():
    said = likeness(np.array([1.0, 0.5, -0.25, 0.75]), 0, (2, 2))
    assert "most like patch (2, 2) (cosine 0.75), least like (2, 1) (−0.25)" in said
    assert "0.33" in said
