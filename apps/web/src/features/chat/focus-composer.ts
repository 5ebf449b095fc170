export const TEXTAREA_ID = 'question';

/** Moves the focus to the composer. On touch screens, where that would open the keyboard, the page gets it instead. */
export function focusComposer(): void {
  const target = matchMedia('(pointer: fine)').matches ? TEXTAREA_ID : 'main';
  document.getElementById(target)?.focus({ preventScroll: true });
}
