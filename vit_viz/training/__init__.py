"""Train the small ViT that ships with the app: `python -m vit_viz.training --help`.

config    one frozen dataclass: everything a run depends on
data      photos from a folder of class folders or from .npz shards, as uint8 tensors
augment   one batch of random views, made on the device
distill   the two phases: teacher-forced blocks, then end to end
schedule  what to do at a given share of the plan: phase, size, learning rate
machine   where it computes, and with which arithmetic
run       the state: student, optimizers, moving average
muon      the optimizer of the blocks' matrices
loop      steps, log, checkpoints
weights   the exported file: fp16 tensors and, in its header, how to build the model
evaluate  figures on the photos kept out of training
pictures  the same as pictures, drawn with Pillow

The method, by paper:
- Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network" (2015): soft logits.
- Romero et al., "FitNets: Hints for Thin Deep Nets" (2015): hidden states of matching depth,
  through a learned linear map where the widths differ.
- Wang et al., "Progressive Blockwise Knowledge Distillation for Neural Network Acceleration"
  (2018): blocks learned on the teacher's own stream before they are chained.
- Chang et al., "Multi-level Residual Networks from Dynamical Systems View" (2018): a deeper
  student starts from a shallower one, each block in several copies of shorter steps.
- Beyer et al., "Knowledge Distillation: A Good Teacher Is Patient and Consistent" (2022):
  teacher and student see the same view; long schedules.
- Touvron et al., "Training Data-Efficient Image Transformers & Distillation through Attention"
  (2021): the bundled model's teacher, DeiT-Tiny.
- Touvron et al., "Fixing the Train-Test Resolution Discrepancy" (2019): most steps on smaller
  photos, the last ones at full size.
- Zhang et al., "mixup: Beyond Empirical Risk Minimization" (2018): optional and late.
- Loshchilov & Hutter, "SGDR" (2017) and "Decoupled Weight Decay Regularization" (2019): cosine schedule, AdamW.
- Jordan et al., "Muon: An Optimizer for Hidden Layers in Neural Networks" (2024) and Liu et al., "Muon is
  Scalable for LLM Training" (2025): the matrices of the blocks.
- Polyak & Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992): the moving average of the
  weights that is exported.
- Wortsman et al., "Model Soups: Averaging Weights of Multiple Fine-Tuned Models Improves Accuracy without
  Increasing Inference Time" (2022): runs from the same start, averaged at export.
"""
