"""Golden vectors through the Python twin of the delivered Dart: largest differences, for each .tflite of a run.

python benchmarks/flutter_twin.py RUN [--data IMAGES]
"""

import argparse
from pathlib import Path

from modelport.assets.golden.golden import golden_files
from modelport.contract.run.run_folder import RunFolder
from modelport.tests.assets.flutter.twin_golden import measure_twin


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path, help="labelled images; default: the test split of the run")
    given = parser.parse_args()
    run = RunFolder(given.run)
    print("| artifact | images | input tensor | answers | to Keras | tolerance |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for artifact in run.read_lock().artifacts:
        if artifact.format == "tflite":
            figures = measure_twin(run, artifact, golden_files(run, artifact, data=given.data))
            numbers = (figures.to_input, figures.to_expected, figures.to_reference, figures.tolerance)
            print(f"| {artifact.path} | {figures.images} | {' | '.join(f'{number:.2g}' for number in numbers)} |")


if __name__ == "__main__":
    main()
