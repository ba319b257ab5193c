"""The score-board: faults of real programs that are reported, in English and in Korean."""

from __future__ import annotations

import contextlib
import io
import warnings

import pytest
import study_others
import study_stack_overflow
from study_forms import Program

import tensorlet as tf
from tensorlet.errors import TensorletError
from tensorlet.keras.training.report import explain as explanations
from tensorlet.keras.training.report.model_faults import of_model
from tensorlet.localization import use_language

#: What the page docs/diagnosis.md says.
FAULTS, REPORTED = 51, 46
PROGRAMS = [*study_stack_overflow.PROGRAMS, *study_others.PROGRAMS]


def found_in(program: Program) -> set[str]:
    """Runs a program as its author would; returns the codes of what is said, "error" and "warning".

    The notes about the form of a program that is refused are those that it gets when the error is corrected.
    """
    tf.keras.utils.set_random_seed(0)
    x, y = program.data()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = None
        try:
            model = tf.keras.Sequential([tf.keras.Input(program.inputs), *program.build()])
            model.compile("adam", program.loss)
            history = model.fit(x, y, epochs=1, verbose=0)
        except TensorletError as error:
            assert len(str(error)) > 40
            built = model is not None and model.loss is not None
            return {"error"} | ({note.code for note in of_model(model, None)} if built else set())
    notes = tf.explain(history)
    assert all(note.text and note.fix for note in notes)
    return set(notes.codes) | ({"warning"} if caught else set())


@pytest.fixture(params=["en", "ko"])
def language(request):
    use_language(request.param)
    yield request.param
    use_language(None)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.source)
def test_what_is_reported(program, language):
    found = found_in(program)
    for fault, report in program.faults.items():
        assert not report or report in found, (fault, found)
    # Nothing else is said about the form of the model.
    said = found & (set(explanations._QUIET) | {"output-activation", "output-range", "double-activation"})
    if "softmax over one unit" in program.faults:
        said.discard("output-activation")  # which is the same fault
    assert said <= set(program.faults.values()), found


def test_notes_are_korean_in_korean():
    program = next(one for one in PROGRAMS if one.source == "44322611")
    sentences = {}
    for name in ("en", "ko"):
        use_language(name)
        with contextlib.redirect_stderr(io.StringIO()):
            model = tf.keras.Sequential([tf.keras.Input(program.inputs), *program.build()])
            model.compile("adam", program.loss)
            sentences[name] = [str(note) for note in tf.explain(model.fit(*program.data(), verbose=0))]
    use_language(None)
    assert len(sentences["en"]) == len(sentences["ko"]) >= 3
    for english, korean in zip(sentences["en"], sentences["ko"], strict=True):
        assert english != korean and any("가" <= character <= "힣" for character in korean)


def test_the_count_that_the_page_states():
    assert len(PROGRAMS) == 34
    faults = [report for program in PROGRAMS for report in program.faults.values()]
    assert (len(faults), sum(bool(report) for report in faults)) == (FAULTS, REPORTED)
