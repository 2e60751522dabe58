"""Fragments of a page that the visitor has left do not run.

A click on another page and a poll of the old one can be on their way at the same moment. Streamlit
then runs the new page first and the old page's fragment after it, and tells the browser that it is
on the old page: the browser removes the new page, and its window stays empty.
"""

from __future__ import annotations

from dashboard.server.streamlit_internals import RerunData, ScriptRunner, replace_script_runner


class PageScriptRunner(ScriptRunner):
    """Streamlit's runner of scripts, without the fragments of pages that were left."""

    def _run_script(self, rerun_data: RerunData) -> None:
        """Run the script or its fragments, unless they belong to a page that was left."""
        page = self._pages_manager.current_page_script_hash
        if not rerun_data.fragment_id_queue or rerun_data.page_script_hash == page:
            super()._run_script(rerun_data)


def ignore_stale_requests() -> None:
    """Make sessions ignore requests of pages that were left, in scripts that start from now on."""
    replace_script_runner(PageScriptRunner)
