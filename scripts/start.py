"""One command for a fresh machine: make the environment, match the sample city, say how to open the app."""

import sys

from environment import VENV, main_of, python_in, ready, run


def main():
    """Exit code of the first step that fails, else 0."""
    python = ready("requirements.lock")
    code = run(
        [python, "-m", "matcher", "match", "sample_data", "--policy", "panzhihua-2016", "--out", "out"]
    )
    if code == 0:
        app = f"{python_in(VENV)} -m matcher app"
        print(f"\n结果在 out/ 目录。打开应用 / results are in out/. To open the app:\n\n    {app}\n")
    return code


if __name__ == "__main__":
    sys.exit(main_of("start", main))
