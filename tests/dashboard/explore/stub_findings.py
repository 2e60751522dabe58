"""Findings that a test chooses, instead of a survey's findings."""

from __future__ import annotations

import pytest

from dashboard.generators import findings_cache

LATENT_DIM = 6


def set_findings(patch: pytest.MonkeyPatch, findings: object) -> None:
    """Make these the findings of every generator; None stands for no survey yet."""
    patch.setattr(findings_cache, "get_findings", lambda source: findings)
