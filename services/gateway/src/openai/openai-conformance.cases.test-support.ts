/** Parsed JSON of any form. */
export type Json = ReturnType<typeof JSON.parse>;

/** A request that OpenAI's API accepts, or refuses with 400 and a parameter. */
export interface ConformanceCase {
  readonly name: string;
  readonly body: object;
  /** The parameter of the refusal; undefined for an accepted request. */
  readonly param?: string;
}

export const FAST = 'prodigon-sim?ttft_ms=0&tokens_per_s=1000000&tokens=40';
export const user = (content: unknown) => [{ role: 'user', content }];
const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };

export const TOOLS = [
  {
    type: 'function',
    function: {
      name: 'weather',
      parameters: {
        type: 'object',
        properties: {
          city: { type: 'string' },
          unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
          days: { type: 'integer', minimum: 1, maximum: 7 },
        },
        required: ['city', 'unit', 'days'],
        additionalProperties: false,
      },
    },
  },
  {
    type: 'function',
    function: { name: 'run', parameters: { type: 'object', properties: { code: { const: 'print(1)' } }, required: ['code'] } },
  },
] as const;

export const EMPLOYEE_SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer', minimum: 18 },
    email: { type: ['string', 'null'], format: 'email' },
    skills: { type: 'array', items: { type: 'string', maxLength: 10 }, minItems: 3 },
    jobs: {
      type: 'array',
      items: {
        type: 'object',
        properties: { company: { type: 'string' }, years: { anyOf: [{ type: 'number' }, { type: 'null' }] } },
        required: ['company'],
      },
    },
    manager: { $ref: '#/$defs/person' },
  },
  required: ['name', 'age', 'skills', 'jobs', 'manager'],
  $defs: { person: { type: 'object', properties: { name: { type: 'string', minLength: 3 } }, required: ['name'] } },
} as const;

const chat = (name: string, fields: object, param?: string): ConformanceCase => ({
  name: `${param === undefined ? 'accepts' : `refuses with param ${param}`}: ${name}`,
  body: { model: FAST, messages: user('Hi'), ...fields },
  ...(param !== undefined && { param }),
});
const tutor = (name: string, fields: object, param?: string) =>
  chat(`the tutor, ${name}`, { model: 'prodigon-tutor', ...fields }, param);
const format = (type: string, fields: object = {}) => ({ response_format: { type, ...fields } });
const schema = (value: object) => format('json_schema', { json_schema: { name: 'x', schema: value } });
const calls = [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{}' } }];
/** An assistant message with calls of these ids, and the tool messages that follow it. */
const turn = (...ids: string[]) => [
  { role: 'assistant', tool_calls: ids.map((id) => ({ ...calls[0], id })) },
  ...ids.map((id) => ({ role: 'tool', tool_call_id: id, content: 'x' })),
];
const withoutArguments = (message: Json) => ({
  ...message,
  tool_calls: message.tool_calls?.map((call: Json) => ({ ...call, function: { ...call.function, arguments: '' } })),
});
const nulls = Object.fromEntries(
  [
    'temperature',
    'top_p',
    'n',
    'stop',
    'seed',
    'max_tokens',
    'max_completion_tokens',
    'logprobs',
    'top_logprobs',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'response_format',
    'stream',
    'stream_options',
    'logit_bias',
    'user',
    'metadata',
  ].map((field) => [field, null]),
);

export const CHAT_CASES: readonly ConformanceCase[] = [
  chat('every option as null', nulls),
  chat('no model', { model: null }),
  chat('unknown fields', { min_tokens: 1, messages: [{ role: 'user', content: 'Hi', weight: 1 }] }),
  chat('a system message only', { messages: [{ role: 'system', content: 'Hi' }] }),
  chat('parts of text', {
    messages: user([
      { type: 'text', text: 'What is' },
      { type: 'text', text: '1+1?' },
    ]),
  }),
  chat('an assistant message last', { messages: [...user('Hi'), { role: 'assistant', content: 'Whill' }] }),
  chat('a tool conversation', {
    tools: TOOLS,
    messages: [
      ...user('Hi'),
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', tool_call_id: 'a', content: 'sun' },
    ],
  }),
  chat('penalties, top_p and a temperature of 0', { presence_penalty: 2, frequency_penalty: -2, top_p: 0.1, temperature: 0 }),
  chat('an empty logit_bias and a user', {
    logit_bias: {},
    user: 'u',
    safety_identifier: 's',
    prompt_cache_key: 'p',
    store: false,
    metadata: { a: 'b' },
  }),
  chat('tools with auto', { tools: TOOLS, tool_choice: 'auto' }),
  chat('tools with a null choice', { tools: TOOLS, tool_choice: null }),
  chat('parts of an assistant message last', {
    messages: [...user('Hi'), { role: 'assistant', content: [{ type: 'text', text: 'Wh' }] }],
  }),
  chat('a call without arguments', { messages: [...user('Hi'), ...turn('a').map(withoutArguments)] }),
  chat('usage options of other servers', {
    stream: true,
    stream_options: { include_usage: false, continuous_usage_stats: true },
  }),
  chat('seeds at both ends', { seed: -(2 ** 63) }),
  chat('tools with none', { tools: TOOLS, tool_choice: 'none' }),
  chat('a format of text', format('text')),
  chat('a constant', schema({ const: '42' })),
  chat('ids that a later turn repeats', { messages: [...user('Hi'), ...turn('a'), ...turn('a')] }),
  chat('a custom tool with a dot in its name', { tools: [{ type: 'custom', custom: { name: 'fs.patch' } }] }),
  chat('two calls with one id', { messages: [...user('Hi'), ...turn('a', 'a')] }, 'messages[1].tool_calls[1].id'),
  chat(
    'two tool messages for one call',
    { messages: [...user('Hi'), ...turn('a'), { role: 'tool', tool_call_id: 'a', content: 'x' }] },
    'messages[3].tool_call_id',
  ),
  chat(
    'a function with a dot in its name',
    { tools: [{ type: 'function', function: { name: 'a.b' } }] },
    'tools[0].function.name',
  ),
  chat('null messages', { messages: null }, 'messages'),
  chat('messages as text', { messages: 'Hi' }, 'messages'),
  chat('no messages', { messages: [] }, 'messages'),
  chat('a number as message', { messages: [123] }, 'messages[0]'),
  chat('an empty message', { messages: [{}] }, 'messages[0].role'),
  chat('a number as role', { messages: [{ role: 123 }] }, 'messages[0].role'),
  chat('a number as content', { messages: [{ role: 'system', content: 123 }] }, 'messages[0].content'),
  chat('null as content', { messages: user(null) }, 'messages[0].content'),
  chat(
    'an assistant that says nothing',
    { messages: [...user('Hi'), { role: 'assistant', content: null }] },
    'messages[1].content',
  ),
  chat('a second message that is empty', { messages: [...user('Hi'), {}] }, 'messages[1].role'),
  chat('a tool message without an id', { messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'),
  chat('a part without a text', { messages: user([{ type: 'text' }]) }, 'messages[0].content[0].text'),
  chat('a part of an unknown type', { messages: user([{ type: 'smell' }]) }, 'messages[0].content[0].type'),
  chat('a picture', { messages: user([{ type: 'text', text: 'Hi' }, PICTURE]) }, 'messages'),
  chat('a picture from the system', { messages: [{ role: 'system', content: [PICTURE] }] }, 'messages[0].content[0].type'),
  chat('n of 0', { n: 0 }, 'n'),
  chat('n of 129', { n: 129 }, 'n'),
  chat('n as text', { n: '2' }, 'n'),
  chat('top_p as text', { top_p: 'x' }, 'top_p'),
  chat('top_p of 1.5', { top_p: 1.5 }, 'top_p'),
  chat('a temperature of -1', { temperature: -1 }, 'temperature'),
  chat('a penalty of 9', { presence_penalty: 9 }, 'presence_penalty'),
  chat('a penalty of -9', { frequency_penalty: -9 }, 'frequency_penalty'),
  chat('a token limit of 0', { max_completion_tokens: 0 }, 'max_completion_tokens'),
  chat('a token limit of -1', { max_tokens: -1 }, 'max_tokens'),
  chat('a fraction as token limit', { max_tokens: 1.5 }, 'max_tokens'),
  chat('a seed beyond 64 bits', { seed: 2 ** 63 }, 'seed'),
  chat('a seed below 64 bits', { seed: -(2 ** 64) }, 'seed'),
  chat('a custom role', { messages: [{ role: 'my-role', content: 'Hi' }] }, 'messages[0].role'),
  chat('five stop sequences', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'),
  chat('a number as stop', { stop: 1 }, 'stop'),
  chat('top_logprobs of 21', { logprobs: true, top_logprobs: 21 }, 'top_logprobs'),
  chat('top_logprobs of 21, streamed', { stream: true, logprobs: true, top_logprobs: 21 }, 'top_logprobs'),
  chat('top_logprobs of -1', { logprobs: true, top_logprobs: -1 }, 'top_logprobs'),
  chat('top_logprobs alone', { top_logprobs: 2 }, 'top_logprobs'),
  chat('logprobs as number', { logprobs: 5 }, 'logprobs'),
  chat('logit_bias out of range', { logit_bias: { 1: 101 } }, 'logit_bias[1]'),
  chat('logit_bias of a word', { logit_bias: { word: 1 } }, 'logit_bias.word'),
  chat('logit_bias of a token', { logit_bias: { 1: 50 } }, 'logit_bias'),
  chat('stream_options without stream', { stream_options: { include_usage: true } }, 'stream_options'),
  chat('empty stream_options without stream', { stream: false, stream_options: { include_usage: null } }, 'stream_options'),
  chat('stream as text', { stream: 'yes' }, 'stream'),
  chat('tools as text', { tools: 'x' }, 'tools'),
  chat('no tools', { tools: [], tool_choice: 'required' }, 'tools'),
  chat('a tool without a name', { tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'),
  chat('a tool of an unknown type', { tools: [{ type: 'x', function: { name: 'f' } }] }, 'tools[0].type'),
  chat('tool_choice of auto without tools', { tool_choice: 'auto' }, 'tool_choice'),
  chat('an empty tool_choice', { tools: TOOLS, tool_choice: {} }, 'tool_choice.type'),
  chat('tool_choice without tools', { tool_choice: 'required' }, 'tool_choice'),
  chat('an unknown tool_choice', { tools: TOOLS, tool_choice: 'any' }, 'tool_choice'),
  chat(
    'a choice of an unknown tool',
    { tools: TOOLS, tool_choice: { type: 'function', function: { name: 'x' } } },
    'tool_choice.function.name',
  ),
  chat('a choice without a name', { tools: TOOLS, tool_choice: { type: 'function', function: {} } }, 'tool_choice.function.name'),
  chat(
    'a choice of a custom tool',
    { tools: [{ type: 'custom', custom: { name: 'c' } }], tool_choice: 'required' },
    'tool_choice',
  ),
  chat('parallel_tool_calls as text', { tools: TOOLS, parallel_tool_calls: 'x' }, 'parallel_tool_calls'),
  chat('an unknown format', format('sound'), 'response_format.type'),
  chat('a format without a type', { response_format: {} }, 'response_format.type'),
  chat('json_schema without a schema', format('json_schema'), 'response_format.json_schema'),
  chat(
    'json_schema with a number',
    format('json_schema', { json_schema: { name: 'x', schema: 1 } }),
    'response_format.json_schema.schema',
  ),
  chat('a schema without a name', format('json_schema', { json_schema: { schema: {} } }), 'response_format.json_schema.name'),
  chat('a schema of an unknown type', schema({ type: 'hiccup' }), 'response_format.json_schema.schema'),
  chat(
    'a schema that the simulator cannot satisfy',
    schema({ type: 'string', pattern: '^a+$' }),
    'response_format.json_schema.schema',
  ),
  chat(
    'arguments that the simulator cannot satisfy',
    { tool_choice: 'required', tools: [{ type: 'function', function: { name: 'f', parameters: { not: {} } } }] },
    'tools[0].function.parameters',
  ),
  chat(
    '17 pairs of metadata',
    { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v'])) },
    'metadata',
  ),
  chat('a long value in metadata', { metadata: { a: 'v'.repeat(513) } }, 'metadata.a'),
  chat('audio', { modalities: ['audio'], audio: { format: 'wav', voice: 'ash' } }, 'modalities'),
  chat('a web search', { web_search_options: {} }, 'web_search_options'),
  chat('a conversation longer than the context', { messages: user('word '.repeat(110_000)) }, 'messages'),
  chat('an embedding model', { model: 'prodigon-embed' }, 'model'),
  chat("a vendor's embedding model", { model: 'vectors' }, 'model'),
  tutor('tools with auto', { tools: TOOLS, tool_choice: 'auto' }),
  tutor('one choice, a seed and a stop sequence', { n: 1, seed: 5, stop: 'x', logprobs: false, ...format('text') }),
  tutor('a JSON object', format('json_object'), 'response_format'),
  tutor('a JSON schema', schema({}), 'response_format'),
  tutor('a required tool', { tools: TOOLS, tool_choice: 'required' }, 'tool_choice'),
  tutor('a named tool', { tools: TOOLS, tool_choice: { type: 'function', function: { name: 'run' } } }, 'tool_choice'),
  tutor('two choices', { n: 2 }, 'n'),
  tutor('log probabilities', { logprobs: true }, 'logprobs'),
  tutor('a picture', { messages: user([PICTURE]) }, 'messages'),
  tutor('a conversation longer than the context', { messages: user('word '.repeat(110_000)) }, 'messages'),
];

/** Assembles the choices of a stream as OpenAI's clients do. */
export function assemble(chunks: readonly Json[]) {
  const choices: Json[] = [];
  for (const { index, delta, finish_reason, logprobs } of chunks.flatMap((chunk) => chunk.choices)) {
    choices[index] ??= { content: '', calls: [], tokens: [], finish: null };
    const choice = choices[index];
    choice.content += delta.content ?? '';
    choice.tokens.push(...(logprobs?.content ?? []));
    choice.finish ??= finish_reason;
    for (const call of delta.tool_calls ?? []) {
      choice.calls[call.index] ??= { id: call.id, name: call.function.name, arguments: '' };
      choice.calls[call.index].arguments += call.function.arguments;
    }
  }
  return choices;
}
