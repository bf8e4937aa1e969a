"""Settings of servers that draw: where they are, what opens them, what they are asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

_SIZES: Final = re.compile(r"\s*(\d{2,4})x(\d{2,4})\s*")


class RemoteSettings(ServiceSettings):
    """Read from ``MAPSI_GENERATION_*``, with the settings of the other backends."""

    model_config = SettingsConfigDict(env_prefix="MAPSI_GENERATION_")

    openai_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="OpenAI-compatible images endpoint, https://host/v1; for the drawer openai.",
    )
    openai_key: SecretStr | None = Field(default=None, description="Its API key.")
    openai_model: str = Field(default="gpt-image-1", description="Name of the model there.")
    openai_sizes: str = Field(
        default="1024x1024,1024x1536,1536x1024",
        description="Sizes that it draws, with commas: the nearest in shape is asked for and cut "
        "to what was wished; empty: any.",
    )
    openai_extra: dict[str, Any] = Field(
        default={},
        description="More fields of each request as JSON; %seed% and %negative% stand for the "
        'picture\'s own: {"seed": "%seed%", "response_format": "b64_json"}.',
    )
    openai_seconds: float = Field(
        default=180.0, gt=0, description="A picture that it has not drawn by then is given up."
    )
    comfyui_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="ComfyUI server, http://host:8188; for the drawer comfyui.",
    )
    comfyui_key: SecretStr | None = Field(
        default=None, description="Bearer token of a proxy before it; unset: none is sent."
    )
    comfyui_model: str = Field(
        default="sd_xl_base_1.0.safetensors", description="Checkpoint among its models."
    )
    comfyui_workflows: Path | None = Field(
        default=None,
        description="Folder with text_to_image.json, image_to_image.json and inpaint.json in "
        "ComfyUI's API format; unset: the shipped ones.",
    )
    comfyui_steps: int = Field(default=30, ge=1, le=150, description="Steps of a picture there.")
    comfyui_fast_steps: int = Field(
        default=12, ge=1, le=150, description="Steps of a picture of the preset fast."
    )
    comfyui_guidance: float = Field(
        default=7.0, ge=1, le=30, description="How closely it follows the words (CFG)."
    )
    comfyui_seconds: float = Field(
        default=300.0, gt=0, description="A picture that it has not drawn by then is given up."
    )

    @field_validator("openai_sizes")
    @classmethod
    def _check_sizes(cls, text: str) -> str:
        _sizes(text)
        return text

    @property
    def openai_shapes(self) -> tuple[tuple[int, int], ...]:
        """The sizes (width, height) that the endpoint draws; none: any."""
        return _sizes(self.openai_sizes)


def _sizes(text: str) -> tuple[tuple[int, int], ...]:
    found = []
    for part in text.split(","):
        if part.strip():
            size = _SIZES.fullmatch(part)
            if size is None:
                raise ValueError(f"{part.strip()!r} is no size; write 1024x1536")
            found.append((int(size[1]), int(size[2])))
    return tuple(found)
