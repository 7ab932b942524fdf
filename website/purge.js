// Reads {css, files} from standard input; writes the rules of which the files have all the words.
// The argument is the folder of the npm packages.
"use strict";
const { join } = require("path");
const { readFileSync } = require("fs");

const { PurgeCSS } = require(join(process.argv[2], "purgecss"));
const { css, files } = JSON.parse(readFileSync(0, "utf8"));

new PurgeCSS()
  .purge({
    content: files,
    css: [{ raw: css }],
    fontFace: true,
    // Scripts set these to light and dark: the words are in no page.
    safelist: { greedy: [/data-theme/, /data-mode/] },
  })
  .then(([purged]) => process.stdout.write(purged.css));
