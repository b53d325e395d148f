// Runs before the first paint, so that a chosen theme never flashes the other one. Not a module for that reason.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('ld-theme');
  } catch {
    // Storage may be closed to pages; then the system's setting counts.
  }
  if (chosen === 'light' || chosen === 'dark') {
    document.documentElement.dataset.theme = chosen;
  }
})();
