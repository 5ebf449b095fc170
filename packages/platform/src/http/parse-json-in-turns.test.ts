import { createSeededRandom, hostileText } from '@prodigon/testing';
import { expect, it } from 'vitest';
import { createJsonScanner, type JsonStructure } from './json-limits.ts';
import { parseJsonInTurns } from './parse-json-in-turns.ts';

const MEGABYTE = 1 << 20;

/** Parses a text as a request does. Returns the value and the lengths of the texts that one turn parsed. */
async function parse(text: string, chunkBytes = 65_536) {
  const bytes = Buffer.from(text);
  const structure: JsonStructure = { keys: 0, longStrings: [] };
  const scan = createJsonScanner(1, structure);
  for (let at = 0; at < bytes.length; at += chunkBytes) expect(scan(bytes.subarray(at, at + chunkBytes))).toBeUndefined();
  const turns: number[] = [];
  const value = await parseJsonInTurns(bytes, structure.longStrings, async (piece) => {
    turns.push(piece.length);
    return JSON.parse(piece);
  });
  return { value, turns };
}

const fill = (piece: string, bytes: number) => piece.repeat(Math.ceil(bytes / Buffer.byteLength(piece)));

it.each([
  ['letters', 'hello world '],
  ['escapes', '\\n\\"'],
  ['backslashes', '\\\\'],
  ['escaped characters', '\\u4e2d'],
  ['escaped surrogate pairs', '\\ud83d\\ude00'],
  ['pairs of a backslash and an escape', '\\\\\\u0041'],
  ['Chinese', '中文'],
  ['emojis', 'a😀'],
])('parses no more than a megabyte of %s in one turn', async (_name, piece) => {
  for (const shift of ['', 'x', 'xy', 'xyz', 'xyzab']) {
    const text = `{"before":[1,"two"],"long":"${shift}${fill(piece, 3 * MEGABYTE)}","after":{"é":null}}`;
    const { value, turns } = await parse(text);
    expect(Buffer.from(JSON.stringify(value)).equals(Buffer.from(JSON.stringify(JSON.parse(text))))).toBe(true);
    expect(turns.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...turns)).toBeLessThanOrEqual(MEGABYTE + 2);
  }
});

it('finds long strings wherever chunks divide them, also as keys and in lists', async () => {
  const random = createSeededRandom('long-strings');
  for (let round = 0; round < 20; round += 1) {
    const long = () => fill(hostileText(random), 70_000);
    const value = { [long()]: [long(), { a: long(), b: 'short' }, [[long()]]], rest: 1, '': long() };
    const text = JSON.stringify(value);
    const parsed = await parse(text, 1 + random.upTo(200_000));
    expect(JSON.stringify(parsed.value) === text || JSON.stringify(sorted(parsed.value)) === JSON.stringify(sorted(value))).toBe(
      true,
    );
    expect(parsed.turns.length).toBeGreaterThanOrEqual(6);
  }
});

it('parses a long string without anything around it', async () => {
  const text = JSON.stringify('é'.repeat(100_000));
  expect((await parse(text)).value).toBe(JSON.parse(text));
});

it.each([
  ['a line break', '\n'],
  ['an unknown escape', '\\x'],
  ['an incomplete escape', '\\u12'],
])('rejects %s within a long string', async (_name, fault) => {
  const text = `{"a":"${'x'.repeat(2 * MEGABYTE)}${fault}${'x'.repeat(100_000)}"}`;
  await expect(parse(text)).rejects.toThrow(SyntaxError);
});

it('keeps the keys that a prototype would have', async () => {
  const text = `{"constructor":"${'x'.repeat(70_000)}"}`;
  expect(Object.keys((await parse(text)).value as object)).toEqual(['constructor']);
});

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
