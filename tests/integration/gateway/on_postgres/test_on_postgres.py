"""What the gateway asks the database, asked again of PostgreSQL."""

from __future__ import annotations

import pytest

from tests.integration.gateway.test_generations import (
    test_a_wish_whose_message_was_lost_is_announced_again as test_lost_wish,
)
from tests.integration.gateway.test_generations import (
    test_nobody_sees_or_stops_a_strangers_picture as test_strangers_picture,
)
from tests.integration.gateway.test_health_and_pages import (
    test_a_living_and_ready_gateway_says_so as test_ready,
)
from tests.integration.gateway.test_learning_together import (
    test_a_batch_is_learned_as_if_each_had_told_it_alone as test_learning_together,
)
from tests.integration.gateway.test_photos import (
    test_a_photo_of_the_house_is_for_admins_until_a_user_sends_it_too as test_shared_photo,
)
from tests.integration.gateway.test_photos import (
    test_an_upload_whose_message_was_lost_is_announced_again as test_lost_upload,
)
from tests.integration.gateway.test_photos import (
    test_every_photo_is_on_exactly_one_page as test_pages,
)
from tests.integration.gateway.test_photos import (
    test_the_list_can_be_cut_to_one_state as test_states,
)
from tests.integration.gateway.test_requests import (
    test_a_key_works_in_either_header_until_it_is_revoked as test_keys,
)
from tests.integration.gateway.test_requests import (
    test_a_repeated_post_has_one_effect as test_one_effect,
)

pytestmark = pytest.mark.integration

__all__ = [
    "test_keys",
    "test_learning_together",
    "test_lost_upload",
    "test_lost_wish",
    "test_one_effect",
    "test_pages",
    "test_ready",
    "test_shared_photo",
    "test_states",
    "test_strangers_picture",
]
