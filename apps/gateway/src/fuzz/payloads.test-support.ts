import type { SeededRandom } from '@prodigon/testing';

const DEPTH = 100_000;
export const DEEP_ARRAY: string = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
export const DEEP_OBJECT: string = `${'{"a":'.repeat(DEPTH)}0${'}'.repeat(DEPTH)}`;
const LONG = 'x'.repeat(70_000);
/** Exceeds the body limit of most routes. */
const TOO_LONG = 'x'.repeat(5 << 20);

/** Texts of values in a body. Some are invalid JSON, others are valid but never produced by `JSON.stringify`. */
const VALUES: readonly string[] = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e999',
  '-1e999',
  '5e-324',
  '9007199254740993',
  '99999999999999999999999999',
  '1E400',
  'NaN',
  'Infinity',
  '0x10',
  '01',
  '.5',
  '+1',
  'undefined',
  "'single'",
  '"',
  '""',
  '" "',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\u2028"',
  '"\ufeff"',
  '"\t"',
  '"\\x"',
  '"1"',
  '"true"',
  '"2026-13-45"',
  '"../../../../etc/hosts"',
  '"prodigon-sim?fault=nothing&tokens=-1"',
  '"\\"; select 1 --"',
  '"{{7*7}}%s%n"',
  `"${LONG}"`,
  `"${'🚀'.repeat(6_000)}"`,
  `"${'\\u0000'.repeat(2_000)}"`,
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '[{}]',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":1,"valueOf":1,"toJSON":1}',
  '{"length":4294967296}',
  '{"type":"image_url","image_url":{"url":"file:///etc/hosts"}}',
  '[{"type":"text"}]',
  '[{"type":"input_text","text":1}]',
  '[{"role":"user","content":[{"type":"input_image"}]}]',
  '[{"type":"function_call_output","call_id":"x"}]',
  '[{"type":"function","function":{"name":1}}]',
  '[{"type":"function","name":"f","parameters":[]}]',
  `[${'0,'.repeat(3_000)}0]`,
  `[${'{},'.repeat(3_000)}{}]`,
  `{${Array.from({ length: 2_000 }, (_, index) => `"k${index}":0`).join()}}`,
  DEEP_ARRAY,
  DEEP_OBJECT,
  '['.repeat(DEPTH),
  '{"a":'.repeat(DEPTH),
];

const NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  'then',
  'length',
  '',
  '\u0000',
  '\ud800',
  'größe',
  'a.b',
  'a[0]',
  LONG,
];

/** Returns the text of a random value, which may be invalid JSON. */
export const hostileValue = (random: SeededRandom): string => (random.oneIn(400) ? `"${TOO_LONG}"` : random.pick(VALUES));
export const hostileName = (random: SeededRandom): string => random.pick(NAMES);
