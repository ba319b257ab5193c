"""The exercises of lesson 13: TensorBoard."""

from __future__ import annotations

import os
from pathlib import Path

from tensorlet.errors import TensorletError
from tensorlet.lessons.answers import Exercise, Text, Verdict, call, function, right, wrong
from tensorlet.lessons.event_files import scalars

WANTED_RUNS, WANTED_EPOCHS = 3, 20


def _check_folder(answer: object) -> Verdict:
    if not isinstance(answer, (str, os.PathLike)):
        return wrong(
            f"폴더의 이름이 필요한데 {type(answer).__name__}을(를) 받았습니다.",
            f"The name of a folder is needed, but this is of type {type(answer).__name__}.",
        )
    folder = Path(answer)
    if not folder.is_dir():
        return wrong(f"'{folder}' 폴더가 없습니다.", f"There is no folder '{folder}'.")
    try:
        found = scalars(folder)
    except (TensorletError, OSError) as error:
        return wrong(f"기록을 읽을 수 없습니다. {error}", f"The records cannot be read. {error}")
    curves = {run: values["epoch_loss"] for run, values in found.items() if "epoch_loss" in values}
    curves = {run: points for run, points in curves.items() if "validation" not in run.split("/")}
    if len(curves) < WANTED_RUNS:
        return wrong(
            f"`epoch_loss`가 있는 실행이 {len(curves)}개입니다. {WANTED_RUNS}개 이상 필요합니다.",
            f"There are {len(curves)} runs with an `epoch_loss`; {WANTED_RUNS} or more are needed.",
        )
    for run, points in curves.items():
        steps = [step for step, _ in points]
        if len(set(steps)) < len(steps):
            return wrong(
                f"{run}에는 같은 에포크가 여러 번 있습니다. 같은 폴더에 두 번 쓴 것 같습니다.",
                f"{run} has the same epoch several times: two runs seem to share the folder.",
            )
        if len(steps) < WANTED_EPOCHS:
            return wrong(
                f"{run}에는 에포크가 {len(steps)}개뿐입니다. {WANTED_EPOCHS}개 이상이어야 합니다.",
                f"{run} has only {len(steps)} epochs. {WANTED_EPOCHS} or more are needed.",
            )
    if len({tuple(value for _, value in points) for points in curves.values()}) < len(curves):
        return wrong(
            "곡선이 완전히 같은 실행이 있습니다. 학습률을 바꾸었나요?",
            "Some runs have exactly the same curve. Did you change the learning rate?",
        )
    return right(
        f"실행 {len(curves)}개를 찾았습니다. TensorBoard에서 겹쳐 보세요.",
        f"There are {len(curves)} runs. Look at them in TensorBoard.",
    )


def _check_name(answer: object) -> Verdict:
    student = function(answer)
    settings: list[dict[str, object]] = [
        {"rate": 0.1, "units": 8},
        {"rate": 0.01, "units": 8},
        {"rate": 0.1, "units": 16},
        {"units": 0.1, "rate": 8},
        {"optimizer": "adam", "rate": 0.1},
    ]
    names = []
    for one in settings:
        name = call(student, dict(one))
        if not isinstance(name, str) or not name:
            return wrong("이름은 문자열이어야 합니다.", "The name should be a string.")
        if "/" in name or "\\" in name or any(letter.isspace() for letter in name):
            return wrong(
                f"이름에 쓸 수 없는 글자가 있습니다: {name!r}", f"A character is not allowed: {name!r}"
            )
        if not all(str(value) in name for value in one.values()):
            return wrong(f"{one}의 값이 {name!r}에 없습니다.", f"The values of {one} are not in {name!r}.")
        if call(student, dict(reversed(one.items()))) != name:
            return wrong(
                "사전에 넣은 순서가 바뀌면 이름도 바뀝니다.",
                "The name changes with the order in the dictionary.",
            )
        names.append(name)
    if len(set(names)) < len(names):
        return wrong(
            f"다른 설정에 같은 이름이 있습니다: {names}", f"Different settings share a name: {names}"
        )
    return right("나중에 보아도 알아볼 수 있는 이름입니다.", "You will still recognize these names later.")


EXERCISES = {
    "13a": Exercise(
        _check_folder,
        (
            Text(
                "위의 '여러 실행을 비교하기'를 참고하세요. `logs`를 `my_logs`로 바꿉니다.",
                "See 'Comparing several runs', with `my_logs` instead of `logs`.",
            ),
            Text(
                "실행마다 `log_dir`이 달라야 합니다. 다시 시도할 때에는 폴더를 지우고 시작하세요.",
                "Each run needs a `log_dir` of its own. Before you try again, remove the folder.",
            ),
        ),
    ),
    "13b": Exercise(
        _check_name,
        (
            Text(
                "`sorted(settings.items())`은 넣은 순서와 상관없이 늘 같은 순서입니다.",
                "`sorted(settings.items())` always has the same order.",
            ),
            Text(
                "이름과 값을 모두 넣어 `rate-0.1_units-8`처럼 이어 붙이세요.",
                "Join names and values, as in `rate-0.1_units-8`.",
            ),
        ),
    ),
}
