"""A picture ends before the broker hands its message to a second worker."""

from __future__ import annotations

import pytest

from services.gateway.settings import GatewaySettings, check_deadline
from shared.errors import UsageError
from shared.settings import Settings


def test_what_is_shipped_goes_together():
    check_deadline(GatewaySettings(), Settings(drawer="sdxl"))


def test_a_picture_that_may_outlast_its_message_is_told_in_both_languages():
    with pytest.raises(UsageError) as told:
        check_deadline(GatewaySettings(job_seconds=600), Settings(drawer="sdxl"))
    for text in (told.value.text, told.value.text_ko):
        assert "MAPSI_GATEWAY_JOB_SECONDS=600, MAPSI_VISIBILITY_TIMEOUT=570" in text
    check_deadline(
        GatewaySettings(job_seconds=600), Settings(drawer="sdxl", visibility_timeout=601)
    )


def test_a_board_takes_seconds_and_may_have_any_deadline():
    check_deadline(GatewaySettings(job_seconds=600), Settings(drawer="lookbook"))
