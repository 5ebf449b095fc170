/** The tokens that the models of the provider repeat. */
const TOKENS = [' One', ' gateway', ' passes', ' on', ' what', ' a', ' model', ' says', ',', ' token', ' by', ' token', '.'];
const CREATED = 1_795_564_800;
const PROMPT_TOKENS = 19;
/** The number of tokens in a non-streaming response. */
export const COMPLETION_TOKENS = 50;

/** Returns the text of a response with this number of tokens. */
export function textOf(tokens: number): string {
  return Array.from({ length: tokens }, (_, index) => tokenAt(index)).join('');
}

export interface StreamShape {
  readonly model: string;
  readonly tokens: number;
  /** Whether the last event contains the usage, by `stream_options` of the request. */
  readonly includeUsage: boolean;
}

/** Returns the body of a non-streaming response, about 700 bytes. */
export function completionOf(model: string): Buffer {
  const message = { role: 'assistant', content: textOf(COMPLETION_TOKENS), refusal: null, annotations: [] };
  return json({
    id: 'chatcmpl-bench00000000000000000000000001',
    object: 'chat.completion',
    created: CREATED,
    model,
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: usageOf(COMPLETION_TOKENS),
    service_tier: 'default',
    system_fingerprint: null,
  });
}

export function modelList(ids: readonly string[]): Buffer {
  return json({ object: 'list', data: ids.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'bench' })) });
}

export function errorBodyOf(message: string): Buffer {
  return json({ error: { message, type: 'invalid_request_error', param: null, code: null } });
}

/** Returns the events of a stream as chunks of the transfer encoding. The last one ends the response. */
export function streamEvents({ model, tokens, includeUsage }: StreamShape): readonly Buffer[] {
  const event = (choices: readonly object[], usage: object | null = null) =>
    chunk(
      JSON.stringify({
        id: 'chatcmpl-bench00000000000000000000000002',
        object: 'chat.completion.chunk',
        created: CREATED,
        model,
        service_tier: 'default',
        system_fingerprint: null,
        choices,
        ...(includeUsage && { usage }),
      }),
    );
  const delta = (content: object, finish: string | null = null) => event([{ index: 0, delta: content, finish_reason: finish }]);
  const distinct = TOKENS.map((content) => delta({ content }));
  return [
    delta({ role: 'assistant', content: '', refusal: null }),
    ...Array.from({ length: tokens }, (_, index) => distinct[index % distinct.length] as Buffer),
    delta({}, 'stop'),
    ...(includeUsage ? [event([], usageOf(tokens))] : []),
    Buffer.concat([chunk('[DONE]'), Buffer.from('0\r\n\r\n')]),
  ];
}

function tokenAt(index: number): string {
  return TOKENS[index % TOKENS.length] ?? '';
}

function usageOf(completionTokens: number): object {
  return {
    prompt_tokens: PROMPT_TOKENS,
    completion_tokens: completionTokens,
    total_tokens: PROMPT_TOKENS + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  };
}

function chunk(data: string): Buffer {
  const text = `data: ${data}\n\n`;
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
