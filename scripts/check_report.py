#!/usr/bin/env python3
"""Checks a report as its readers meet it: every reference, no request, no console message, axe-core, keyboard, widths.

    scripts/check_report.py reports/example --out /tmp/shots
    scripts/check_report.py one-file/index.html --axe /path/to/axe.min.js

Needs Chromium and Python only. axe-core (MPL 2.0) is not part of this repository: without --axe it is taken from the
wheel of axe-playwright-python 0.1.8 (axe 4.12.1), which pip downloads into the user's cache. With --out: screenshots at
1400, 800 and 400 pixels in light and dark, and the page as it prints. Exit status 1 where anything is wrong.
"""
import argparse
import base64
import html.parser
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlparse

WHEEL = "axe-playwright-python==0.1.8"
WIDTHS = (1400, 800, 400)


# Files ------------------------------------------------------------------------------------------------------------

class Page(html.parser.HTMLParser):
    """Identifiers, references and images of a page."""

    def __init__(self):
        super().__init__()
        self.ids, self.references, self.images, self.headings = [], [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("href", "src", "poster", "data", "action"):
            # The author's own links lead out of the report.
            is_authors = tag == "a" and "noopener" in (values.get("rel") or "")
            if values.get(name) and not is_authors:
                self.references.append((tag, name, values[name]))
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for one in (values.get(name) or "").split():
                self.references.append((tag, name, "#" + one))
        if tag == "img":
            self.images.append(values)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


def check_files(index):
    """Problems of references: of the page, of its style sheet, and of every SVG beside it."""
    problems = []
    folder = index.parent
    text = index.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    for name in {one for one in page.ids if page.ids.count(one) > 1}:
        problems.append(f"the identifier '{name}' stands more than once")
    used = {index.resolve()}

    def look(place, reference, ids, what):
        if reference.startswith("data:"):
            return
        if reference.startswith("#"):
            if unquote(reference[1:]) not in ids:
                problems.append(f"{what}: nothing has the identifier '{reference[1:]}'")
            return
        parts = urlparse(reference)
        if parts.scheme or parts.netloc or reference.startswith("/"):
            problems.append(f"{what}: '{reference[:80]}' lies outside of the report")
            return
        target = (place / unquote(parts.path)).resolve()
        if not target.is_file():
            problems.append(f"{what}: there is no file '{reference[:80]}'")
        elif folder.resolve() not in target.parents:
            problems.append(f"{what}: '{reference}' lies outside of the report")
        used.add(target)

    for tag, name, value in page.references:
        look(folder, value, page.ids, f"{index.name}: <{tag} {name}>")
    for sheet in re.findall(r'"(explorer/[^"]+)"', text):
        look(folder, sheet, page.ids, f"{index.name}: explorer")
    for address in re.findall(r"url\(\s*['\"]?([^'\")$]+)", text):
        look(folder, address, page.ids, f"{index.name}: url()")
    for image in page.images:
        if not (image.get("alt") or "").strip():
            problems.append(f"an image has no alternative text: {str(image.get('src'))[:60]}")
    if page.headings[:1] != [1] or page.headings.count(1) != 1:
        problems.append("the page does not begin with its one heading of the first level")
    for first, second in zip(page.headings, page.headings[1:]):
        if second > first + 1:
            problems.append(f"a heading of level {second} follows one of level {first}")
    for file in sorted(folder.rglob("*.svg")) if index.name == "index.html" and (folder / "figures").is_dir() else []:
        drawing = file.read_text(encoding="utf-8")
        ids = re.findall(r'\sid="([^"]+)"', drawing)
        for address in re.findall(r'(?:href|src)="([^"]+)"', drawing) + re.findall(r"url\(([^)]+)\)", drawing):
            look(file.parent, address, ids, file.name)
        for address in re.findall(r"https?://[^\"'\s<)]+", drawing):
            if address != "http://www.w3.org/2000/svg":
                problems.append(f"{file.name} names {address}")
    if (folder / "figures").is_dir():
        for file in sorted(folder.rglob("*")):
            described = (file.suffix == ".json" and file.parent.name == "figures"
                         or file.relative_to(folder).parts[0] == "data")
            if file.is_file() and file.resolve() not in used and not described:
                problems.append(f"nothing leads to {file.relative_to(folder)}")
    return problems, len(page.references)


# The browser ------------------------------------------------------------------------------------------------------

class Browser:
    """Chromium, spoken to through a pipe."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="report-check-")
        read_by_browser, self.out = os.pipe()
        self.input, written_by_browser = os.pipe()

        def place():
            # In two steps, lest one end lies where the other has to go.
            ends = os.dup(read_by_browser), os.dup(written_by_browser)
            high = [os.dup2(end, 40 + number) for number, end in enumerate(ends)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
             "--force-color-profile=srgb", f"--user-data-dir={self.profile}", "about:blank"],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_by_browser)
        os.close(written_by_browser)
        self.number, self.buffer, self.events = 0, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def receive(self, patience):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], patience)
            if not ready:
                return None
            piece = os.read(self.input, 1 << 20)
            if not piece:
                raise SystemExit("Chromium ended; is it installed whole?")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, patience=180, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if hasattr(self, "session"):
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            answer = self.receive(patience)
            if answer is None:
                raise SystemExit(f"Chromium did not answer {method} within {patience} s")
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method, patience=60):
        end = time.time() + patience
        while time.time() < end:
            for event in self.events:
                if event.get("method") == method:
                    return
            event = self.receive(1)
            if event is not None:
                self.events.append(event)
        raise SystemExit(f"the page did not come to {method} within {patience} s")

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise SystemExit(answer["exceptionDetails"].get("exception", {}).get("description", "a script failed"))
        return answer["result"].get("value")

    def press(self, key, **more):
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38,
                 "ArrowRight": 39, "ArrowDown": 40}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=codes.get(key, ord(key[0].upper())), **more)

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def open_page(browser, index, width, dark):
    browser.events.clear()
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable")
    browser.call("Emulation.setEmulatedMedia", features=[
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    browser.call("Page.navigate", url=index.resolve().as_uri())
    browser.wait("Page.loadEventFired")
    # Everything that is folded away is a part of the page too; images must not wait to be scrolled to.
    browser.evaluate("""(async () => {
      document.querySelectorAll("details").forEach((one) => { one.open = true; });
      const images = [...document.images];
      images.forEach((one) => { one.loading = "eager"; });
      await Promise.all(images.map((one) => one.complete ? null : new Promise((done) => {
        one.onload = one.onerror = done; })));
    })()""")


def heard(browser, index):
    """What the page said, and what it asked for outside of its folder."""
    problems = []
    folder = index.resolve().parent.as_uri()
    for event in browser.events:
        method, values = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            problems.append("console: " + " ".join(str(one.get("value")) for one in values["args"]))
        elif method == "Runtime.exceptionThrown":
            problems.append("exception: " + values["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            problems.append(f"{values['entry']['source']}: {values['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            address = values["request"]["url"]
            if not address.startswith(("data:", folder + "/")):
                problems.append("request: " + address[:100])
        elif method == "Network.loadingFailed" and not values.get("canceled"):
            problems.append("failed to load: " + values.get("errorText", ""))
    return problems


AXE = """(async () => {
  const result = await axe.run(document, {resultTypes: ["violations"]});
  return {rules: result.passes.length + result.violations.length, violations: result.violations.map((one) => ({
    id: one.id, help: one.help, count: one.nodes.length,
    nodes: one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " | " +
      [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ").slice(0, 200))}))};
})()"""

LAYOUT = """(() => {
  const problems = [];
  if (document.documentElement.scrollWidth > innerWidth + 1)
    problems.push(`the page is ${document.documentElement.scrollWidth} pixels wide in a window of ${innerWidth}`);
  for (const one of document.images)
    if (!one.naturalWidth) problems.push(`an image is broken: ${one.src.slice(0, 80)}`);
  for (const one of document.querySelectorAll("p, li, dd, dt, h1, h2, h3, h4, figcaption, button, label")) {
    const box = one.getBoundingClientRect();
    const holder = one.closest(".scroll, .strip");
    if (!holder && box.width && (box.left < -1 || box.right > innerWidth + 1) && !one.closest(".skip"))
      problems.push(`cut at the edge: ${one.tagName} ${one.textContent.trim().slice(0, 60)}`);
  }
  return problems;
})()"""

FOCUSED = """(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  return {
    what: one.tagName.toLowerCase() + (one.id ? "#" + one.id : "") + (one.className ? "." + String(one.className) : ""),
    name: (one.getAttribute("aria-label") || one.textContent || one.labels?.[0]?.textContent || "").trim().slice(0, 60),
    seen: box.width > 0 && box.height > 0, marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
  };
})()"""


def check_keyboard(browser):
    """Walks through the page by Tab, and uses the heat maps and the explorers by keys."""
    problems, places = [], set()
    wanted = browser.evaluate(
        "document.querySelectorAll('a[href], button:not(:disabled), select, input, summary, [tabindex=\"0\"]').length")
    for step in range(wanted + 20):
        browser.press("Tab")
        focused = browser.evaluate(FOCUSED)
        if focused is None:
            if step > 5:
                break
            continue
        places.add((focused["what"], focused["name"]))
        for key, problem in (("seen", "is not to be seen"), ("marked", "shows no focus"), ("name", "has no name")):
            if not focused[key]:
                problems.append(f"keyboard: {focused['what']} '{focused['name']}' {problem}")
    parts = browser.evaluate("""[...document.querySelectorAll(".overlay, .view")].map((one, place) => {
      one.dataset.place = place; return one.className; })""")
    for place, kind in enumerate(parts):
        moved = browser.evaluate(f"""(() => {{
          const one = document.querySelector('[data-place="{place}"]');
          if (!one.offsetParent) return null;
          one.focus();
          return one.closest("figure, .explorer").querySelector(".readout").textContent; }})()""")
        if moved is None:
            continue
        texts = [moved]
        for key in ("ArrowLeft", "ArrowDown") if kind == "view" else ("ArrowRight", "ArrowDown"):
            browser.press(key)
            texts.append(browser.evaluate(
                f"""document.querySelector('[data-place="{place}"]').closest("figure, .explorer")"""
                """.querySelector(".readout").textContent"""))
        if len(set(texts)) < 3:
            problems.append(f"keyboard: the {kind} number {place + 1} does not answer the arrow keys: {texts}")
    return sorted(set(problems)), len(places)


def find_axe(given):
    if given:
        return Path(given).read_text(encoding="utf-8")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "palimpsest-axe"
    script = cache / "axe.min.js"
    if not script.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(cache), WHEEL],
                       check=True)
        wheel = next(cache.glob("axe_playwright_python*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            script.write_bytes(archive.read("axe_playwright_python/axe.min.js"))
        wheel.unlink()
    return script.read_text(encoding="utf-8")


def shoot(browser, out, name):
    """The whole page, in pieces of at most 4,000 pixels."""
    size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
    top, number = 0, 1
    while top < size["height"]:
        height = min(4000, size["height"] - top)
        picture = browser.call("Page.captureScreenshot", captureBeyondViewport=True, clip={
            "x": 0, "y": top, "width": size["width"], "height": height, "scale": 1})
        (out / f"{name}-{number:02}.png").write_bytes(base64.b64decode(picture["data"]))
        top, number = top + height, number + 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, help="the folder of a report, or its index.html")
    parser.add_argument("--axe", help="axe.min.js, in place of the one pip downloads")
    parser.add_argument("--out", type=Path, help="where screenshots and print.pdf go")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome") or "chromium")
    options = parser.parse_args()
    index = options.report / "index.html" if options.report.is_dir() else options.report
    if not index.is_file():
        parser.error(f"there is no {index}")
    axe = find_axe(options.axe)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    problems, references = check_files(index)
    browser = Browser(options.chromium)
    try:
        for width in WIDTHS:
            for dark in (False, True):
                where = f"{width} pixels, {'dark' if dark else 'light'}"
                open_page(browser, index, width, dark)
                found = browser.evaluate(LAYOUT)
                if options.out:
                    shoot(browser, options.out, f"{width}-{'dark' if dark else 'light'}")
                browser.evaluate(axe)
                result = browser.evaluate(AXE)
                for one in result["violations"]:
                    found.append(f"axe {one['id']} ({one['count']} times): {one['help']}\n    " + "\n    ".join(one["nodes"]))
                problems += [f"{where}: {one}" for one in found + heard(browser, index)]
                print(f"{where}: {result['rules']} rules of axe applied, {len(result['violations'])} violated")
        open_page(browser, index, 1400, False)
        found, places = check_keyboard(browser)
        problems += found
        print(f"keyboard: {places} places reached; {references} references")
        if options.out:
            browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")
            paper = browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False, paperWidth=8.27,
                                 paperHeight=11.69)
            (options.out / "print.pdf").write_bytes(base64.b64decode(paper["data"]))
    finally:
        browser.close()
    for problem in problems:
        print(problem)
    print("no problem" if not problems else f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
