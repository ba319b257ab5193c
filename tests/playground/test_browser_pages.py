"""The other pages in a real browser, names that carry script, accessibility, and small windows."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tensorlet.datasets import mnist

PAGES = ("network", "step", "digits", "perceptron")


def test_one_step(browser):
    browser.open("data=xor&layers=2 sigmoid&page=step&optimizer=sgd")
    browser.until(lambda: browser.all(".node"), "the graph")
    names = ["x", "z1", "W1", "b1", "h1", "z2", "W2", "b2", "p", "L", "y"]
    assert browser.texts(".node strong") == names
    assert browser.text(".controls .count") == "Forwards, 1 of 21"
    for place in range(2, 12):
        browser.click(".step-next")
        assert f"{place} of 21" in browser.text(".count")
    assert "the loss of this row" in browser.text(".explained")
    browser.click(".step-next")
    assert "Backwards, 12 of 21" in browser.text(".count") and "∂L/∂L = 1" in browser.text(".explained")
    browser.click(".step-end")
    browser.click(".node-weight")
    assert "W1" in browser.text(".explained h3") and "x[1] · ∂L/∂z1[1]" in browser.text(".explained")
    assert "Gradient descent on this row" in browser.text(".explained")
    browser.click(".step-back")
    browser.click(".step-start")
    assert "1 of 21" in browser.text(".count")
    browser.set("row", 7)
    browser.until(lambda: browser.on("[name=row]").get_attribute("value") == "7", "another row")
    browser.click(".step-train")
    browser.until(lambda: browser.session._runs[0].batch == 1, "a batch was trained")


PIXELS = """const done = arguments[1];
import('/static/drawing-pad.js').then(({ DrawingPad }) => {
  const pad = new DrawingPad(() => {});
  pad.load(arguments[0]);
  done(pad.pixels());
});"""


def test_drawings_are_centred_as_in_mnist(browser):
    (images, _), _ = mnist.load_data()
    seven = np.zeros((28, 28))
    seven[3:5, 6:26] = 255  # its mass is at the top: moved by all of it, the foot would be cut off
    seven[5:27, 16] = 255
    browser.open("page=digits")

    def moved(picture):
        pixels = [float(value) for value in picture.ravel()]
        return np.reshape(browser.driver.execute_async_script(PIXELS, pixels), (28, 28))

    for image in images[:8]:
        np.testing.assert_array_equal(moved(image), image)
    np.testing.assert_array_equal(moved(seven), np.roll(seven, (1, -2), (0, 1)))
    blot = np.zeros((28, 28))
    blot[2:5, 20:23] = 200
    np.testing.assert_array_equal(moved(blot), np.roll(blot, (11, -7), (0, 1)))


def test_digits(browser):
    browser.open("page=digits")
    browser.until(lambda: browser.session.digits._model is not None, "a model")
    shown = "return [...document.querySelectorAll('.card')].filter((one) => !one.hidden).map((one) => one.textContent)"
    nearest = lambda: any("Nearest training images" in text for text in browser.run(shown))  # noqa: E731
    browser.until(lambda: not nearest(), "nothing is near to an empty pad")
    browser.set("digit-rows", 1000)
    browser.set("digit-rate", 0.01)
    browser.set("digit-seed", 4)
    browser.until(
        lambda: browser.session.digits.rows == 1000 and browser.session.digits.seed == 4, "its settings"
    )
    browser.click(".train-5")
    browser.until(lambda: browser.session.digits.epoch == 5, "five epochs")
    browser.until(lambda: "Epoch 5" in browser.text(".records"), "the page says so")
    browser.click(".example")
    browser.until(lambda: browser.text(".guess.best strong") == "7", "the first test image is a seven")
    assert len(browser.all(".pictures:first-of-type li")) >= 10
    before = browser.texts(".bar-value")
    browser.click(".clear")
    pad = browser.find(".pad")
    ActionChains(browser.driver).click_and_hold(pad).move_by_offset(0, 60).move_by_offset(
        20, -120
    ).release().perform()
    browser.until(lambda: browser.texts(".bar-value") != before, "the answer moves")
    browser.click(".guess:nth-child(4)")
    browser.until(lambda: "the digit 3" in browser.text(".answer"), "evidence for the three")
    assert nearest()
    browser.click(".clear")
    pad.send_keys(Keys.SPACE + Keys.ARROW_DOWN * 6 + Keys.ARROW_RIGHT * 4 + Keys.SPACE)
    browser.until(
        lambda: browser.run(
            "return document.querySelector('.pad').getContext('2d').getImageData(145, 180, 1, 1).data[0] < 90"
        ),
        "drawn by keyboard",
    )
    pad.send_keys(Keys.DELETE)
    for kind, pictures in (("perceptron", 32), ("lenet", 6)):
        browser.click(f".kinds [data-value={kind}]")
        browser.until(lambda kind=kind: browser.session.digits.kind == kind, kind)
        browser.until(
            lambda n=pictures: (
                browser.run(
                    "return document.querySelectorAll('.wide:last-child .pictures:not(:last-child) li').length"
                )
                == n
            ),
            "its weights",
        )
    browser.until(
        lambda: (
            browser.run("return document.querySelectorAll('.wide:last-child .pictures:last-child li').length")
            == 6
        ),
        "maps",
    )
    browser.click(".train-1")
    browser.until(lambda: browser.session.digits.training or browser.session.digits.epoch, "it trains")
    browser.click(".stop")
    browser.until(lambda: not browser.session.digits.training, "it stops")
    assert "Conv2D" in browser.text("details .code")


def test_the_perceptron(browser):
    browser.open("page=perceptron")
    browser.until(lambda: "on the wrong side" in browser.text(".result-line"), "the line")
    browser.set("angle", 45)
    browser.set("offset", 0.35)
    assert "All 4 points" in browser.text(".result-line")
    browser.click(".flip")
    assert "4 of 4 points" in browser.text(".result-line")
    browser.click(".flip")
    plane = browser.find(".plane")
    ActionChains(browser.driver).click_and_hold(plane).move_by_offset(-90, 60).release().perform()
    browser.until(
        lambda: float(browser.on("[name=offset]").get_attribute("value")) < 0.1, "the line was dragged"
    )
    plane.send_keys(Keys.ARROW_UP * 3)
    browser.click(".rule-step")
    rule = ".middle section:last-child .result-line"
    assert browser.text(rule).startswith("1 corrections")
    browser.click(".rule-run")
    browser.until(lambda: "Found after" in browser.text(rule), "AND is found")
    browser.click(".kinds [data-value=xor]")
    browser.until(lambda: "0 corrections" in browser.text(rule), "another problem")
    browser.set("perceptron-rate", 1)
    browser.run("arguments[0].click()", browser.find(".rule-restart"))
    for name in ("or", "clouds", "mixed"):
        browser.click(f".kinds [data-value={name}]")
    assert "All four rows are right" in browser.text(".wide .result-line")
    browser.set("three-0-2", 5)
    assert "of 4 rows" in browser.text(".wide .result-line")


def test_languages_and_colours(browser):
    browser.open("page=perceptron", "en")
    browser.click(".languages [data-value=ko]")
    assert browser.text("h1") == "Tensorlet 놀이터"
    assert (
        browser.run("return document.documentElement.lang") == "ko"
        and browser.driver.title == "Tensorlet 놀이터"
    )
    browser.click(".themes [data-value=dark]")
    dark = browser.run("return getComputedStyle(document.body).backgroundColor")
    browser.click(".themes [data-value=light]")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") != dark
    browser.click(".themes [data-value=auto]")
    browser.on("body").send_keys(Keys.TAB)
    assert "본문" in str(browser.run("return document.activeElement.textContent"))
    browser.click(".skip")
    assert browser.run("return document.activeElement.id") == "main"
    browser.click(".languages [data-value=en]")
    browser.click("[data-page=network]")
    browser.until(lambda: browser.all(".plane"), "the first page")


#: Names as an attacker would write them into a file.
HOSTILE = [
    f"{before}{inside}{after}"
    for before, after in (("", ""), ('">', ""), ("'>", "<b>"), ("</option></select>", ""), ("</script>", "<!--"))
    for inside in (
        "<script>hacked=1</script>", "<img src=x onerror=hacked=1>", "<svg onload=hacked=1>", "<iframe srcdoc='<b>'>",
        "javascript:hacked=1", "{{hacked=1}}", "${hacked=1}", "<a href=javascript:hacked=1>x</a>",
        "<style>*{display:none}</style>", "`;hacked=1;//",
    )
]  # fmt: skip


def test_names_that_carry_script_stay_text(browser, tmp_path):
    assert len(HOSTILE) == 50
    for start in range(0, 50, 5):
        names = HOSTILE[start : start + 5]
        quoted = ['"' + name.replace('"', '""') + '"' for name in names]
        classes = [quoted[row % 2] for row in range(20)]
        rows = "".join(f"{i},{i * 2},{i * 3},{i % 4},{classes[i]}\n" for i in range(20))
        file = tmp_path / f"names{start}.csv"
        file.write_text(f"{','.join(quoted)}\n{rows}", encoding="utf-8")
        if start == 0:
            browser.open()
            browser.click(".kinds [data-value=table]")
        browser.on("[name=table]").send_keys(str(file))
        browser.until(
            lambda n=names: (
                browser.session.table is not None
                and browser.session.table.names == [one.strip()[:80] for one in n]
            ),
            "the table",
        )
        browser.until(
            lambda n=names: browser.texts(".input-unit") == n[:4],
            "its inputs",
        )
        browser.until(
            lambda n=names: sorted(n[:2]) == sorted(browser.texts(".legend li span")),
            "its classes",
        )
        tags = browser.run(
            "return [...document.querySelectorAll('*')].map((one) => one.tagName.toUpperCase())"
        )
        assert not {"IFRAME", "STYLE", "A", "B", "SVG"} & set(tags)
        assert (tags.count("SCRIPT"), tags.count("IMG")) == (1, 1)  # those of the page
        assert browser.run("return globalThis.hacked") is None
    # The same names in the address.
    for name in HOSTILE[:10]:
        browser.run("location.hash = `data=moons&init=${encodeURIComponent(arguments[0])}`", name)
        browser.until(
            lambda n=name: browser.on(".alert").is_displayed() and n[:20] in browser.text(".alert"),
            "it is refused",
        )
        browser.run("location.hash = 'data=moons'")
        browser.until(lambda: not browser.on(".alert").is_displayed(), "it is well again")
    assert browser.run("return globalThis.hacked") is None


def test_the_policy_stops_inline_scripts_and_styles(browser):
    browser.open()
    browser.run("""
        globalThis.violations = [];
        document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
        try { document.body.innerHTML += '<img src=x onerror=hacked=1>'; } catch { violations.push('trusted-types'); }
        const style = document.createElement('style');
        style.textContent = 'body { display: none }';
        document.head.append(style);
        const image = new Image();
        image.src = 'http://192.0.2.1/x.png';
    """)
    browser.until(lambda: len(browser.run("return violations")) >= 3, "the browser objects")
    found = set(browser.run("return violations"))
    assert {"style-src-elem", "img-src"} <= found and any("trusted" in one for one in found)
    assert browser.run("return [globalThis.hacked ?? null, getComputedStyle(document.body).display]") == [
        None,
        "block",
    ]
    browser.errors()  # they are reported


#: What is opened on each page besides its first look: the controls to click.
STATES = {
    "network": [
        *[f".tabs [data-value={tab}]" for tab in ("program", "weights", "files")],
        *[f".kinds [data-value={kind}]" for kind in ("formulas", "table", "drawn")],
        ".play",
        ".play",
        ".column:nth-child(2) .unit",
    ],
    "step": [".step-end", ".node-weight"],
    "digits": [".example", ".kinds [data-value=perceptron]", ".kinds [data-value=lenet]", "details summary"],
    "perceptron": [".kinds [data-value=xor]", ".rule-step", ".flip"],
}


def complaints_of_axe(browser) -> list:
    result = browser.driver.execute_async_script("""
        const done = arguments[0];
        axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}).then(done);
    """)
    assert len(result["passes"]) > 20
    return [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in result["violations"]]


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "ko")])
@pytest.mark.parametrize("page", PAGES)
def test_accessibility_and_width(browser, page, width, dark, language):
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("axe is not installed (pip install axe-core-python)")
    browser.look(width, dark)
    browser.open(f"page={page}&data=gaussians&classes=3&compare=rate&values=0.01 0.1", language)
    browser.until(lambda: browser.all("canvas"), "the page")
    browser.run(
        (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8") + "\nwindow.axe = axe;"
    )
    if page == "digits":
        browser.until(lambda: browser.session.digits._model is not None, "a model")
    if page == "step":
        browser.until(lambda: browser.all(".node"), "the graph")
    for control in ("", *STATES[page]):
        if control:
            browser.click(control)
            browser.run("return new Promise((done) => setTimeout(done, 150))")
        assert complaints_of_axe(browser) == [], control
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), control
        small = browser.run("""
            return [...document.querySelectorAll('button, select, input')].filter((one) => one.offsetParent)
              .filter((one) => !['checkbox', 'range', 'file'].includes(one.type))
              .filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML.slice(0, 80))
        """)
        assert small == [], control  # WCAG 2.2, target size (minimum)


def test_a_server_that_stops_is_said(chromium, serve):
    other = serve()
    chromium.driver.get("about:blank")
    chromium.driver.get(f"{other.home}/")
    chromium.until(lambda: chromium.all(".alert:not([hidden])"), "no token")
    assert "tensorlet playground" in chromium.text(".alert")
    chromium.driver.get(f"{other.home}/?token=secret-token")
    chromium.until(lambda: chromium.run("return globalThis.tensorletPlayground?.frames > 0"), "a frame")
    other.stop()
    chromium.until(lambda: chromium.find(".alert").is_displayed(), "the end is said")
    chromium.errors()
    chromium.driver.get(f"{chromium.served.home}/")


def test_the_address_has_what_is_shown_of_every_page(browser):
    browser.open("page=perceptron&gate=xor&angle=90&offset=0.25&swapped=true&rule-rate=2")
    assert browser.on(".kinds [data-value=xor]").get_attribute("aria-pressed") == "true"
    assert [browser.on(f"[name={name}]").get_attribute("value") for name in ("angle", "offset")] == [
        "90",
        "0.25",
    ]
    browser.set("angle", 30)
    browser.until(lambda: "angle=30" in browser.driver.current_url, "the angle is in the address")
    browser.open("page=digits&model=perceptron&images=1000&model-seed=8")
    browser.until(lambda: browser.session.digits.kind == "perceptron", "the model")
    assert (browser.session.digits.rows, browser.session.digits.seed) == (1000, 8)
    browser.open("page=step&row=9")
    browser.until(lambda: browser.all(".node"), "the graph")
    assert browser.on("[name=row]").get_attribute("value") == "9"
    browser.open("tab=weights&lines=true&speed=5&compare=rate&values=0.1 1&network=1")
    browser.until(lambda: browser.all(".grid") and browser.session.speed == 5, "tab and speed")
    assert browser.on("[name=lines]").is_selected()
    assert browser.on(".planes figure:nth-child(2) .caption").get_attribute("aria-pressed") == "true"
