"""``mapsi export segmenter``: from a checkpoint to the files that are served."""

from __future__ import annotations

from pathlib import Path

import click

from shared.settings import Settings, read

File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--checkpoint", type=File, required=True,
              help="Weights: .safetensors, or a .pth of tensors. 체크포인트 파일.")  # fmt: skip
@click.option("--config", default="mobile", show_default=True,
              help="The configuration that they were trained with. 학습할 때 쓴 구성.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the weights and segmenter.toml. 결과 폴더.")  # fmt: skip
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Labelled photos on whose `val` the threshold is chosen. 임곗값을 정할 "
              "데이터.")  # fmt: skip
@click.option("--threshold", type=click.FloatRange(0.01, 1),
              help="The score from which a garment is reported; default 0.3. 임곗값.")  # fmt: skip
@click.option("--second-stage", type=File, help="The second stage's .safetensors, trained with "
              "this detector. 2단계 가중치.")  # fmt: skip
@click.option("--license", "license_name", default="not stated", show_default=True,
              help="Licence of the weights. 가중치의 라이선스.")  # fmt: skip
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
def export_segmenter(
    *,
    checkpoint: Path,
    config: str,
    out: Path,
    data: Path | None,
    threshold: float | None,
    second_stage: Path | None,
    license_name: str,
    lang: str | None,
) -> None:
    """Write weights that can be served from a checkpoint. 체크포인트를 서비스용으로 변환.

    RTMDet-Ins becomes ONNX for the CPU and safetensors for the mmdet engine; other networks,
    as mmdet's model-zoo Mask R-CNN for DeepFashion, safetensors alone. A checkpoint is read as
    tensors: no code in it is run.
    """
    from services.segmentation.checkpoints import read_weights
    from services.segmentation.finish import (
        UNCHOSEN,
        Description,
        decide,
        fingerprint,
        write_metadata,
        write_weights,
    )
    from services.segmentation.network import build, fill, read_config

    recipe = read_config(config)
    network = build(recipe)
    fill(network, read_weights(checkpoint))
    write_weights(network, out)
    if second_stage:
        from services.segmentation.second_stage import train as second

        second.save(second.load(second_stage), out)
    description = Description(
        config,
        tuple(recipe.input_scale),
        classes=tuple(recipe.classes),
        license=license_name,
        data={"checkpoint": f"{checkpoint.name}, sha256 {fingerprint(checkpoint)}"},
    )
    if data and threshold is None:
        threshold = decide(out, description, data).threshold
    else:
        threshold = threshold or UNCHOSEN
        write_metadata(out, description, threshold=threshold)
    korean = (lang or read(Settings).language) == "ko"
    click.echo(
        f"{out}: {'임곗값' if korean else 'threshold'} {threshold}, "
        + ", ".join(sorted(file.name for file in out.glob("segmenter.*")))
    )
