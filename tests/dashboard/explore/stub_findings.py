"""Findings that a test chooses, instead of those of a survey."""

from __future__ import annotations

import pytest

from dashboard.generators import findings_cache

LATENT_DIM = 6


def set_findings(patch: pytest.MonkeyPatch, findings: object) -> None:
    """Make these the findings of every generator; None for those before the first survey."""
    patch.setattr(findings_cache, "get_findings", lambda source: findings)
