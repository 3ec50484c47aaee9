"""Where training may write, and that what stands there stays whole until the new files do."""

import pytest

from agents.training.outputs import OutputError, require_output, write_outputs


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("ours", "expected a name that ends in .npz", id="no suffix"),
        pytest.param("ours.md", "expected a name that ends in .npz", id="that of the card"),
        pytest.param("ours.npz.gz", "expected a name that ends in .npz", id="another suffix behind it"),
        pytest.param("missing/ours.npz", "there is no folder", id="a folder that is not there"),
        pytest.param("folder.npz", "is a folder", id="a folder of that name"),
        pytest.param("card.npz", "card.md is a folder", id="a folder of the card's name"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused(tmp_path, name, said):
    """Before anything is fitted; the option is named."""
    for folder in ("folder.npz", "card.md"):
        (tmp_path / folder).mkdir()
    out = tmp_path / name
    with pytest.raises(OutputError, match=r"^--out ") as refusal:
        require_output(out, ".npz", out.with_suffix(".md"))
    assert said in str(refusal.value)


def test_all_files_are_put_in_place(tmp_path):
    """Over old ones too; a link stays one, and nothing else is left."""
    old, link = tmp_path / "old.npz", tmp_path / "link.md"
    old.write_bytes(b"old")
    link.symlink_to("card.md")
    require_output(old, ".npz", link)
    write_outputs({old: b"new", link: b"card"})
    assert (old.read_bytes(), (tmp_path / "card.md").read_bytes(), link.is_symlink()) == (b"new", b"card", True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["card.md", "link.md", "old.npz"]


def test_a_card_that_cannot_be_written_leaves_the_old_model(tmp_path):
    """The model is not put in place before the card is written; nothing half is left behind."""
    model, card = tmp_path / "ours.npz", tmp_path / "gone" / "ours.md"
    model.write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        write_outputs({model: b"new", card: b"card"})
    assert model.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["ours.npz"]
