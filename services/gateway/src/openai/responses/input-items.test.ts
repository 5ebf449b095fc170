import { describe, expect, it } from 'vitest';
import { readTools } from './request-tools.ts';
import { responsesRequestSchema } from './responses-request.ts';
import { toChatRequest } from './to-chat-request.ts';

/** Returns the path of the first invalid field of a request; undefined for a valid one. */
function problemOf(body: Record<string, unknown>): string | undefined {
  const request = responsesRequestSchema.parse({ input: 'Hi', ...body });
  try {
    toChatRequest(request, readTools(request));
    return undefined;
  } catch (thrown) {
    return (thrown as { details: { path: string }[] }).details[0]?.path;
  }
}

const TEXT = ['x'];
const TEXT_OR_EMPTY = ['', 'x'];
const OPTIONAL_TEXT = [undefined, null, '', 'x'];
const CONTENT = ['', 'x', [], [{ type: 'input_text', text: 'x' }]];
/** Besides the valid values of a field, all of these are invalid. */
const VALUES = [undefined, null, true, 1, '', 'x', [], {}, [1], [{}], [{ type: 'input_text', text: 'x' }]];

const call = { type: 'function_call', call_id: 'x', name: 'x', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'x', output: 'x' };

describe('the fields of an item that most requests have', () => {
  it.each([
    ['message', { role: 'user', content: 'x' }, 'role', []],
    ['message', { role: 'user', content: 'x' }, 'content', CONTENT],
    ['function_call', call, 'call_id', TEXT],
    ['function_call', call, 'name', TEXT],
    ['function_call', call, 'arguments', TEXT_OR_EMPTY],
    ['function_call', call, 'namespace', OPTIONAL_TEXT],
    ['function_call_output', output, 'call_id', TEXT],
    ['function_call_output', output, 'output', CONTENT],
  ])('are checked: %s of %j, %s', (type, item, field, valid) => {
    for (const value of VALUES) {
      const changed = { ...item, [field]: value };
      const input = type === 'message' ? [changed] : type === 'function_call' ? [changed, output] : [call, changed];
      const isValid = valid.some((each: unknown) => JSON.stringify(each) === JSON.stringify(value));
      const path = problemOf({ input });
      expect({ value, isValid: path === undefined }).toEqual({ value, isValid });
      if (!isValid) expect(path).toContain(`input[${input.indexOf(changed)}].${field}`);
    }
  });

  it.each([
    ['name', TEXT],
    ['description', OPTIONAL_TEXT],
    ['parameters', [undefined, null, {}]],
    ['strict', [undefined, null, true]],
  ])('are checked: function tool, %s', (field, valid) => {
    for (const value of VALUES) {
      const isValid = valid.some((each: unknown) => JSON.stringify(each) === JSON.stringify(value));
      const path = problemOf({ tools: [{ type: 'function', name: 'x', [field]: value }] });
      expect({ value, path }).toEqual({ value, path: isValid ? undefined : `tools[0].${field}` });
    }
  });

  it.each([
    ['content', (list: unknown[]) => [{ role: 'user', content: list }]],
    ['output', (list: unknown[]) => [call, { ...output, output: list }]],
    [
      'output of a shell',
      (list: unknown[]) => [
        { type: 'shell_call', call_id: 'x', action: {} },
        { type: 'shell_call_output', call_id: 'x', output: list },
      ],
    ],
  ])('are not read beyond the maximum length of a list: %s', (_case, inputOf) => {
    let reads = 0;
    const wrong = () => {
      reads += 1;
      return 1;
    };
    const part = Object.defineProperties({}, { type: { get: wrong }, stdout: { get: wrong } });
    expect(problemOf({ input: inputOf(Array(5_000).fill(part)) })).toMatch(/^input\[\d\]\.(?:content|output)$/);
    expect(reads).toBeLessThan(10);
  });
});
