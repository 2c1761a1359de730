import pytest

from turnscope.ship.mapping import DEFAULT_FIELDS, MappingError, known_fields, read_mapping

pytestmark = pytest.mark.unit


def mapping_of(tmp_path, text):
    file = tmp_path / "mapping.yaml"
    file.write_text(text)
    return read_mapping(file)


def test_the_defaults_name_only_fields_that_there_are():
    assert set(DEFAULT_FIELDS) <= known_fields()
    assert read_mapping(None).paths() == DEFAULT_FIELDS


def test_an_empty_file_is_the_default(tmp_path):
    assert mapping_of(tmp_path, "") == read_mapping(None)


def test_a_field_of_the_file_replaces_its_default_and_leaves_the_others(tmp_path):
    mapping = mapping_of(tmp_path, "fields: {session_id: conv.id, user_query: [q, question]}")
    assert mapping.paths()["session_id"] == ("conv.id",)
    assert mapping.paths()["user_query"] == ("q", "question")
    assert mapping.paths()["level"] == DEFAULT_FIELDS["level"]


def test_without_defaults_only_the_file_holds(tmp_path):
    mapping = mapping_of(tmp_path, "defaults: false\nfields: {message: m}")
    assert mapping.paths() == {"message": ("m",)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fields: {sesion_id: x}", "fields: sesion_id is none of our fields: "),
        ("felds: {}", "felds: Extra inputs are not permitted"),
        (
            "units: {latency_ms: minutes}",
            "units.latency_ms: Input should be 's', 'ms', 'us' or 'ns'",
        ),
        ("timezone: Europe/Nowhere", "timezone: 'Europe/Nowhere' is no time zone"),
        ("timezone: ../../etc/passwd", "is no time zone"),
        ("events: {party_started: {a: b}}", "events.party_started"),
        ("keep: [session_id]", "keep: session_id belongs under fields"),
        ("keep: [" + ", ".join(f"f{n}" for n in range(21)) + "]", "keep: more than 20 fields"),
        ("- a list", "Input should be a valid dictionary"),
        ("fields: [", "is no YAML"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_one_sentence(tmp_path, text, told):
    with pytest.raises(MappingError) as raised:
        mapping_of(tmp_path, text)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_mapping_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(MappingError, match="cannot be read: No such file"):
        read_mapping(tmp_path / "none.yaml")
