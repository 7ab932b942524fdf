// The editors under exercises: keep what is typed, and let a worker with Python judge it.
"use strict";

const workerAddress = new URL("answers_worker.js", document.currentScript.src);
const SECONDS = 20; // for an answer to run, not counting the time that Python needs to load

// Python: one worker for the page, made when the first reader types or checks --------------------

let worker = null;
let progress = ""; // of its start
let current = null; // the box whose answer is being judged

function wake() {
  if (worker) return worker;
  worker = new Worker(workerAddress);
  progress = "Loading Python …";
  worker.onmessage = ({ data }) => {
    progress = data.progress ?? "";
    current?.hear(data);
  };
  worker.onerror = () => end("Python could not be started. Is the site opened as a file? It needs a server.");
  return worker;
}

function end(reason) {
  worker?.terminate();
  worker = null;
  current?.finish("stopped", reason);
}

// What a reader typed, kept in this browser alone ------------------------------------------------

const kept = {
  get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
  set: (key, text) => { try { localStorage.setItem(key, text); } catch { /* private window */ } },
};

// One editor -------------------------------------------------------------------------------------

function Box(element) {
  const editor = element.querySelector("textarea");
  const { check, stop, reset } = Object.fromEntries(
    [...element.querySelectorAll("button")].map((button) => [button.name, button]));
  const verdict = element.querySelector(".check-answer-verdict");
  const key = `lossbook:${element.dataset.key}`;
  const starter = editor.defaultValue;
  let timer;

  function say(state, headline, details = "") {
    verdict.dataset.state = state;
    verdict.replaceChildren(line("p", headline), ...(details ? [line("pre", details)] : []));
  }

  function keep() {
    kept.set(key, editor.value);
    showReset();
  }

  // One button: back to the start, or back to what was there before.
  function showReset() {
    const before = kept.get(`${key}:before`);
    const atStart = editor.value === starter;
    reset.textContent = atStart && before ? "Bring back my text" : "Reset";
    reset.disabled = atStart && !before;
  }

  reset.onclick = () => {
    if (editor.value === starter) {
      editor.value = kept.get(`${key}:before`);
      say("", "Your text is back.");
    } else {
      kept.set(`${key}:before`, editor.value);
      editor.value = starter;
      say("", "Back at the start. The same button brings your text back.");
    }
    keep();
  };

  check.onclick = () => {
    if (current) {
      say("", "Another answer on this page is being checked. Wait for it, or stop it.");
      return;
    }
    current = box;
    stop.disabled = false;
    if (document.activeElement === check) stop.focus(); // a disabled button would drop the focus
    check.disabled = true;
    wake().postMessage({ code: editor.value, check: element.dataset.check });
    say("busy", progress || "Running …");
  };

  stop.onclick = () => end("Stopped.");

  const box = {
    hear({ progress, started, verdict: found, failure }) {
      if (progress) say("busy", progress);
      if (started) {
        say("busy", "Running …");
        timer = setTimeout(end, SECONDS * 1000, `Stopped after ${SECONDS} seconds. Is there a loop without an end?`);
      }
      if (found) box.finish(found.right ? "right" : "wrong", found.right ? "Right." : "Not yet.", details(found));
      if (failure) end(`Python stopped: ${failure}`);
    },
    finish(state, headline, details) {
      clearTimeout(timer);
      current = null;
      check.disabled = false;
      if (document.activeElement === stop) check.focus();
      stop.disabled = true;
      say(state, headline, details);
    },
  };

  editor.value = kept.get(key) ?? starter;
  editor.addEventListener("input", () => { keep(); wake(); });
  editor.addEventListener("keydown", (event) => onKey(event, editor, check));
  check.disabled = false;
  showReset();
}

function line(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function details({ message, printed }) {
  return [message, printed && `Your code printed:\n${printed.trimEnd()}`].filter(Boolean).join("\n\n");
}

// Keys: Tab and Enter indent, Escape lets the next Tab leave the editor --------------------------

let leaving = false;

function onKey(event, editor, check) {
  const { key } = event;
  if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    check.click();
  } else if (key === "Tab" && !leaving) {
    event.preventDefault();
    indent(editor, event.shiftKey);
  } else if (key === "Enter" && !event.isComposing) {
    event.preventDefault();
    const before = editor.value.slice(0, editor.selectionStart).split("\n").pop();
    type(editor, "\n" + before.match(/^ */)[0] + (/:\s*$/.test(before) ? "    " : ""));
  }
  if (key !== "Shift") leaving = key === "Escape";
}

function indent(editor, back) {
  const { value, selectionStart, selectionEnd } = editor;
  if (!back && selectionStart === selectionEnd) {
    type(editor, "    ");
    return;
  }
  const first = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const lines = value.slice(first, selectionEnd);
  editor.setSelectionRange(first, selectionEnd);
  type(editor, back ? lines.replace(/^ {1,4}/gm, "") : lines.replace(/^/gm, "    "));
  editor.setSelectionRange(first, editor.selectionEnd);
}

// Deprecated, yet the only way to change the text that leaves the browser's own undo at work.
function type(editor, text) {
  document.execCommand("insertText", false, text);
}

document.querySelectorAll(".check-answer").forEach(Box);
