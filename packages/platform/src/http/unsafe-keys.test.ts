import { expect, it } from 'vitest';
import { unsafeKeyError } from './unsafe-keys.ts';

const errorOf = (text: string) => unsafeKeyError(text, JSON.parse(text))?.details;

it.each([
  ['{"__proto__":1}', '__proto__'],
  ['{"metadata":{"a":[{"__proto__" : {}}]}}', 'metadata.a[0].__proto__'],
  ['{"\\u005f_prot\\u006F__":{}}', '__proto__'],
  ['{"properties":{"a":{"__proto__":{}}}}', 'properties.a.__proto__'],
  ['{"properties":{"__proto__":"a text"}}', 'properties.__proto__'],
])('names the field __proto__ in %s', (text, path) => {
  expect(errorOf(text)).toEqual([{ path, message: 'Must have another name' }]);
});

it.each([
  ['a property of a JSON Schema', '{"parameters":{"properties":{"__proto__":{"type":"string"},"a":{"type":"string"}}}}'],
  ['a text', '{"content":"{\\"__proto__\\":1}"}'],
  ['a value', '{"content":"__proto__"}'],
  ['the name of a constructor', '{"constructor":{"prototype":{}}}'],
  ['null', 'null'],
])('reports no error for %s', (_case, text) => {
  expect(errorOf(text)).toBeUndefined();
});
