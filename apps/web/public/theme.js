// Runs before the first paint, so that the page never flashes in the wrong theme. It is a separate file, because
// the content security policy blocks inline scripts. Without a saved theme, CSS follows the system.
try {
  const theme = localStorage.getItem('prodigon.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  const textSize = localStorage.getItem('prodigon.text-size');
  if (textSize === 'large' || textSize === 'largest') document.documentElement.dataset.textSize = textSize;
} catch {
  // Storage is blocked: CSS follows the system.
}

// If the web UI's own script does not download, nothing else can say so.
addEventListener(
  'error',
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    document.getElementById('loading')?.setAttribute('hidden', '');
    document.getElementById('load-failure')?.removeAttribute('hidden');
  },
  true,
);
