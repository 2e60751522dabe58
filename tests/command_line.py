"""The command line in tests: calls in this process, and options for tiny networks."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from dcgan.cli.main import main

REPOSITORY = Path(__file__).parents[1]
STEPS_PER_EPOCH = 7  # The fixture `spots_file` has 100 pictures; a batch has 16.
# Networks that train in milliseconds.
TINY_OPTIONS = (
    "--batch-size=16",
    "--generator-filters=8,4",
    "--discriminator-filters=4,8",
    "--latent-dim=4",
    "--num-samples=6",
    "--augment=off",
    "--r1-penalty=0",  # Its second derivative would be half of what tracing a step takes.
)


def invoke(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def read_refusal(*arguments: object, exit_code: int = 2) -> str:
    """Return the sentence on standard error with which a command is refused."""
    result = invoke(*arguments)
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr
