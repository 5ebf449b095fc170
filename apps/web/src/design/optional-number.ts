/** The text of a number field whose input is not a number. Browsers report such input as an empty text. */
export const NOT_A_NUMBER = 'NaN';

/** Returns the number of a field, or undefined for an empty one. */
export function parseOptionalNumber(text: string): number | undefined {
  return text.trim() === '' ? undefined : Number(text);
}
