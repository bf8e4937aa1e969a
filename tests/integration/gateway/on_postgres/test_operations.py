"""What operators ask the database, asked again of PostgreSQL."""

from __future__ import annotations

import pytest

from tests.integration.gateway.test_operations import (
    admin,
)
from tests.integration.gateway.test_operations import (
    test_failed_photos_are_retried_by_reason_and_good_ones_never as test_failed,
)
from tests.integration.gateway.test_operations import (
    test_jobs_are_listed_without_what_they_show_and_can_be_called_off as test_jobs,
)
from tests.integration.gateway.test_operations import (
    test_photos_are_counted_by_state_and_reason as test_counts,
)
from tests.integration.gateway.test_operations import (
    test_photos_of_other_models_are_counted_with_the_command_for_them as test_models,
)

pytestmark = pytest.mark.integration

__all__ = ["admin", "test_counts", "test_failed", "test_jobs", "test_models"]
