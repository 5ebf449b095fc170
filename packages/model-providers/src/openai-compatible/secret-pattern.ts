/** Shorter secrets would match by chance, in base64 even more often. */
const CHARACTERS_MIN = 8;

/**
 * Returns a pattern that matches secrets as a provider may quote them: in plain text, percent-encoded, in base64 at any
 * offset of a longer text, or in hexadecimal, and in each case with white space between the characters. Returns null
 * without secrets.
 */
export function createSecretPattern(secrets: readonly string[]): RegExp | null {
  const variants = secrets.filter((secret) => secret.length >= CHARACTERS_MIN).flatMap(variantsOf);
  return variants.length === 0 ? null : new RegExp(variants.join('|'), 'gu');
}

function variantsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const plain = Array.from(secret, (character) => {
    const encoded = Array.from(Buffer.from(character), (byte) => `%${hexDigits(byte)}`).join('');
    return `(?:\\u{${character.codePointAt(0)?.toString(16)}}|${encoded})`;
  });
  const hex = Array.from(bytes, (byte) => hexDigits(byte));
  return [plain, hex, ...[0, 1, 2].map((offset) => base64At(bytes, offset))].map((characters) => characters.join('\\s*'));
}

/** Returns the base64 characters that depend only on the secret, after `offset` other bytes. */
function base64At(bytes: Uint8Array, offset: number): string[] {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + bytes.length) * 8) / 6);
  return Array.from(text.slice(first, last), (character) =>
    character === '+' ? '[+-]' : character === '/' ? '[/_]' : character,
  );
}

function hexDigits(byte: number): string {
  return Array.from(byte.toString(16).padStart(2, '0'), (digit) =>
    /[a-f]/.test(digit) ? `[${digit}${digit.toUpperCase()}]` : digit,
  ).join('\\s*');
}
