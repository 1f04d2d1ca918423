"""Teachers of other kinds and sizes than the student's."""

from dataclasses import replace

import pytest
import timm
import torch
from safetensors.torch import save_file
from timm.models.deit import VisionTransformerDistilled
from timm.models.vision_transformer import VisionTransformer

from vit_viz.errors import TrainingError
from vit_viz.training.distill import HEAD_COPIES, Teacher, check_sizes, load_teacher
from vit_viz.training.loop import train
from vit_viz.training.weights import export_weights

TINY = dict(patch_size=8, embed_dim=32, num_heads=2, depth=4, num_classes=1000)


def lesson_of(teacher, config):
    images = torch.rand(2, 3, config.img_size, config.img_size, generator=torch.Generator().manual_seed(0))
    return images, teacher(images, torch.zeros(HEAD_COPIES, 2, config.embed_dim))


def test_a_teacher_of_two_heads_teaches_its_whole_answer_and_neither_head_alone(end_to_end):
    """A distilled DeiT answers by the mean of its heads; only one of them reads the classification token."""
    torch.manual_seed(0)
    teacher = Teacher(VisionTransformerDistilled(img_size=32, **TINY), end_to_end)
    torch.nn.init.normal_(teacher.model.head_dist.weight)
    images, lesson = lesson_of(teacher, end_to_end)
    torch.testing.assert_close(lesson.logits, teacher.model((images - teacher.mean) / teacher.std))
    assert [z.shape for z in lesson.stream] == [(2, 17, 32)] * 5
    assert lesson.probes is None is lesson.probe_logits


def test_a_teacher_of_one_head_teaches_it(end_to_end):
    _, lesson = lesson_of(load_teacher(end_to_end), end_to_end)
    assert lesson.probe_logits.shape == (2 * HEAD_COPIES, 1000)


@pytest.mark.parametrize("arch", ["test_resnet", "vit_tiny_patch16_384"])
def test_teachers_see_photos_of_every_side_of_the_plan(end_to_end, tmp_path, arch):
    """A CNN, which has no option for it, and a ViT of 384 px, whose positions are fitted to 32 and 16."""
    file = tmp_path / "teacher.safetensors"
    save_file(timm.create_model(arch).state_dict(), file)
    config = replace(
        end_to_end, teacher=str(file), teacher_arch=arch, patch_size=16, small_size=16, small_share=0.5
    )
    train(config, tmp_path / "run", steps=15)  # of 28


def test_a_larger_teacher_fits_its_positions_also_without_smaller_photos(end_to_end, tmp_path):
    file = tmp_path / "larger.safetensors"
    args = {"img_size": 48, **TINY}
    export_weights(VisionTransformer(**args).state_dict(), args, {"name": "larger"}, file)
    assert train(replace(end_to_end, teacher=str(file)), tmp_path / "run", steps=1).step == 1


def test_a_side_that_the_teacher_cannot_take_is_named_before_training(end_to_end, tmp_path):
    with pytest.raises(TrainingError, match=r"no photos of 20 px.*divisible.*--small-size"):
        train(replace(end_to_end, small_size=20, small_share=0.5), tmp_path)
    fixed = Teacher(VisionTransformer(img_size=48, **TINY), end_to_end)
    with pytest.raises(TrainingError, match=r"no photos of 32 px.*48.*--img-size"):
        check_sizes(fixed, end_to_end)
