import { nextTurn } from './event-loop-turns.ts';

/** Characters that are serialized in one turn of the event loop: about 5 ms. */
const CHARACTERS_PER_TURN = 1 << 20;

/** Returns the JSON of a plain value. Serializes a large one in turns of the event loop, and then returns a promise of its bytes. */
export function stringifyJson(value: unknown): string | Promise<string | Buffer> {
  if (isLarge(value)) return stringifyInTurns(value);
  return isLarge(value, CHARACTERS_PER_VALUE) ? stringifyInOneTurn(value) : JSON.stringify(value);
}

/** What a key or a value costs, as the length of a text that costs the same. */
const CHARACTERS_PER_VALUE = 200;

/** Returns whether a value exceeds what one turn serializes. Each value counts `charactersPerValue` besides its text. */
function isLarge(value: unknown, charactersPerValue = 0): boolean {
  let characters = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    characters += charactersPerValue;
    if (typeof next === 'string') characters += next.length;
    else if (typeof next === 'object' && next !== null) for (const child of Object.values(next)) pending.push(child);
    if (characters > CHARACTERS_PER_TURN) return true;
  }
  return false;
}

/** The number of keys and values is limited before parsing, so that their serialization fits into a turn of its own. */
async function stringifyInOneTurn(value: unknown): Promise<string> {
  await nextTurn();
  const text = JSON.stringify(value);
  await nextTurn();
  return text;
}

async function stringifyInTurns(value: unknown): Promise<Buffer> {
  const parts: Buffer[] = [];
  let pending = '';

  async function write(text: string): Promise<void> {
    pending += text;
    if (pending.length < CHARACTERS_PER_TURN) return;
    // Encoding 32 MB in one turn would take up to 70 ms.
    parts.push(Buffer.from(pending));
    pending = '';
    await nextTurn();
  }

  async function writeText(text: string): Promise<void> {
    await write('"');
    for (let start = 0; start < text.length; ) {
      let end = start + CHARACTERS_PER_TURN;
      // Half of a surrogate pair would be escaped.
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
      await write(JSON.stringify(text.slice(start, end)).slice(1, -1));
      start = end;
    }
    await write('"');
  }

  async function writeValue(current: unknown): Promise<void> {
    if (typeof current === 'string') return writeText(current);
    if (!isLarge(current)) return write(JSON.stringify(current ?? null));
    const isList = Array.isArray(current);
    let separator = isList ? '[' : '{';
    for (const [key, child] of Object.entries(current as object)) {
      if (!isList && child === undefined) continue;
      await write(isList ? separator : `${separator}${JSON.stringify(key)}:`);
      await writeValue(child);
      separator = ',';
    }
    return write(isList ? ']' : '}');
  }

  await nextTurn();
  await writeValue(value);
  parts.push(Buffer.from(pending));
  await nextTurn();
  return Buffer.concat(parts);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
