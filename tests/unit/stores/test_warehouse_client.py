from datetime import UTC, datetime

import pytest

from turnscope.stores import StoreUnreachableError
from turnscope.stores.warehouse import Warehouse

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_database_that_does_not_answer_is_named_without_its_password(scheme: str) -> None:
    warehouse = Warehouse(f"{scheme}://turnscope:hush@127.0.0.1:1/turnscope")
    now = datetime.now(UTC)
    with pytest.raises(StoreUnreachableError) as told:
        warehouse.answered_turns(now, now)
    assert "PostgreSQL does not answer at postgresql://127.0.0.1:1/turnscope" in str(told.value)
    assert "make status" in str(told.value)
    assert "hush" not in str(told.value)
