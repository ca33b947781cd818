"""A browser for tests: chromedriver's HTTP interface (W3C WebDriver), with the standard library only."""

import json
import subprocess
import urllib.error
import urllib.request


class Browser:
    """Headless Chromium by a chromedriver of its own."""

    def __init__(self, folder, width=1000, height=900, dark=False):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for line in self.driver.stdout:
            if "successfully on port " in line:
                self.base = "http://127.0.0.1:%d" % int(line.split("on port ")[1].rstrip(".\n"))
                break
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--user-data-dir=" + folder, "--window-size=%d,%d" % (width, height)]
        if dark:
            arguments.append("--force-dark-mode")
        options = {"binary": "/usr/bin/chromium", "args": arguments}
        wanted = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
        answer = self.call("POST", "/session", {"capabilities": wanted})
        self.base += "/session/" + answer["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()[:600]) from None

    def open(self, file):
        self.call("POST", "/url", {"url": "file://" + file})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script, what):
        """Waits, at most some seconds, till a script gives something true."""
        done = self.call(
            "POST", "/execute/async",
            {"script": "const done = arguments[0]; let n = 0; (function look() {"
                       "const value = (() => {" + script + "})(); if (value || n++ > 400) done(value);"
                       "else setTimeout(look, 25); })();", "args": []})
        if not done:
            raise AssertionError(what)
        return done

    def resize(self, width, height):
        # A window of headless Chromium is not narrower than 500 pixels; the view can be.
        self.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}})

    def media(self, **features):
        self.call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]}})

    def keys(self, text):
        actions = []
        for letter in text:
            actions += [{"type": "keyDown", "value": letter}, {"type": "keyUp", "value": letter}]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": actions}]})

    def log(self):
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})]

    def picture(self, file):
        import base64
        with open(file, "wb") as out:
            out.write(base64.b64decode(self.call("GET", "/screenshot")))

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
