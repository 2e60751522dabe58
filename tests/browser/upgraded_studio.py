"""`quick_studio` with another version of one script, as after an upgrade of the program."""

from __future__ import annotations

from dashboard.components import registration

from .quick_studio import main

if __name__ == "__main__":
    registration.SCRIPTS["sliders.js"] += b"// Upgraded.\n"
    registration.SCRIPTS_PATH = "frontend/upgraded"
    main()
