// Runs before the first paint, so that the page never flashes in the wrong theme. It is a separate file, because
// the content security policy blocks inline scripts. Without a saved theme, CSS follows the system.
try {
  const theme = localStorage.getItem('prodigon.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: CSS follows the system.
}
