import { describe, expect, it } from 'vitest';
import { createJsonScanner, JSON_LIMITS } from './json-limits.ts';

const { depthMax, keysMax, distinctKeysMax, valuesMax, numbersMax } = JSON_LIMITS;
const CHUNK_SIZES = [61, 65_536];
/** Keys with equal hashes count once. At the limit, more than one such pair is unlikely. */
const HASH_COLLISIONS = 10;

const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}0${'}]'.repeat(levels / 2)}`;
const list = (count: number, value: string, separator = ',') => `[${Array(count).fill(value).join(separator)}]`;
const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',')}}`;
/** Objects with the same four keys, as messages have, which 61 bytes contain at most five times. */
const sameKeys = (count: number) => list(count / 4, '{"a":1,"b":{"c":"x"},"d":1}');
/** Objects with the digits of a number as keys: many orders of few keys. */
const orders = (objects: number) =>
  `[${Array.from({ length: objects }, (_, index) => `{${[...`${100_000 + index}`].map((digit) => `"${digit}":1`).join(',')}}`).join(',')}]`;

/** Returns the error code for a text that arrives in chunks of each size. */
function scan(json: string, factor?: number): string | undefined {
  const bytes = Buffer.from(json);
  const codes = CHUNK_SIZES.map((size) => {
    const scanChunk = createJsonScanner(factor);
    for (let at = 0; at < bytes.length; at += size) {
      const error = scanChunk(bytes.subarray(at, at + size));
      if (error) return error.code;
    }
    return undefined;
  });
  expect(new Set(codes).size).toBe(1);
  return codes[0];
}

describe('createJsonScanner', () => {
  it.each([
    ['nesting', nested(depthMax), nested(depthMax + 2), 'VALIDATION_ERROR'],
    ['keys', sameKeys(keysMax), sameKeys(keysMax + 4), 'PAYLOAD_TOO_LARGE'],
    ['distinct keys', keys(distinctKeysMax), keys(distinctKeysMax + HASH_COLLISIONS), 'PAYLOAD_TOO_LARGE'],
    ['texts in a list', list(valuesMax, '"a"'), list(valuesMax + 1, '""'), 'PAYLOAD_TOO_LARGE'],
    ['empty objects', list(valuesMax / 2 - 1, '{}'), list(valuesMax, '{}'), 'PAYLOAD_TOO_LARGE'],
    ['numbers', list(numbersMax, '7'), list(numbersMax + 1, '-7'), 'PAYLOAD_TOO_LARGE'],
    ['numbers after spaces', list(numbersMax, '7', ' , \n'), list(numbersMax + 1, '7', ' , \n'), 'PAYLOAD_TOO_LARGE'],
  ])('accepts %s up to the limit', (_case, most, more, code) => {
    expect(scan(most)).toBeUndefined();
    expect(scan(more)).toBe(code);
  });

  it.each([
    ['inside strings', `"${'[{,:'.repeat(numbersMax)}"`],
    ['after escaped quotes', `"\\"\\\\\\"${'{:,'.repeat(numbersMax)}\\\\"`],
    ['after many escaped characters', `"${'\\\\'.repeat(100)}\\"${'[,:'.repeat(numbersMax)}"`],
    ['side by side', `{"a":[${'[],'.repeat(3 * depthMax)}[]]}`],
    ['inside an unterminated string', `"${'['.repeat(numbersMax)}`],
  ])('ignores structure %s', (_case, json) => {
    expect(scan(json)).toBeUndefined();
  });

  it('counts what follows a string that ends with a backslash', () => {
    expect(scan(`["\\\\",${'['.repeat(3 * depthMax)}`)).toBe('VALIDATION_ERROR');
    expect(scan(`["${'x'.repeat(200)}\\\\",${'['.repeat(3 * depthMax)}`)).toBe('VALIDATION_ERROR');
  });

  it('counts the same wherever a chunk ends', () => {
    const json = Buffer.from(`{"a\\\\":[1, "\\"[", -2 ,{}],"b":"${'x'.repeat(70)}\\\\"}`);
    const tail = Buffer.from(sameKeys(keysMax / 1_000));
    for (let at = 0; at <= json.length; at += 1) {
      const scanChunk = createJsonScanner(1 / 1_000);
      expect([scanChunk(json.subarray(0, at)), scanChunk(json.subarray(at))]).toEqual([undefined, undefined]);
      // The two keys before and those of the tail are too many, unless a string swallowed some.
      expect(scanChunk(tail)?.code).toBe('PAYLOAD_TOO_LARGE');
    }
  });

  it('counts the same keys in another order as distinct', () => {
    // Each object shares all keys but the last with nine others.
    expect(scan(orders(9_000))).toBeUndefined();
    expect(scan(`[${orders(9_000)},${orders(9_000).replaceAll('"1"', '"x"')}]`)).toBe('PAYLOAD_TOO_LARGE');
  });

  it('counts each long key as distinct', () => {
    const long = `{"${'k'.repeat(100)}":1}`;
    expect(scan(list(distinctKeysMax, long))).toBeUndefined();
    expect(scan(list(distinctKeysMax + 1, long))).toBe('PAYLOAD_TOO_LARGE');
  });

  it('multiplies the counts by its factor', () => {
    expect(scan(keys(2 * distinctKeysMax), 2)).toBeUndefined();
    expect(scan(keys(2 * distinctKeysMax + HASH_COLLISIONS), 2)).toBe('PAYLOAD_TOO_LARGE');
  });

  it('accepts only nesting that JSON.stringify supports', () => {
    expect(JSON.stringify(JSON.parse(nested(depthMax)))).toContain('0');
  });
});
