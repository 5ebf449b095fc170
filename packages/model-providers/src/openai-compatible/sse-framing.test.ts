import { describe, expect, it, vi } from 'vitest';
import { readCompletion } from './completion-reader.ts';
import { createChunkReader } from './sse-chunk-reader.ts';

const HEADER = { id: 'chatcmpl-1', created: 7, model: 'm' };
const chunkOf = (delta: object, finish_reason: string | null = null) => ({ choices: [{ index: 0, delta, finish_reason }] });
const TEXT = [chunkOf({ content: 'Hello' }), chunkOf({ content: ' world' })].map((chunk) => JSON.stringify(chunk));
const FINISH = JSON.stringify(chunkOf({}, 'stop'));
const ALL = [...TEXT, FINISH];
const COMPLETION = JSON.stringify({
  ...{ id: 'c', object: 'chat.completion', created: 1, model: 'm' },
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello world' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});
const framesOf = (frames: readonly string[], end = '\n\n') => frames.map((frame) => `data: ${frame}${end}`).join('');

function read(text: string) {
  const reader = createChunkReader(HEADER);
  const events = [...reader.read(Buffer.from(text)), ...reader.end()];
  return {
    text: events.map((event) => (event.type === 'text' ? event.text : '')).join(''),
    finish: events.flatMap((event) => (event.type === 'finish' ? [event.reason] : [])),
    failure: reader.failure?.code,
  };
}

describe('the frames of a stream', () => {
  const complete = { text: 'Hello world', finish: ['stop'], failure: undefined };

  it.each([
    ['the last without an empty line', framesOf(ALL).trimEnd()],
    ['the last with one line end', `${framesOf(TEXT)}data: [DONE]\n`],
    ['the last cut off after the finish reason', `${framesOf(ALL)}data: {"choices":[],"us`],
    ['without empty lines', framesOf([...ALL, '[DONE]'], '\n')],
    ['without empty lines, with CRLF', `${framesOf([...TEXT, '[DONE]'], '\r\n')}\r\n`],
    ['with several values in the lines of one frame', framesOf([ALL.join('\ndata: '), '[DONE]'])],
    ['JSON values without fields, one per line', `${ALL.join('\n')}\n`],
    ['JSON values, with fields from the second on', `${TEXT[0]}\ndata: ${TEXT[1]}\ndata: [DONE]`],
    ['one list of chunks', `[${ALL.join(',\n')}]`],
    ['lists of chunks', framesOf(ALL.map((chunk) => `[${chunk}]`))],
    ['with values that are no objects', framesOf([...TEXT, 'true', '1', '""', '[]', '[null]', FINISH])],
    ['with a quoted end mark', framesOf([...TEXT, '"[DONE]"'])],
    ['with an end mark in lower case', framesOf([...TEXT, ' [done] '])],
    ['with notices that are not JSON', `event: ping\ndata: ping\n\n${framesOf(ALL)}event: done\ndata: bye\n\n`],
    ['with an empty error in each', framesOf(ALL.map((chunk) => chunk.replace('{', '{"error":{"message":"","code":null},')))],
    ['with an error that is a list', framesOf(ALL.map((chunk) => chunk.replace('{', '{"error":[],')))],
    ['after white space', `${' \r\n'.repeat(9_000)}${framesOf(ALL)}`],
  ])('are complete: %s', (_case, stream) => {
    expect(read(stream)).toEqual(complete);
  });

  it.each([
    ['JSON values without a finish reason', `${TEXT.join('\n')}\n`],
    ['a list without a finish reason', `[${TEXT.join(',')}]`],
    ['a last frame that is cut off', `${framesOf(TEXT)}data: {"choi`],
  ])('are incomplete: %s', (_case, stream) => {
    expect(read(stream)).toEqual({ ...complete, finish: [] });
  });

  it.each([
    ['a text without an event', framesOf([...TEXT, 'Internal error', FINISH])],
    ['a text among the lines of a frame', framesOf([[...TEXT, 'Internal error', FINISH].join('\ndata: ')])],
    ['a notice that is a truncated chunk', `${framesOf(TEXT)}event: chunk\ndata: {"choices":\n\n`],
    ['an error that is not JSON', `${framesOf(TEXT)}event: error\ndata: overloaded\n\n`],
  ])('fail with %s', (_case, stream) => {
    expect(read(stream)).toEqual({ ...complete, finish: [], failure: 'INFERENCE_ERROR' });
  });

  it('do not accumulate the white space before them', () => {
    const trimStart = vi.spyOn(String.prototype, 'trimStart');
    const reader = createChunkReader(HEADER);
    for (let reads = 0; reads < 50; reads++) reader.read(Buffer.alloc(1_000, ' '));
    const longest = Math.max(...trimStart.mock.contexts.map((text) => String(text).length));
    trimStart.mockRestore();
    expect(longest).toBe(1_000);
  });
});

it('removes an empty error from chunks and completions', () => {
  const [text] = TEXT.map((chunk) => chunk.replace('{', '{"error":{},'));
  const events = createChunkReader(HEADER).read(Buffer.from(framesOf([text ?? ''])));
  expect(events.flatMap((event) => (event.type === 'chunk' ? Object.keys(JSON.parse(event.chunk.json)) : []))).not.toContain(
    'error',
  );
  const { body } = readCompletion(`{"error":{},"choices":[{"message":{"content":"a"}}]}`, HEADER);
  expect(JSON.parse(body ?? '')).not.toHaveProperty('error');
});

describe('a response in one body', () => {
  it.each([
    ['as JSON values, one per line', `${ALL.join('\n')}\n`],
    ['as a list of one', `[${JSON.stringify({ choices: [{ index: 0, message: { content: 'Hello world' } }] })}]`],
    ['as a list of one that is complete', `[${COMPLETION}]`],
  ])('is read %s', (_case, text) => {
    const { body, ...completion } = readCompletion(text, HEADER);
    expect(completion).toMatchObject({ text: 'Hello world', finish: 'stop' });
    expect(JSON.parse(body ?? '').choices[0].message.content).toBe('Hello world');
  });
});
