import { describe, expect, it } from 'vitest';
import { createInputDecoder } from './custom-tool-input.ts';

/** Returns the pieces of the input for arguments that arrive in parts of this length. */
function decode(json: string, length: number): string[] {
  const decoder = createInputDecoder();
  const pieces: string[] = [];
  for (let at = 0; at < json.length; at += length) pieces.push(decoder.append(json.slice(at, at + length)));
  return [...pieces, decoder.end()];
}

describe('the input of a custom tool', () => {
  it.each([
    ['text', JSON.stringify({ input: 'const a = "b";\n\treturn a;' }), 'const a = "b";\n\treturn a;'],
    ['escaped and plain surrogate pairs', '{"input":"\\ud83d\\ude80 🚀 \\u00e9"}', '🚀 🚀 é'],
    ['backslashes and quotes at the end', JSON.stringify({ input: '\\"\\\\"' }), '\\"\\\\"'],
    ['white space around the field', ' {\n "input" : "x" }', 'x'],
    ['nothing', '{}', ''],
    ['an empty text', '{"input":""}', ''],
    ['line breaks that the model did not escape', '{"input":"a\nb"}', 'a\nb'],
    ['a lone surrogate', '{"input":"\\ud83d"}', '\ud83d'],
    ['a field before the input', '{"reason":"r","input":"x"}', 'x'],
    ['a value that is not a text', '{"input":{"a":1}}', '{"a":1}'],
    ['another field', '{"code":"x"}', '{"code":"x"}'],
    ['plain text', '*** Begin Patch', '*** Begin Patch'],
    ['a JSON text', '"x"', 'x'],
    ['an end in the middle of the text', '{"input":"abc', 'abc'],
  ])('is decoded from arguments in parts of any length: %s', (_case, json, input) => {
    for (let length = 1; length <= json.length; length++) expect(decode(json, length).join('')).toBe(input);
  });

  it('is complete except for unfinished characters while it arrives', () => {
    expect(decode('{"input":"ab\\ncd"}', 1).slice(9)).toEqual(['', 'a', 'b', '', '\n', 'c', 'd', '', '', '']);
  });

  it('is decoded without rereading the earlier parts for each new one', () => {
    const text = 'x'.repeat(400_000);
    expect(decode(JSON.stringify({ input: text }), 16).join('') === text).toBe(true);
  });
});
