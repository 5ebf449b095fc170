import type { ContentEvent } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { createResponseText, createStoredText, type ResponseText } from './response-text.ts';

const ID = 'g';
const text = (content: string): ContentEvent => ({ type: 'text', text: content });
const call = (index: number, argumentsDelta: string, id?: string, name?: string): ContentEvent => ({
  type: 'tool_call',
  index,
  id,
  name,
  argumentsDelta,
});

/** Appends events in turns of the event loop. */
function createText(...turns: ContentEvent[][]): ResponseText {
  const response = createResponseText(ID);
  for (const events of turns) {
    for (const event of events) response.append(event);
    response.commit();
  }
  response.commit({ isEnd: true });
  return response;
}

/** Returns the events after a position, as [event, position, data]. */
function read(response: ResponseText, position = 0) {
  const events: unknown[][] = [];
  let cursor = response.cursorAt(position);
  for (let event = response.frameAt(cursor); event; event = response.frameAt(cursor)) {
    cursor = event.next;
    const [, id, name, data] = /^id: g:(\d+)\nevent: (\w+)\ndata: (.*)\n\n$/.exec(event.frame) ?? [];
    events.push([name, Number(id), JSON.parse(data ?? '')]);
  }
  return events;
}

describe('the text of a response', () => {
  it('shows what arrived in one turn of the event loop as one event', () => {
    const response = createResponseText(ID);
    response.append(text('a'));
    response.append(text('b'));
    expect([response.length, read(response)]).toEqual([0, []]);
    response.commit();
    expect(read(response)).toEqual([['token', 2, 'ab']]);
    expect(response.commit()).toBe(false);
  });

  it('separates reasoning, text and tool calls, and counts all of them', () => {
    const response = createText(
      [{ type: 'reasoning', text: 'why' }],
      [{ type: 'reasoning', text: ' so' }, text('hi')],
      [{ type: 'refusal', text: ' no' }],
      [call(0, '', 'c1', 'search'), call(0, '{"q"')],
      [call(0, ':1}'), call(1, '{}', 'c2', 'open')],
    );
    expect(read(response)).toEqual([
      ['reasoning', 6, 'why so'],
      ['token', 11, 'hi no'],
      ['tool_call', 18, { index: 0, id: 'c1', name: 'search', arguments_delta: '{"q":1}' }],
      ['tool_call', 20, { index: 1, id: 'c2', name: 'open', arguments_delta: '{}' }],
    ]);
    expect(response.partsFrom(0)).toEqual([
      { type: 'reasoning', text: 'why so' },
      { type: 'text', text: 'hi no' },
      { type: 'tool_call', id: 'c1', name: 'search', arguments: '{"q":1}' },
      { type: 'tool_call', id: 'c2', name: 'open', arguments: '{}' },
    ]);
    expect(read(createStoredText(ID, response.partsFrom(0)))).toEqual(read(response));
    expect(response.partsFrom(9)).toEqual([{ type: 'text', text: 'no' }, ...response.partsFrom(11)]);
  });

  it('gives a tool call without arguments again to readers at its position', () => {
    const response = createText([text('a')], [call(0, '', 'c1', 'search')]);
    expect(read(response, 1)).toEqual([['tool_call', 1, { index: 0, id: 'c1', name: 'search', arguments_delta: '' }]]);
  });

  it('waits for the second half of a character', () => {
    const response = createResponseText(ID);
    response.append(text('a\ud83d'));
    response.commit();
    expect(read(response)).toEqual([['token', 1, 'a']]);
    response.append(text('\ude00b'));
    response.commit();
    expect(read(response, 1)).toEqual([['token', 4, '😀b']]);
  });

  it('replaces what cannot be stored, without moving a position', () => {
    const response = createText([text('a\0\ud83d')], [{ type: 'reasoning', text: '\ude00' }], [text('end\ud83d')]);
    expect(read(response)).toEqual([
      ['token', 3, 'a\uFFFD\uFFFD'],
      ['reasoning', 4, '\uFFFD'],
      ['token', 8, 'end\uFFFD'],
    ]);
  });

  it('splits a long response into events that end between characters', () => {
    const long = `x${'😀'.repeat(40_000)}`;
    const events = read(createText([text(long)]));
    expect(events.length).toBeGreaterThan(1);
    expect(events.every(([, , data]) => (data as string).isWellFormed())).toBe(true);
    expect(events.map(([, , data]) => data).join('')).toBe(long);
    expect(events.at(-1)?.[1]).toBe(long.length);
  });

  it('continues at every position of runs of any length', () => {
    const pieces = ['', 'a', 'bc', '', 'def', 'ghij'];
    const response = createText(...pieces.map((piece) => [text(piece)]));
    for (let position = 0; position <= 10; position += 1)
      expect(
        read(response, position)
          .map(([, , data]) => data)
          .join(''),
      ).toBe('abcdefghij'.slice(position));
    expect(read(response, 11)).toEqual([]);
  });
});
