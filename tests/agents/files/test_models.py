"""What a setting of the model stands for: the shipped one, a file, none, and a reader beside one of them."""

import pytest

from agents.files.models import BUILTIN_FILE, load_model
from pipeline.learned.reader import ReaderError
from tests.support.readers import reader_bytes

SAYS = {"凉": (8, 0, 0, 0, 0)}


@pytest.fixture
def ours(tmp_path):
    """A reader's file."""
    file = tmp_path / "ours.onnx"
    file.write_bytes(reader_bytes(SAYS))
    return file


def test_without_a_reader():
    """The shipped model, by name or by file, and none."""
    assert load_model("builtin").version == load_model(str(BUILTIN_FILE)).version
    assert load_model("builtin").reader is None
    assert load_model("off") is None


def test_with_a_reader_the_version_is_that_of_both(ours):
    """Records say which two decided."""
    model = load_model(f"builtin+{ours}")
    assert model.version == f"{load_model('builtin').version}+{model.reader.version}"


def test_a_plus_in_the_name_of_a_folder_is_no_reader(tmp_path):
    """A model's own path may hold the sign."""
    file = tmp_path / "a+b" / "ours.npz"
    file.parent.mkdir()
    file.write_bytes(BUILTIN_FILE.read_bytes())
    assert load_model(str(file)).version == load_model("builtin").version


def test_a_reader_needs_a_model_beside_it(ours):
    """Rules alone ask nobody what is worth reading again."""
    with pytest.raises(ReaderError, match="works beside a model"):
        load_model(f"off+{ours}")


def test_the_shipped_reader():
    """It knows the classes of the shipped model, and sees displeasure that has no word of its own."""
    model = load_model("builtin+reader")
    assert set(model.reader.about.classes) == set(model.classes)
    assert (
        model.reader.read("今天天气真好").levels[0]
        < 0
        < model.reader.read("等了一个月，问谁谁都说不归自己管").levels[0]
    )
