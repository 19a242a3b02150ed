// Registers the service worker, and says whether the page works offline, and when a newer delivery lies ready.

/** @param {HTMLElement} status gets a sentence behind what stands in it. */
export async function startOffline(status) {
  const add = (sentence) => status.append(` ${sentence} `);
  if (!('serviceWorker' in navigator)) {
    add('Offline use needs https:// or localhost.');
    return;
  }
  try {
    const registration = await navigator.serviceWorker.register('service_worker.js', { updateViaCache: 'none' });
    offerNewer(registration, status);
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing.addEventListener('statechange', () => offerNewer(registration, status));
    });
    await complete(registration);
    add('Works offline from now on.');
  } catch {
    add(navigator.serviceWorker.controller ? 'Works offline.' : 'Cannot be kept for offline use here.');
  }
}

/** Wait until all files are kept; throws where one could not be. */
async function complete(registration) {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  while (worker.state === 'installing') {
    await new Promise((done) => worker.addEventListener('statechange', done, { once: true }));
  }
  if (worker.state === 'redundant') throw new Error('a file could not be kept');
}

function offerNewer(registration, status) {
  if (!registration.waiting || !navigator.serviceWorker.controller || status.querySelector('button')) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Load the newer version';
  button.addEventListener('click', () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    registration.waiting.postMessage('take over');
  });
  status.append(' ', button);
}
