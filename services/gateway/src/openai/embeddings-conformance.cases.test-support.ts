import type { ConformanceCase } from './openai-conformance.cases.test-support.ts';

const embed = (name: string, fields: object, param?: string): ConformanceCase => ({
  name: `${param === undefined ? 'accepts' : `refuses with param ${param}`}: ${name}`,
  body: { model: 'prodigon-embed', input: 'text', ...fields },
  ...(param !== undefined && { param }),
});

export const EMBEDDING_CASES: readonly ConformanceCase[] = [
  embed('a text', {}),
  embed('texts', { input: ['a', 'b'] }),
  embed('every option as null', { encoding_format: null, dimensions: null, user: null }),
  embed('base64 and dimensions', { encoding_format: 'base64', dimensions: 32 }),
  embed('an empty list', { input: [] }, 'input'),
  embed('an empty text', { input: '' }, 'input'),
  embed('an empty text among others', { input: ['a', ''] }, 'input[1]'),
  embed('an object', { input: { content: 'text' } }, 'input'),
  embed('null', { input: null }, 'input'),
  embed('token ids, which it does not know', { input: [1, 2] }, 'input'),
  embed('tokens among texts', { input: ['text', [1, 2]] }, 'input[1]'),
  embed('a text among tokens', { input: [1, 'text'] }, 'input[0]'),
  embed('an object among texts', { input: ['text', { content: 'text' }] }, 'input[1]'),
  embed('dimensions of 0', { dimensions: 0 }, 'dimensions'),
  embed('dimensions as text', { dimensions: '8' }, 'dimensions'),
  embed('more dimensions than it has', { dimensions: 4_096 }, 'dimensions'),
  embed('an unknown format', { encoding_format: 'hex' }, 'encoding_format'),
  embed('a number as user', { user: 1 }, 'user'),
  embed('a chat model', { model: 'prodigon-tutor' }, 'model'),
  embed('the simulator', { model: 'prodigon-sim' }, 'model'),
];
