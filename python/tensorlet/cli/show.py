"""``tensorlet show``: draws the computation of a program, or lists the contents of a model file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tensorlet.cli import refuse, set_language, without_language
from tensorlet.localization import mark, translate

HELP = mark("""\
usage: tensorlet show SCRIPT.py [ARGUMENTS...]
       tensorlet show MODEL_OR_CHECKPOINT

Runs a program as `tensorlet run` does. Draws, as SVG files, every model that the program created (layer by
layer), every tf.function that it traced, and every computation that a GradientTape differentiated, with
values and gradients.

For a file (.keras, .h5, .weights.h5, .safetensors or a TensorFlow checkpoint), lists the layers, the shapes,
the parameters, the state of the optimizer and the training configuration. No code in the file is run.

  -o, --output PATH   the folder for the drawings of a program (by default SCRIPT_drawings), or the .svg file
                      for the drawing of a model file. Must precede the name.
  --optimized         draw a program's functions as they run: `log(softmax(z))` is one operation, for example.
                      By default they are drawn as they are written. Must precede the name.""")


def main(arguments: list[str]) -> int:
    """Runs the command with the arguments after ``tensorlet show``; returns the exit status."""
    output: str | None = None
    optimized = False
    set_language(_own(arguments))
    words = without_language(arguments)
    while words and words[0].startswith("-") and not os.path.exists(words[0]):
        word = words.pop(0)
        if word in ("-h", "--help"):
            print(translate(HELP))
            return 0
        if word == "--optimized":
            optimized = True
        elif word.startswith("--output="):
            output = word.partition("=")[2]
        elif word in ("-o", "--output") and words:
            output = words.pop(0)
        else:
            wrong = (
                translate("{word} needs a path.")
                if word in ("-o", "--output")
                else translate("unknown option '{word}'.")
            )
            return refuse("show", wrong.format(word=word))
    if not words:
        return refuse("show", translate("expected a program or a file: tensorlet show model.h5"))
    if words[0].endswith(".py"):
        return _show_script(words, output, optimized)
    if len(words) > 1:
        return refuse("show", translate("expected one file, but got {words}.").format(words=" ".join(words)))
    return _show_file(words[0], output)


def _own(words: list[str]) -> list[str]:
    """Returns the words of the command itself, without those of a program."""
    return words[: next((index for index, word in enumerate(words) if word.endswith(".py")), len(words))]


def _show_script(words: list[str], output: str | None, optimized: bool) -> int:
    from tensorlet.cli import run
    from tensorlet.visualize.program_watcher import Watch

    folder = Path(output or f"{Path(words[0]).stem}_drawings").absolute()
    if not os.path.exists(words[0]):
        return run.main(words)  # prints the error
    with Watch(optimized) as watch:
        try:
            status = run.main(words)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
    sys.stdout.flush()
    drawn = watch.save(folder)
    if not drawn:
        text = translate(
            "nothing to draw, because the program did not create a model, trace a tf.function or\n"
            "compute gradients with "
            "a GradientTape. tf.show(function, arguments) draws any function."
        )
        print(f"\ntensorlet show: {text}")
        return status
    print("\n" + translate("Wrote the drawings to {folder}:").format(folder=folder))
    width = max(len(what) for what, _ in drawn)
    for what, file in drawn:
        print(f"  {what:<{width}}  {file}")
    return status


def _show_file(name: str, output: str | None) -> int:
    from tensorlet.errors import TensorletError
    from tensorlet.visualize.file_contents import drawing_of_file, listing_of_file

    try:
        for line in listing_of_file(name):
            print(line)
        if output is not None:
            drawing_of_file(name).save(output)
            print("\n" + translate("Wrote the drawing to {path}").format(path=Path(output).absolute()))
    except (TensorletError, OSError) as error:
        print(f"tensorlet show: {error}", file=sys.stderr)
        return 1
    return 0
