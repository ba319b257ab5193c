"""The page of networks in a real browser: every control does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from tensorlet.playground.settings import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS


def data(browser):
    return browser.session.settings.data


def network(browser):
    return browser.session.settings.network


@pytest.mark.parametrize("kind", ["moons", "spirals", "xor", "gaussians", "circles"])
def test_kinds_of_data(browser, kind):
    browser.open("data=formulas")
    browser.click(f".kinds [data-value={kind}]")
    browser.until(lambda: data(browser).kind == kind, "the kind")
    browser.until(lambda: f"data={kind}" in browser.driver.current_url or kind == "circles", "the address")
    assert browser.on(f".kinds [data-value={kind}]").get_attribute("aria-pressed") == "true"


def test_settings_of_the_data(browser):
    browser.open("data=gaussians")
    values = {
        "classes": 5,
        "rows": 120,
        "noise": 0.4,
        "balance": 0.5,
        "train": 0.6,
        "scale": "minmax",
        "points-seed": 9,
    }
    for name, value in values.items():
        browser.set(name, value)
        field = "seed" if name == "points-seed" else name
        browser.until(lambda field=field, value=value: getattr(data(browser), field) == value, name)
    browser.until(lambda: len(browser.all(".legend li")) == 6, "five classes and a note")
    assert "72" in browser.text(".data > .muted") and "48" in browser.text(".data > .muted")


def test_points_are_drawn_with_the_mouse_and_the_keyboard(browser):
    browser.open()
    browser.click(".kinds [data-value=drawn]")
    browser.until(lambda: len(data(browser).points) == 4, "the first four points")
    browser.click(".marks [data-value='2']")
    browser.on(".plane").click()
    browser.until(lambda: len(data(browser).points) == 5, "a point by mouse")
    x, y, kind = data(browser).points[-1]
    assert abs(x) < 0.2 and abs(y) < 0.2 and kind == 2
    plane = browser.find(".plane")
    plane.send_keys(Keys.ARROW_RIGHT * 3 + Keys.ARROW_UP + Keys.ENTER)
    browser.until(lambda: len(data(browser).points) == 6, "a point by keyboard")
    assert data(browser).points[-1][0] > x
    browser.until(lambda: "points=" in browser.driver.current_url, "the points are in the address")
    browser.click(".extra .row button:first-child")
    browser.until(lambda: len(data(browser).points) == 5, "undo")
    browser.click(".extra .row button:last-child")
    browser.until(lambda: len(data(browser).points) == 4, "clear")


def test_formulas_and_their_errors(browser):
    browser.open()
    browser.click(".kinds [data-value=formulas]")
    browser.until(lambda: data(browser).kind == "formulas", "formulas")
    browser.set("formula0", "x > 0 and y > 0")
    browser.set("formula1", "r < 0.5")
    browser.until(lambda: data(browser).formulas == ("x > 0 and y > 0", "r < 0.5"), "two formulas")
    browser.set("formula0", "import os")
    browser.until(lambda: browser.on(".alert").is_displayed(), "an explanation")
    assert "import os" in browser.text(".alert")
    browser.set("formula0", "x > 0.2")
    browser.until(lambda: data(browser).formulas[0] == "x > 0.2", "the new formula")
    browser.until(lambda: not browser.on(".alert").is_displayed(), "the explanation is gone")


def test_a_table_of_ones_own(browser, tmp_path):
    rows = "".join(f"{i % 5},{i * 0.1:.1f},{i % 7},{'left' if i % 2 else 'right'}\n" for i in range(40))
    file = tmp_path / "mine.csv"
    file.write_text(f"one,two,three,side\n{rows}", encoding="utf-8")
    browser.open()
    browser.click(".kinds [data-value=table]")
    browser.on("[name=table]").send_keys(str(file))
    browser.until(lambda: data(browser).kind == "table", "the table is used")
    assert data(browser).scale == "standard"  # columns may have different units
    browser.until(lambda: browser.text(".file-name") == "mine.csv", "the name of the file")
    browser.until(lambda: browser.all("[name=axis0]"), "three inputs have a choice of axes")
    assert browser.texts(".input-unit") == ["one", "two", "three"]
    browser.set("axis1", "2")
    browser.click(".extra fieldset .check:nth-of-type(2) input")
    browser.until(lambda: data(browser).columns == ("one", "three"), "two columns")
    browser.run("document.querySelector('[name=label]').focus()")
    browser.set("label", "three")
    browser.until(lambda: data(browser).label == "three", "another column of classes")
    browser.until(lambda: browser.texts(".input-unit") == ["one", "two"], "the other inputs")
    assert browser.run("return document.activeElement.name") == "label"  # the keyboard stays where it is
    browser.click(".languages [data-value=ko]")
    assert browser.text(".file-name") == "mine.csv" and browser.text(".file-button") == "파일 고르기 …"
    browser.click(".languages [data-value=en]")
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"1,2\n3\n4,5\n6,7\n")
    browser.on("[name=table]").send_keys(str(bad))
    browser.until(lambda: browser.on(".alert").is_displayed(), "an explanation")
    assert "Row 2 has 1 cells" in browser.text(".alert") and browser.text(".file-name") == "mine.csv"
    browser.errors()  # the browser reports the answer 400


def test_layers(browser):
    browser.open()
    browser.click(".add")
    browser.until(lambda: len(network(browser).layers) == 3, "three layers")
    for name, value in (("units2", 5), ("dropout2", 0.3), *(("activation2", name) for name in ACTIVATIONS)):
        browser.set(name, value)
        field = name.rstrip("2")
        browser.until(
            lambda f=field, v=value: getattr(network(browser).layers[2], f) == v, f"{name} = {value}"
        )
    browser.until(lambda: len(browser.all(".column")) == 5, "inputs, three layers, output")
    for count in (2, 1, 0):
        browser.click(".layer:first-child .remove")
        browser.until(lambda count=count: len(network(browser).layers) == count, f"{count} layers")
    browser.until(lambda: len(browser.all(".unit")) == 2, "softmax regression")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("optimizer", OPTIMIZERS), ("initializer", INITIALIZERS), ("loss", LOSSES), ("rate", [0.1, 0.0001]),
        ("batch", [1, 256]), ("l1", [0.01]), ("l2", [0.1]), ("seed", [77]),
    ],
)  # fmt: skip
def test_training_settings(browser, name, values):
    browser.open("rows=40")
    for value in values:
        browser.set(name, value)
        browser.until(lambda value=value: getattr(network(browser), name) == value, f"{name} = {value}")


def test_batch_normalization_and_finding_a_rate(browser):
    browser.open()
    browser.click("[name=batchnorm]")
    browser.until(lambda: network(browser).batchnorm, "batch normalization")
    browser.click(".find")
    browser.until(lambda: network(browser).rate != 0.01, "a rate was found")
    assert browser.on("[name=rate]").get_attribute("value") == str(network(browser).rate)


def test_playing_stepping_and_going_back(browser):
    browser.open()
    browser.click(".step")
    browser.until(lambda: "batch 1/14" in browser.text(".count"), "one batch")
    browser.click(".epoch")
    browser.until(lambda: browser.text(".count") == "Epoch 1", "one epoch")
    browser.click(".play")
    browser.until(lambda: browser.run("return tensorletPlayground.epoch > 50"), "it trains")
    assert browser.text(".play") == "Pause" and browser.session.playing
    browser.click(".play")
    browser.until(lambda: not browser.session.playing, "it pauses")
    browser.until(lambda: "Epoch" in browser.text(".count") and browser.text(".numbers dd") != "—", "numbers")
    browser.set("back", 20)
    browser.until(lambda: browser.text(".count") == "Epoch 20", "an earlier epoch")
    assert browser.session._runs[0].epoch == 20
    browser.click(".reset")
    browser.until(lambda: browser.text(".count") == "Epoch 0", "the start")
    browser.set("speed", 5)
    browser.until(lambda: browser.session.speed == 5, "five epochs a second")
    browser.on("#main").send_keys(" ")
    browser.until(lambda: browser.session.playing, "the space bar plays")
    browser.until(lambda: browser.session._runs[0].epoch >= 2, "slowly")
    browser.on("#main").send_keys(" ")
    browser.until(lambda: not browser.session.playing, "the space bar pauses")


def test_networks_side_by_side(browser):
    browser.open("rows=60")
    browser.set("compare", "initializer")
    browser.until(lambda: len(browser.all(".planes .plane")) == 3, "three planes")
    browser.click(".compare-values [data-value=orthogonal]")
    browser.until(lambda: len(browser.all(".planes .plane")) == 4, "four planes")
    browser.click(".epoch")
    browser.until(lambda: {run.epoch for run in browser.session._runs} == {1}, "all have trained")
    assert browser.texts(".compared th")[5:] == ["glorot_uniform", "he_normal", "random_normal", "orthogonal"]
    last = [run.records[-1] for run in browser.session._runs]
    accuracies = [f"{100 * record[2]:.1f}%" for record in last]
    browser.until(
        lambda: browser.texts(".compared td:nth-child(4)") == accuracies, "the accuracy of each network"
    )
    losses = [float(text) for text in browser.texts(".compared td:nth-child(2)")]
    np.testing.assert_allclose(losses, [record[1] for record in last], rtol=0.01)
    browser.click(".planes figure:nth-child(2) .caption")
    browser.until(
        lambda: "he_normal" in browser.text(".details-body"), "the formula is that of the second network"
    )
    browser.click(".compare-values [data-value=ones]")  # a fifth is refused
    browser.until(lambda: "Two to four" in browser.text("[role=status].hidden"), "the reason is said")
    browser.set("compare", "")
    browser.until(lambda: len(browser.all(".planes .plane")) == 1, "one plane")


def test_units_lines_and_readout(browser):
    browser.open()
    browser.click(".column:nth-child(2) .unit:nth-of-type(3)")
    assert "Layer 1, unit 3: weights" in browser.text(".unit-detail")
    before = browser.run("return document.querySelector('.plane').toDataURL()")
    browser.click("[name=lines]")
    browser.until(
        lambda: browser.run("return document.querySelector('.plane').toDataURL()") != before, "lines"
    )
    browser.click(".column:nth-child(2) .unit:nth-of-type(3)")
    assert "Choose one" in browser.text(".unit-detail")
    browser.on(".plane").send_keys(Keys.ARROW_LEFT)
    assert "class" in browser.text(".readout") and "%" in browser.text(".readout")


def test_the_program_on_the_page_gives_the_weights(browser):
    browser.open("data=moons&rows=50&layers=5 relu 0.2&batchnorm=true")
    for epoch in (1, 2, 3):
        browser.click(".epoch")
        browser.until(lambda epoch=epoch: browser.text(".count") == f"Epoch {epoch}", "an epoch")
    browser.click(".tabs [data-value=program]")
    browser.until(lambda: "epochs=3" in browser.text(".details .code"), "the program")
    names: dict = {"print": lambda *words: None}
    exec(browser.text(".details .code").replace("import tensorflow", "import tensorlet"), names)
    assert all(map(np.array_equal, names["model"].get_weights(), browser.session._runs[0].weights()))
    browser.click(".copy")
    browser.until(lambda: browser.text(".copy") != "Copy", "an answer")


def test_weights_gradients_and_files(browser):
    browser.open()
    browser.click(".tabs [data-value=weights]")
    browser.until(lambda: len(browser.all(".grid")) == 3, "a grid for each layer")
    browser.click(".epoch")
    browser.until(lambda: "Norm of the weights" in browser.text(".norm-values"), "norms")
    browser.click(".tabs [data-value=files]")
    links = [link.get_attribute("href") for link in browser.all(".download")]
    assert len(links) == 6
    script = "const done = arguments[1]; fetch(arguments[0]).then(async (a) => done([a.status, (await a.blob()).size]))"
    for link in links:
        status, size = browser.driver.execute_async_script(script, link)
        assert status == 200 and size > 500, link
    browser.click(".share")


def test_a_link_opens_the_same_page(browser):
    browser.open(
        "data=gaussians&classes=4&layers=6 relu 0.25_3 tanh&l2=0.01&optimizer=momentum&compare=rate&values=0.1 0.3"
    )
    settings = browser.session.settings
    assert settings.data.classes == 4 and settings.values == (0.1, 0.3)
    assert [(one.units, one.activation, one.dropout) for one in settings.network.layers] == [
        (6, "relu", 0.25),
        (3, "tanh", 0),
    ]
    address = browser.driver.current_url.partition("#")[2]
    browser.open(address)
    assert browser.session.settings == settings
    browser.run("location.hash = 'data=xor&page=perceptron'")
    browser.until(lambda: browser.session.settings.data.kind == "xor", "the address was changed by hand")
    assert browser.on("[data-page=perceptron]").get_attribute("aria-current") == "page"


def test_a_link_that_is_wrong_is_explained(browser):
    browser.open("data=nonsense&rows=99")
    assert browser.on(".alert").is_displayed() and "nonsense" in browser.text(".alert")
    assert browser.session.settings.data.kind == "circles"  # the page opens with what it has by default


def test_examples_open_and_train(browser):
    browser.open()
    names = [
        name
        for name in browser.run(
            "return [...document.querySelectorAll('[name=example] option')].map((one) => one.value)"
        )
        if name
    ]
    assert len(names) == 10
    for name in names:
        before = browser.session.settings
        browser.set("example", name)
        browser.until(lambda old=before: browser.session.settings != old, name)
        browser.until(lambda: not browser.on(".alert").is_displayed(), "nothing is wrong")
        browser.click(".epoch")
        browser.until(lambda: browser.session._runs[-1].epoch == 1, "an epoch")
    browser.set("example", "nan")
    browser.until(lambda: browser.session.settings.network.rate == 10, "a rate that is too large")
    browser.click(".play")
    browser.until(lambda: "Training has stopped in epoch" in browser.text(".alert"), "the reason is said")
    browser.until(lambda: not browser.session.playing, "training has stopped")
