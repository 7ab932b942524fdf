// Slider figures: load Vega when the first one comes near the screen, then tie inputs to signals.
"use strict";
(() => {
  const home = document.currentScript.src;
  let library;

  function load(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(name, home);
      script.onload = () => resolve(script);
      script.onerror = reject;
      document.head.append(script);
    });
  }

  function loadVega() {
    library ??= load("vega.min.js").then(() => load("vega-interpreter.min.js"));
    return library;
  }

  function valueOf(input) {
    return input.type === "range" ? Number(input.value) : input.value;
  }

  async function start(figure) {
    const picture = figure.querySelector(".explorer-picture");
    const still = picture.querySelector("svg");
    const values = figure.querySelector(".explorer-values");
    const [{ spec }] = await Promise.all([load(figure.dataset.spec), loadVega()]);
    const view = new vega.View(vega.parse(spec, null, { ast: true }), {
      expr: vega.expressionInterpreter,
      renderer: "svg",
      hover: false,
    });

    // The drawn area is as wide as fits, up to the width of the still picture.
    const widest = view.width();
    const margins = still.width.baseVal.value - widest;
    const fit = () => {
      const width = Math.max(160, Math.min(widest, Math.floor(picture.clientWidth - margins)));
      if (width !== view.width()) view.width(width).runAsync();
    };
    const lines = () =>
      [...picture.querySelectorAll(".role-title text")].flatMap((text) =>
        [...text.childNodes].map((line) => line.textContent),
      );

    for (const input of figure.querySelectorAll("input, select")) {
      view.signal(input.name, valueOf(input));
      input.addEventListener("input", async () => {
        if (input.nextSibling) input.nextSibling.textContent = input.value;
        await view.signal(input.name, valueOf(input)).runAsync();
        values.textContent = lines().join(", ");
      });
    }
    const place = document.createElement("div");
    view.initialize(place);
    place.setAttribute("aria-hidden", "true"); // the figure's sentence speaks for it
    fit();
    await view.runAsync();
    still.replaceWith(place);
    new ResizeObserver(fit).observe(picture);
    Object.assign(figure, { spec, view }); // for tests, and for whoever looks around in the console
  }

  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watcher.unobserve(target);
        start(target);
      }
    },
    { rootMargin: "400px" },
  );
  document.querySelectorAll("figure.explorer").forEach((figure) => watcher.observe(figure));
})();
