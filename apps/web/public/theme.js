// Runs before the first paint, so that a chosen theme never flashes. A file of its own because the page's
// content security policy forbids inline scripts. Without a choice, CSS follows the system.
try {
  const theme = localStorage.getItem('prodigon.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme it is.
}
