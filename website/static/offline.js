// Ask the service worker to keep this page for reading without a network; the whole book, once it is
// installed as an app. Opened as a file there is no service worker, and no need for one.
"use strict";

const serviceWorker = new URL("../service-worker.js", document.currentScript.src);

async function keepForOffline() {
  await navigator.serviceWorker.register(serviceWorker);
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const images = [...document.images].map((image) => image.src); // some only load when scrolled to
  if (!navigator.connection?.saveData) active.postMessage([location.href.split("#")[0], ...loaded, ...images]);
  const installed = matchMedia("(display-mode: standalone)").matches;
  if (installed) active.postMessage("book");
  addEventListener("appinstalled", () => active.postMessage("book"));
}

if (navigator.serviceWorker && location.protocol.startsWith("http")) {
  addEventListener("load", () => keepForOffline().catch(console.info)); // a convenience, no more
}
