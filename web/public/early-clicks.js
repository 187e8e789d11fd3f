// Keeps clicks on buttons that come before the page's code has. Forms and links need no keeping: the browser knows them.
(() => {
  const kept = new Set();
  const keep = (event) => {
    const button = event.target instanceof Element ? event.target.closest('button[type="button"]') : null;
    if (!button) return;
    kept.add(button);
    button.setAttribute('aria-busy', 'true');
  };
  document.addEventListener('click', keep, true);
  /** Called once the page answers: gives each kept click to its button, a repeated one once. */
  globalThis.takeEarlyClicks = () => {
    document.removeEventListener('click', keep, true);
    for (const button of kept) {
      button.removeAttribute('aria-busy');
      if (button.isConnected) button.click();
    }
    kept.clear();
  };
})();
