import pytest

from turnscope.native.settings import NativeSettings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in NativeSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("PORT_OFFSET", raising=False)
    # No engine of this machine's either.
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
