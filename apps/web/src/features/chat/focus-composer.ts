const COMPOSER_ID = 'question';

/** Where the focus goes when what had it is gone. Not on a touch screen, where it would open the keyboard. */
export function focusComposer(): void {
  if (matchMedia('(pointer: fine)').matches) document.getElementById(COMPOSER_ID)?.focus();
}

export { COMPOSER_ID };
