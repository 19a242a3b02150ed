// Keeps the whole page on the device, so that it works offline. [[version]] is a hash of all its files: another
// delivery is another cache, complete before it is used. A file whose hash is another is refused.

const VERSION = '[[version]]';
const FILES = [[files]];
const CACHE = `modelport ${registration.scope} ${VERSION}`;

addEventListener('install', (event) => event.waitUntil(fill()));
addEventListener('activate', (event) => event.waitUntil(removeOthers().then(() => clients.claim())));
addEventListener('message', (event) => event.data === 'take over' && skipWaiting());
addEventListener('fetch', (event) => {
  const name = event.request.url.startsWith(registration.scope) ? nameOf(event.request.url) : '';
  if (event.request.method === 'GET' && Object.hasOwn(FILES, name)) event.respondWith(answer(name, event.request));
});

function nameOf(url) {
  const { origin, pathname } = new URL(url);
  return (origin + pathname).slice(registration.scope.length) || 'index.html';
}

async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.entries(FILES).map(async ([name, integrity]) => cache.put(name, await whole(name, integrity))));
}

/** Fetch a file; past the browser's own cache where that one holds another, which servers' dates may hide. */
async function whole(name, integrity) {
  const response = await fetch(name, { integrity, cache: 'no-cache' }).catch(() => fetch(name, { integrity, cache: 'reload' }));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

async function removeOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(`modelport ${registration.scope} `) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answer(name, request) {
  const kept = await (await caches.open(CACHE)).match(new URL(name, registration.scope));
  return kept ?? fetch(request);
}
