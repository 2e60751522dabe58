"""Entry point of `python -m dcgan`; the commands are in `dcgan.cli`."""

from __future__ import annotations

from dcgan.cli.main import run_command_line

if __name__ == "__main__":
    run_command_line()
