/** Copies text to the clipboard. Browsers offer the clipboard API on HTTPS and localhost only, so other hosts use a command. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    try {
      return await navigator.clipboard.writeText(text);
    } catch {
      // The permission is missing. The command needs none.
    }
  }
  copyByCommand(text);
}

/** Throws if the browser does not copy. The focus returns to where it was. */
function copyByCommand(text: string): void {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.className = 'fixed top-0 left-0 size-px opacity-0';
  // A modal dialog takes the focus back from any element outside it.
  (focused?.closest('[role="dialog"]') ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  if (!isCopied) throw new Error('The browser did not copy the text');
}
