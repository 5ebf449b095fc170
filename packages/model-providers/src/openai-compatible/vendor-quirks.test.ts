import { byteSplits, checkProperty, VENDOR_QUIRKS, type VendorQuirk } from '@prodigon/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCompletion } from './completion-reader.ts';
import { createChunkReader } from './sse-chunk-reader.ts';

const HEADER = { id: 'chatcmpl-7', created: 7, model: 'requested' };
const quirks = VENDOR_QUIRKS.filter(({ stream }) => typeof stream.body === 'string').map((quirk) => [quirk.name, quirk] as const);

function read(parts: readonly Uint8Array[]) {
  const reader = createChunkReader(HEADER);
  const events = [...parts.flatMap((part) => reader.read(part)), ...reader.end()];
  const joined = (wanted: 'text' | 'reasoning') => events.map((event) => (event.type === wanted ? event.text : '')).join('');
  const calls: { name: string; arguments: string }[] = [];
  for (const event of events) {
    if (event.type !== 'tool_call') continue;
    const call = calls[event.index] ?? { name: event.name ?? '', arguments: '' };
    call.arguments += event.argumentsDelta;
    calls[event.index] = call;
  }
  return {
    text: joined('text'),
    reasoning: joined('reasoning'),
    calls,
    finish: events.flatMap((event) => (event.type === 'finish' ? [event.reason] : [])),
    usage: events.findLast((event) => event.type === 'usage')?.usage,
    chunks: events.flatMap((event) => (event.type === 'chunk' ? [JSON.parse(event.chunk.json)] : [])),
    failure: reader.failure,
  };
}

const finishOf = ({ toolCalls }: VendorQuirk) => (toolCalls ? 'tool_calls' : 'stop');

describe("a provider's stream with quirks", () => {
  it.each(quirks)('yields the whole response and one finish reason: %s', (_name, quirk) => {
    const { text, reasoning, calls, finish, usage, failure } = read([Buffer.from(quirk.stream.body)]);
    expect(failure).toBeUndefined();
    expect({ text, calls, finish }).toEqual({ text: quirk.text, calls: quirk.toolCalls ?? [], finish: [finishOf(quirk)] });
    if (quirk.reasoning !== undefined) expect(reasoning).toBe(quirk.reasoning);
    expect(usage === undefined || usage.isPartial === true).toBe(quirk.estimated);
  });

  it.each(quirks)('has chunks with one header and the fields that clients require: %s', (_name, quirk) => {
    const { chunks } = read([Buffer.from(quirk.stream.body)]);
    expect(new Set(chunks.map(({ id, created, model }) => JSON.stringify([id, created, model]))).size).toBe(1);
    for (const { object, choices, usage } of chunks) {
      expect(object).toBe('chat.completion.chunk');
      for (const choice of choices) {
        expect(choice).toMatchObject({ index: 0, delta: expect.any(Object) });
        expect(choice.delta.content ?? '').toBeTypeOf('string');
        expect(choice.finish_reason ?? 'none').toMatch(/^(none|stop|tool_calls)$/);
      }
      if (usage) expect(usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 });
    }
  });

  it.each(quirks)('yields the same for random splits: %s', async (_name, quirk) => {
    const bytes = Buffer.from(quirk.stream.body);
    const withoutIds = (parts: readonly Uint8Array[]) => JSON.stringify(read(parts)).replaceAll(/call_[0-9a-f]{32}/g, 'call');
    const whole = withoutIds([bytes]);
    const property = fc.property(byteSplits(bytes), (parts) => {
      expect(withoutIds(parts)).toBe(whole);
    });
    await checkProperty({ cases: 5 }, property);
  });
});

describe("a provider's completion with quirks", () => {
  it.each(quirks)('is read completely: %s', (_name, quirk) => {
    const { text, finish, usage, body } = readCompletion(String(quirk.whole.body), HEADER);
    expect({ text, finish }).toEqual({ text: quirk.text, finish: finishOf(quirk) });
    expect(usage === null || usage.isPartial === true).toBe(quirk.estimated);
    const { choices, ...rest } = JSON.parse(body ?? '');
    expect(rest).toMatchObject({ id: expect.stringMatching(/./), object: 'chat.completion', created: expect.any(Number) });
    expect(choices).toHaveLength(1);
    expect(choices[0]).toMatchObject({ index: 0, message: { role: 'assistant' }, finish_reason: finishOf(quirk) });
    const calls = choices[0].message.tool_calls ?? [];
    expect(calls.map((call: { function: object }) => call.function)).toEqual(quirk.toolCalls ?? []);
  });
});
