"""One way out: what the machine refuses is a sentence, not an error of ours."""

from __future__ import annotations

import pytest
import typer

from stsbench.cli.line.guard import guarded


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        (PermissionError(13, "Permission denied", "salaries.csv"), "error: you may not read or write what the command names", 5),
        (MemoryError(), "error: the memory of this machine is not enough; ask for less at once", 1),
        (ZeroDivisionError(), "error: an error in stsbench itself, ZeroDivisionError", 1),
    ],
)
def test_what_the_machine_refuses_is_a_sentence(error: Exception, said: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    @guarded
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        command()
    assert ended.value.exit_code == code
    assert capsys.readouterr().err.startswith(said)
