/** Removes control characters except newlines and tabs, so that a model cannot control the terminal. */
export const withoutControlCharacters = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '');

/** Returns untrusted text as part of one line, cut to `charactersMax`. */
export function asOneLine(text: string, charactersMax: number): string {
  const characters = Array.from(
    withoutControlCharacters(text.slice(0, 4 * charactersMax))
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return characters.length > charactersMax ? `${characters.slice(0, charactersMax - 1).join('')}…` : characters.join('');
}
