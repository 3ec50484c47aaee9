"""The suite's own order: who runs beside whom."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.support.beside import entered


def test_who_is_alone_has_no_neighbour(tmp_path):
    """Four are inside together, then come and go; now and then each wants to be alone, and finds no other's mark."""
    crowds = set()
    all_are_inside = Barrier(4, timeout=60)

    def comes_and_goes(name):
        mark = tmp_path / f"inside-{name}"
        with entered(tmp_path, alone=False):
            all_are_inside.wait()
        for visit in range(200):
            alone = visit % 10 == name
            with entered(tmp_path, alone=alone):
                mark.touch()
                if alone:
                    crowds.add(len(list(tmp_path.glob("inside-*"))))
                mark.unlink()

    with ThreadPoolExecutor(4) as visitors:
        list(visitors.map(comes_and_goes, range(4)))
    assert crowds == {1}
