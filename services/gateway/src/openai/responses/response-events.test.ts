import { AppError } from '@prodigon/contracts';
import type { ContentEvent } from '@prodigon/ports';
import type { Responses } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import { createResponseEvents, type ResponseEvent } from './response-events.ts';
import { createResponse, type ResponseObject } from './response-object.ts';
import { responsesRequestSchema } from './responses-request.ts';
import { createToolNames } from './tool-names.ts';

/** An event of OpenAI's types without `output_text`, which the SDK adds, and fields that repeat what the client sent. */
type WireEvent<Event> = Event extends { response: infer Whole }
  ? Omit<Event, 'response'> & {
      response: Omit<Whole, 'output_text' | 'reasoning' | 'tools' | 'tool_choice' | 'service_tier' | 'prompt_cache_retention'>;
    }
  : Event;
/** Does not compile if an event or the response object deviates from OpenAI's types. */
const asDocumented = (event: ResponseEvent): WireEvent<Responses.ResponseStreamEvent> => event;

const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const request = responsesRequestSchema.parse({ input: 'Hi', instructions: 'Be brief', metadata: { a: 'b' }, temperature: 0 });
const initial = createResponse(request, { id: 'resp_1', model: 'm', createdAtMs: 1_700_000_000_999 });

function eventsOf(content: readonly ContentEvent[], end: string | AppError = 'stop') {
  const stream = createResponseEvents('1', createToolNames([]), () => 1_700_000_005_000);
  const events = [...stream.start(initial), ...content.flatMap(stream.add)];
  events.push(...(typeof end === 'string' ? stream.complete({ finish: end, usage }) : stream.fail(end)));
  const [last] = events.slice(-1) as { response: ResponseObject }[];
  const response = last?.response as ResponseObject;
  if (typeof end === 'string') {
    const whole = createResponseEvents('1', createToolNames([]), () => 1_700_000_005_000);
    expect(whole.whole(initial, content, { finish: end, usage })).toEqual(response);
  }
  return { events: events.map(asDocumented), types: events.map(({ type }) => type), response };
}
const text = (text: string): ContentEvent => ({ type: 'text', text });
const call = (index: number, argumentsDelta: string, id?: string, name?: string): ContentEvent => ({
  type: 'tool_call',
  index,
  argumentsDelta,
  id,
  name,
});

describe('response events', () => {
  it('numbers events from 0 in the documented order', () => {
    const { events, types } = eventsOf([text('Hel'), text('lo')]);
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
  });

  it('repeats the complete output and the request parameters in the last event', () => {
    expect(initial).toMatchObject({ instructions: 'Be brief', metadata: { a: 'b' }, temperature: 0 });
    expect(eventsOf([text('Hello')]).response).toEqual({
      ...initial,
      completed_at: 1_700_000_005,
      status: 'completed',
      output: [
        {
          id: 'msg_1_0',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }],
        },
      ],
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        output_tokens: 4,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 7,
      },
    });
  });

  it('reports reasoning as a summary and closes it before the text starts', () => {
    const { types, response } = eventsOf([{ type: 'reasoning', text: 'Hm' }, { type: 'reasoning', text: '…' }, text('Yes')]);
    expect(types.slice(2, 11)).toEqual([
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
    ]);
    expect(response.output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm…' }] },
      { type: 'message', content: [{ text: 'Yes' }] },
    ]);
  });

  it('separates overlapping function calls by their index', () => {
    const pieces = [call(0, '', 'a', 'look'), call(1, '{"y":', 'b', 'tell'), call(0, '{"x":1}'), call(1, '2}')];
    const { events, response } = eventsOf(pieces);
    expect(response.output).toMatchObject([
      { type: 'function_call', call_id: 'a', name: 'look', arguments: '{"x":1}', status: 'completed' },
      { type: 'function_call', call_id: 'b', name: 'tell', arguments: '{"y":2}', status: 'completed' },
    ]);
    expect(events.filter(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject([
      { output_index: 0, name: 'look', arguments: '{"x":1}' },
      { output_index: 1, name: 'tell', arguments: '{"y":2}' },
    ]);
  });

  it('starts a new call for a new id at the same index, and generates missing ids', () => {
    const { response } = eventsOf([call(0, '{}', 'a', 'look'), call(0, '{}', 'b', 'look'), call(1, '{}', undefined, 'tell')]);
    expect(response.output).toMatchObject([{ call_id: 'a' }, { call_id: 'b' }, { call_id: expect.stringMatching(/^call_/) }]);
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ])('ends with response.incomplete for the finish reason %s', (finish, reason) => {
    const { types, response } = eventsOf([text('Hel')], finish);
    expect(types.at(-1)).toBe('response.incomplete');
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason }, completed_at: null });
    expect(response.output).toMatchObject([{ status: 'incomplete', content: [{ text: 'Hel' }] }]);
  });

  it('returns no output items for an empty completion', () => {
    const { types, response } = eventsOf([]);
    expect(types).toEqual(['response.created', 'response.in_progress', 'response.completed']);
    expect(response.output).toEqual([]);
  });

  it('ends with response.failed and the output so far after a failure', () => {
    const { types, response } = eventsOf([text('Hel')], new AppError('INFERENCE_ERROR'));
    expect(types.slice(-2)).toEqual(['response.output_text.delta', 'response.failed']);
    expect(response).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: 'The model provider failed to respond.' },
      output: [{ status: 'incomplete', content: [{ text: 'Hel' }] }],
    });
  });

  it('emits one error event for a failure before the start', () => {
    expect(createResponseEvents('1', createToolNames([])).fail(new AppError('DEADLINE_EXCEEDED'))).toEqual([
      { type: 'error', code: 'deadline_exceeded', message: 'The response took too long.', param: null, sequence_number: 0 },
    ]);
  });
});
