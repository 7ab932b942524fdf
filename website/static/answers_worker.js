// Runs answers in a thread of its own, so that the page goes on and an endless loop can be stopped.
// In: {code, check}. Out: {progress}, then for each answer {started} and {verdict} or {failure}.
"use strict";

const pyodideFolder = new URL("../pyodide/", self.location).href;
const starting = start();

async function start() {
  postMessage({ progress: "Loading Python, 17 MB the first time …" });
  importScripts(pyodideFolder + "pyodide.js");
  const pyodide = await loadPyodide({ indexURL: pyodideFolder });
  postMessage({ progress: "Loading NumPy and lossbook …" });
  await pyodide.loadPackage(["numpy", "lossbook"]);
  const file = await fetch(new URL("answers.py", self.location), { cache: "no-cache" });
  pyodide.FS.writeFile("answers.py", await file.text());
  return pyodide.pyimport("answers").judge_as_json;
}

onmessage = async ({ data }) => {
  try {
    const judge = await starting;
    postMessage({ started: true });
    postMessage({ verdict: JSON.parse(judge(data.code, data.check)) });
  } catch (error) {
    postMessage({ failure: error.message });
  }
};

// Before the first answer is sent, the page hears of a failure too; then onmessage tells it.
starting.catch(() => {});
