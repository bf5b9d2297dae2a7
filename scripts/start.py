"""One command for a fresh machine: make the environment, match the sample city, say how to open the app."""

import sys

from environment import ROOT, main_of, ready, run


def main():
    """Exit code of the first step that fails, else 0."""
    python = ready("requirements.lock")
    code = run(
        [python, "-m", "matcher", "match", "sample_data", "--policy", "panzhihua-2016", "--out", "out"]
    )
    if code == 0:
        print(
            f"\n结果在 out/ 目录。打开应用，请在 {ROOT} 中运行：\n"
            f"The results are in out/. To open the app, run this in {ROOT}:\n\n"
            f"    {python.relative_to(ROOT)} -m matcher app\n"
        )
    return code


if __name__ == "__main__":
    sys.exit(main_of("start", main))
