"""The suite's own order: who runs beside whom."""

from concurrent.futures import ThreadPoolExecutor

from tests.support.beside import entered


def test_who_is_alone_has_no_neighbour(tmp_path):
    """Four come and go, now and then each wants to be alone; whoever is inside leaves a mark as long as it is there."""
    crowds = {True: set(), False: set()}

    def comes_and_goes(name):
        mark = tmp_path / f"inside-{name}"
        for visit in range(200):
            alone = visit % 10 == name
            with entered(tmp_path, alone=alone):
                mark.touch()
                crowds[alone].add(len(list(tmp_path.glob("inside-*"))))
                mark.unlink()

    with ThreadPoolExecutor(4) as visitors:
        list(visitors.map(comes_and_goes, range(4)))
    assert crowds[True] == {1}
    assert max(crowds[False]) > 1  # else nothing was shown
