"""python -m vit_viz distance FOLDER --out distance.csv"""

import argparse
import sys

from vit_viz.commands import distance


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the arguments name; its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m vit_viz", description="ViT Viz without the app. The app itself: streamlit run app.py"
    )
    commands = parser.add_subparsers(required=True)
    distance.add_to(commands)
    chosen = parser.parse_args(arguments)
    return chosen.run(chosen)


if __name__ == "__main__":
    sys.exit(main())
