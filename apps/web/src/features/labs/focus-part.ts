let wantedId: string | null = null;

/**
 * Moves the focus to the part of the page with this id, now or as soon as it appears. Use it where the control that has the focus
 * disappears, because the focus would fall to the body.
 */
export function focusPart(id: string): void {
  const part = document.getElementById(id);
  wantedId = part ? null : id;
  part?.focus();
}

/** The `ref` of a part that may appear after `focusPart`. */
export function takeFocus(part: HTMLElement | null): void {
  if (part === null || part.id !== wantedId) return;
  wantedId = null;
  part.focus();
}
