// Reads Vega-Lite from standard input; writes Vega and a picture of the first view, as JSON.
// The argument is the folder of the npm packages.
"use strict";
const { join } = require("path");
const { readFileSync } = require("fs");

const modules = process.argv[2];
const vega = require(join(modules, "vega/build/vega.min.js"));
globalThis.vega = vega; // Vega-Lite looks for it there
// Node.js cannot measure letters; Vega's own guess is a third too wide.
vega.textMetrics.width = (item, text) => 0.58 * item.fontSize * String(text ?? "").length;
const vegaLite = require(join(modules, "vega-lite/build/vega-lite.js"));

const compiled = vegaLite.compile(JSON.parse(readFileSync(0, "utf8"))).spec;
for (const signal of compiled.signals) delete signal.bind; // the page has inputs of its own

new vega.View(vega.parse(compiled), { renderer: "none" })
  .toSVG()
  .then((svg) => process.stdout.write(JSON.stringify({ vega: compiled, svg })));
