"""Reports in headless Chromium: html-browser.py FOLDER, which holds hostile.html, sides.html and large.html."""

import sys

from webdriver import Browser

# The search box, and how long what it starts takes: the best of three.
SEARCH = """
    const box = document.getElementById('search');
    let best = Infinity;
    for (let i = 0; i < 3; i++) {
        box.value = arguments[0];
        const start = performance.now();
        box.dispatchEvent(new Event('input', {bubbles: true}));
        best = Math.min(best, performance.now() - start);
    }
    return [best, document.getElementById('status').textContent];
"""
KIND = """
    const box = document.querySelector('input[name=kind][value="' + arguments[0] + '"]');
    box.checked = arguments[1];
    const start = performance.now();
    box.dispatchEvent(new Event('input', {bubbles: true}));
    return [performance.now() - start, document.getElementById('status').textContent];
"""
SHOWN = """
    return Array.from(document.querySelectorAll('.change .name'))
        .filter((e) => e.getClientRects().length > 0).map((e) => e.textContent);
"""


def check(what, actual, expected):
    assert actual == expected, "%s: %r, not %r" % (what, actual, expected)


def check_width(browser, name):
    for width in (360, 1200):
        browser.resize(width, 800)
        seen = browser.run("return document.documentElement.scrollWidth")
        assert seen <= width, "%s is %d wide in %d" % (name, seen, width)


def hostile(browser, folder):
    browser.open(folder + "/hostile.html")
    browser.wait("return !document.getElementById('controls').hidden", "the script did not start")
    # An alert would have made these fail; what the policy refuses would be in the log.
    check("elements", browser.run("return document.querySelectorAll('img, b b, script').length"), 1)
    check("log", browser.log(), [])
    check("title", browser.run("return document.title.startsWith('hivetool diff: ')"), True)
    browser.run("document.getElementById('open').click()")
    check_width(browser, "hostile.html")


def sides(browser, folder):
    browser.open(folder + "/sides.html")
    browser.wait("return !document.getElementById('controls').hidden", "the script did not start")
    marked = browser.run("""return Array.from(document.querySelectorAll('.change'), (e) =>
        e.querySelector('.name').textContent + ':' + Array.from(e.querySelectorAll('del, ins, mark'),
            (m) => ' ' + m.localName + ' ' + m.textContent).join(''))""")
    check("marks", marked, [
        "List: del b mark c mark c ins x",
        "Path: del C:\\Old mark D:\\Tools mark D:\\Tools ins C:\\New",
        "Start: del dword 0x00000002 (2) ins dword 0x00000004 (4)",
        "Text: del brown ins red",
    ])
    check("all", browser.run(SEARCH, "")[1], "4 changes")
    check("found", browser.run(SEARCH, "BROWN")[1], "1 of 4 changes")
    check("shown", browser.run(SHOWN), ["Text"])
    check("none", browser.run(SEARCH, "nowhere")[1], "0 of 4 changes")
    browser.run(SEARCH, "")
    check("filtered", browser.run(KIND, "~", False)[1], "0 of 4 changes")
    browser.run(KIND, "~", True)
    check("types", browser.run("""const s = document.getElementById('type'); s.value = 'REG_DWORD';
        s.dispatchEvent(new Event('input', {bubbles: true}));
        return document.getElementById('status').textContent"""), "1 of 4 changes")
    # The keyboard: / searches, n goes to the next change, c closes all, Escape clears.
    browser.keys("/")
    check("focus", browser.run("return document.activeElement.id"), "search")
    browser.keys("list\ue00c")
    check("cleared", browser.run("return document.getElementById('search').value"), "")
    browser.keys("n")
    check("next", browser.run("return document.querySelectorAll('.change.at').length"), 1)
    browser.keys("c")
    check("closed", browser.run("return document.querySelectorAll('details[open]').length"), 0)
    # A link to a key opens what it is in.
    browser.run("location.hash = '#HKEY_LOCAL_MACHINE~5cSOFTWARE~5cT'")
    browser.wait("return document.querySelectorAll('details[open]').length > 0", "the link opens nothing")
    check("log", browser.log(), [])
    check_width(browser, "sides.html")


def without_script(browser, folder):
    browser.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setScriptExecutionDisabled",
                                               "params": {"value": True}})
    browser.open(folder + "/large.html")
    browser.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setScriptExecutionDisabled",
                                               "params": {"value": False}})
    check("static", browser.run("""return [document.getElementById('controls').hidden,
        document.querySelectorAll('.change').length + document.querySelectorAll('details.added').length,
        document.getElementById('too-many').getClientRects().length > 0]"""), [True, 2000, True])


def large(browser, folder):
    browser.open(folder + "/large.html")
    load = browser.run("return performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert load < 2000, "the load event came after %d ms" % load
    browser.wait("return document.documentElement.dataset.ready", "the data was not read")
    check("all", browser.run("return document.getElementById('status').textContent"), "50000 changes")
    took, status = browser.run(SEARCH, "number 7 of key 4999")
    check("found", status, "1 of 50000 changes")
    assert took < 200, "the search took %d ms" % took
    check("shown", browser.run(SHOWN), ["Value7"])
    browser.run(SEARCH, "")
    took, status = browser.run(KIND, "+", False)
    check("filtered", status, "0 of 50000 changes")
    assert took < 200, "the filter took %d ms" % took
    browser.run(KIND, "+", True)
    browser.run("location.hash = '#HKEY_LOCAL_MACHINE~5cSOFTWARE~5cBig~5cPart44~5cKey4999'")
    browser.wait("return document.getElementById(location.hash.slice(1)) !== null &&"
                 "document.getElementById(location.hash.slice(1)).querySelectorAll('.change').length === 9",
                 "the link opens nothing")
    check("elements", browser.run("return document.querySelectorAll('img').length"), 0)
    check("log", browser.log(), [])
    check_width(browser, "large.html")


def table(browser, folder):
    browser.open(folder + "/find.html")
    browser.wait("return document.documentElement.dataset.ready", "the data was not read")
    n_all = int(browser.run("return document.getElementById('status').textContent").split()[0])
    assert n_all > 2000, n_all
    took, status = browser.run(SEARCH, "COMBASE.dll")
    check("found", status, "1 of %d rows" % n_all)
    check("rows", browser.run("return document.querySelectorAll('#rows tbody tr').length"), 1)
    check("log", browser.log(), [])
    check_width(browser, "find.html")


def main():
    folder = sys.argv[1]
    browser = Browser(folder + "/profile")
    try:
        for test in (hostile, sides, table, without_script, large):
            test(browser, folder)
    finally:
        browser.close()


main()
