"""Words that a reader may meet here for the first time, each in a sentence or two."""

from collections.abc import Sequence

WORDS = {
    "CLS": "One extra row, learnt, the same for every photo. It has no pixels; the answer is read from it.",
    "Cosine": "The dot product of two rows, divided by both lengths: 1 where they point the same way, 0 at a "
    "right angle, −1 where they point opposite ways. How long they are makes no difference.",
    "Dot product": "Two rows multiplied number by number, the products added up. It is large where the rows are "
    "long and point the same way.",
    "Embedding": "A row of numbers that learnt weights make of something, here of a patch.",
    "Entropy": "How evenly a row of weights is spread: 0 where one weight is everything, ln T nats where all "
    "T weights are the same.",
    "Even share": "What each token would get if attention looked at all of them alike: 1 / T for T tokens.",
    "Features": "The row of numbers that the encoder makes of the whole photo, and that the classifier reads.",
    "Fine-tuning": "Training a trained model further, on other photos or classes.",
    "Gradient": "How fast something, a loss or a score, rises as each number it is made of rises.",
    "Head": "In a layer: one of several attentions side by side, each with its own queries, keys and values. At "
    "the model's end: the linear layer that makes class scores of the features.",
    "Hidden states": "The rows of all tokens between two layers.",
    "Hidden unit": "One of the numbers between the two linear layers of an MLP.",
    "LayerNorm": "Moves and scales a token's row to mean 0 and standard deviation 1, then applies learnt gains "
    "and biases. RMSNorm scales only.",
    "Logit": "A class's score, before softmax makes probabilities of all of them.",
    "Loss": "−ln of the probability that the model gives the true class: 0 where it is sure and right, larger "
    "the less it expected it.",
    "MLP": "Two linear layers with a bend between them, applied to each token by itself.",
    "MSA": "Multi-head self-attention: each token takes in what others hold, in several heads side by side, and a "
    "matrix makes one row of what all heads found.",
    "Patch": "A small square of the photo. The photo is cut into a grid of them, and each becomes one token.",
    "Query, key, value": "Three rows that a head makes of each token: what it asks for, what it is found by, and "
    "what it passes on.",
    "Residual stream": "The row of a token on its way through the model. Attention and MLP add to it.",
    "Sink": "A token that draws attention though little is to be seen there; its row is much longer than the "
    "others.",
    "Softmax": "Makes shares of any numbers: e to the power of each, divided by the sum of all those. Shares are "
    "positive and sum to 1.",
    "Standard error": "How far a mean over photos would typically move if other photos of the same kind were "
    "taken.",
    "Teacher": "A trained model whose answers another model learns to give. This is called distillation.",
    "Token": "One row of numbers that goes through the model: one for each patch, and in most models one more, "
    "CLS, which stands for no patch.",
}


UNREAD = "One extra row, learnt, the same for every photo. It has no pixels; this model reads its answer elsewhere."


def meanings(words: Sequence[str], *, has_cls: bool = True, reads_cls: bool = True) -> str:
    """The words with what they mean, as Markdown; CLS as it is in the model in view."""
    meant = WORDS if reads_cls else WORDS | {"CLS": UNREAD}
    return "\n\n".join(f"**{word}.** {meant[word]}" for word in words if word != "CLS" or has_cls)
