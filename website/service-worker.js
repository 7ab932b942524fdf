// Makes pages readable without a network: those that were opened before, or all of the book once it
// is installed as an app. The build writes VERSION and BOOK, the addresses of its files, above this.
"use strict";

const ROOT = new URL("./", self.location).href;
// Other sites of the same host have caches too; a new build has a new one.
const CACHES = `lossbook ${ROOT} `;
const CACHE = CACHES + VERSION;
const FALLBACK = ROOT + "404.html"; // says that one may be offline
const ALWAYS = [FALLBACK, ROOT + "manifest.webmanifest"];

self.addEventListener("install", (event) => event.waitUntil(begin()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  event.waitUntil(keep(event.data === "book" ? BOOK.map((path) => ROOT + path) : event.data));
});
self.addEventListener("fetch", (event) => {
  if (isOurs(event.request)) event.respondWith(answer(event));
});

// JupyterLite, in live/, has a service worker of its own. Large downloads are kept by the reader.
function isOurs(request) {
  const live = [request.url, request.referrer].some((url) => url.startsWith(ROOT + "live/"));
  const plain = request.method === "GET" && !request.headers.has("range");
  return plain && !live && request.url.startsWith(ROOT) && !/\.(zip|pdf)$/.test(request.url);
}

// The network's answer, which is the newest, or the one that was kept.
async function answer(event) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(event.request);
    if (response.ok) event.waitUntil(cache.put(event.request, response.clone()));
    return response;
  } catch {
    const kept = await cache.match(event.request);
    if (kept) return kept;
    return (event.request.mode === "navigate" && (await cache.match(FALLBACK))) || Response.error();
  }
}

// What an older build's cache held is fetched anew, so that it can still be read offline.
async function begin() {
  await self.skipWaiting();
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(CACHES) && name !== CACHE);
  const held = await Promise.all(older.map(async (name) => (await caches.open(name)).keys()));
  await keep([...ALWAYS, ...held.flat().map((request) => request.url)]);
  await Promise.all(older.map((name) => caches.delete(name)));
}

async function keep(addresses) {
  const cache = await caches.open(CACHE);
  for (const address of new Set(addresses)) {
    if (address.startsWith(ROOT) && !(await cache.match(address))) {
      await cache.add(address).catch(() => {}); // gone, or offline: nothing to keep
    }
  }
}
