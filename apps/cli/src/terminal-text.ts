/** A model's words must not steer the terminal. Line ends and tabs stay. */
export const withoutControlCharacters = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '');

/** Anybody's words as a part of one line, cut to `charactersMax`. */
export function asOneLine(text: string, charactersMax: number): string {
  const characters = Array.from(
    withoutControlCharacters(text.slice(0, 4 * charactersMax))
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return characters.length > charactersMax ? `${characters.slice(0, charactersMax - 1).join('')}…` : characters.join('');
}
