import OpenAI from 'openai';
import type { Response as OpenAiResponse, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterAll, shareGateway, type Topology } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, TYPED, textOf } from '../generation/generation.test-support.ts';
import { type ScriptedCompletion, startCompletionProvider, USAGE } from './completion-provider.test-support.ts';

const logprob = (token: string) => ({
  token,
  logprob: -0.5,
  bytes: [...Buffer.from(token)],
  top_logprobs: [{ token, logprob: -0.5, bytes: null }],
});
const citation = {
  type: 'url_citation',
  url_citation: { url: 'https://example.org/x', title: 'X', start_index: 3, end_index: 4 },
};
const call = (id: string, args: string) => ({ id, type: 'function' as const, function: { name: 'look', arguments: args } });

/** Every kind of completion of a model. */
export const OUTCOMES: Readonly<Record<string, ScriptedCompletion>> = {
  text: { message: { content: 'Hello "world".\n👩‍🚀' } },
  'a long text': { message: { content: 'word '.repeat(20_000) } },
  'no text': { message: { content: '' } },
  'reasoning and text': { message: { reasoning_content: 'Let me think.', content: 'Yes.' } },
  'a refusal': { message: { refusal: 'I cannot help with that.' } },
  'text and a refusal': { message: { content: 'Well, ', refusal: 'I cannot.' } },
  annotations: { message: { content: 'As X says.', annotations: [citation, citation] } },
  'log probabilities': { message: { content: 'Hi.' }, logprobs: { content: ['H', 'i', '.'].map(logprob) } },
  'one call': { message: { tool_calls: [call('call_a', '{"at":"home"}')] }, finish: 'tool_calls' },
  'parallel calls': {
    message: { tool_calls: [call('call_a', '{"at":"home"}'), call('call_b', '{"at":"work"}')] },
    finish: 'tool_calls',
  },
  'reasoning, text and a call': {
    message: { reasoning_content: 'Hm.', content: 'One moment.', tool_calls: [call('call_a', '{}')] },
    finish: 'tool_calls',
  },
  'the token limit': { message: { content: 'Hel' }, finish: 'length' },
  'a content filter': { message: { content: 'Hel' }, finish: 'content_filter' },
  'usage with details': {
    message: { content: 'Hi.' },
    usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 1 } },
  },
  'no usage': { message: { content: 'Hello there.' }, usage: null },
};

/** What a client learns from a completion, on every endpoint. */
interface Outcome {
  text: string;
  reasoning: string;
  refusal: string;
  annotations: unknown[];
  tokens: string[];
  calls: { id: string; name: string; arguments: string }[];
  finish: string;
  usage: { input: number; output: number; total: number; cached: number; reasoning: number };
}

interface ChatChoice {
  message: {
    content?: string | null;
    refusal?: string | null;
    reasoning_content?: string;
    annotations?: { url_citation: object }[];
    tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  };
  logprobs?: { content?: { token: string }[] | null } | null;
  finish_reason: string;
}

function chatOutcome({ message, logprobs, finish_reason }: ChatChoice, usage: OpenAI.CompletionUsage | undefined): Outcome {
  return {
    text: message.content ?? '',
    reasoning: message.reasoning_content ?? '',
    refusal: message.refusal ?? '',
    annotations: (message.annotations ?? []).map(({ url_citation }) => ({ type: 'url_citation', ...url_citation })),
    tokens: (logprobs?.content ?? []).map(({ token }) => token),
    calls: (message.tool_calls ?? []).map(({ id, function: called }) => ({ id, name: called.name, arguments: called.arguments })),
    finish: finish_reason,
    usage: {
      input: usage?.prompt_tokens ?? -1,
      output: usage?.completion_tokens ?? -1,
      total: usage?.total_tokens ?? -1,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
    },
  };
}

const FINISHES: Readonly<Record<string, string>> = { max_output_tokens: 'length', content_filter: 'content_filter' };

function responseOutcome({ output, incomplete_details, usage }: OpenAiResponse): Outcome {
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []));
  const calls = output.flatMap((item) => (item.type === 'function_call' ? item : []));
  return {
    text: parts.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    refusal: parts.map((part) => (part.type === 'refusal' ? part.refusal : '')).join(''),
    annotations: parts.flatMap((part) => (part.type === 'output_text' ? part.annotations : [])),
    tokens: parts.flatMap((part) => (part.type === 'output_text' ? (part.logprobs ?? []).map(({ token }) => token) : [])),
    reasoning: output.flatMap((item) => (item.type === 'reasoning' ? item.summary.map(({ text }) => text) : [])).join(''),
    calls: calls.map(({ call_id, name, arguments: args }) => ({ id: call_id, name, arguments: args })),
    finish: FINISHES[incomplete_details?.reason ?? ''] ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
    usage: {
      input: usage?.input_tokens ?? -1,
      output: usage?.output_tokens ?? -1,
      total: usage?.total_tokens ?? -1,
      cached: usage?.input_tokens_details.cached_tokens ?? 0,
      reasoning: usage?.output_tokens_details.reasoning_tokens ?? 0,
    },
  };
}

/** Joins the events of a stream by hand, to check that they say the same as the final response. */
function streamedOutcome(events: readonly ResponseStreamEvent[]) {
  const joined = (type: string) => events.map((event) => (event.type === type && 'delta' in event ? event.delta : '')).join('');
  return {
    text: joined('response.output_text.delta'),
    refusal: joined('response.refusal.delta'),
    reasoning: joined('response.reasoning_summary_text.delta'),
    annotations: events.flatMap((event) => (event.type === 'response.output_text.annotation.added' ? [event.annotation] : [])),
    tokens: events.flatMap((event) =>
      event.type === 'response.output_text.delta' ? event.logprobs.map(({ token }) => token) : [],
    ),
  };
}

/** Removes what differs between two responses of the same content: ids and times. */
const withoutIds = (response: OpenAiResponse): unknown =>
  JSON.parse(
    JSON.stringify(response, (key, value) =>
      ['id', 'created_at', 'completed_at', 'parsed', 'parsed_arguments', 'output_parsed', 'output_text'].includes(key)
        ? undefined
        : value,
    ),
  );

const messages = [{ role: 'user' as const, content: 'Hi' }];

/** Compares the outcomes of chat completions, Responses and `/api/v1`, whole and streamed. */
export function describeParity(topology: Topology, names: readonly string[]): void {
  describe(`a completion on every endpoint, model service ${topology}`, () => {
    const startShared = shareGateway(topology);
    const onClose = closeAfterAll();
    let scripted: Awaited<ReturnType<typeof startCompletionProvider>>;
    beforeAll(async () => {
      scripted = await startCompletionProvider(onClose);
    });

    async function start(completion: ScriptedCompletion) {
      scripted.respondWith(completion);
      const platform = await startShared({
        topology,
        providers: [{ endpoints: [scripted.provider], acceptsOtherIds: true }],
        policy: { firstDelayMs: 1 },
      });
      return { ...platform, openai: new OpenAI({ baseURL: `${platform.url}/v1`, apiKey: 'none', maxRetries: 0 }) };
    }

    it.each(names)('has the same content, finish reason and usage: %s', async (name) => {
      const { openai, post } = await start(OUTCOMES[name] as ScriptedCompletion);

      const whole = await openai.chat.completions.create({ model: 'm', messages });
      const expected = chatOutcome(whole.choices[0] as ChatChoice, whole.usage);
      const chat = openai.chat.completions.stream({ model: 'm', messages, stream_options: { include_usage: true } });
      const streamed = await readChatStream(chat);
      expect(streamed).toEqual(expected);

      const response = await openai.responses.parse({ model: 'm', input: 'Hi' });
      expect(responseOutcome(response)).toEqual(expected);
      const stream = openai.responses.stream({ model: 'm', input: 'Hi' });
      const events: ResponseStreamEvent[] = [];
      for await (const event of stream) events.push(event);
      expect(expected).toMatchObject(streamedOutcome(events));
      expect(withoutIds(await stream.finalResponse())).toEqual(withoutIds(response));

      const { text, refusal, usage, finish } = expected;
      const generated = await (await post('/api/v1/generate', { model: 'm', prompt: 'Hi' })).json();
      expect(generated).toMatchObject({
        text: text || refusal,
        usage: { prompt_tokens: usage.input, completion_tokens: usage.output },
      });
      const typed = await readAll(await post(STREAM, { model: 'm', prompt: 'Hi' }, TYPED));
      expect(textOf(typed)).toBe(text + refusal);
      expect(typed.at(-1)).toMatchObject({ event: 'done', data: { finish_reason: finish } });
    });

    it.each([400, 401, 429, 500])('fails with the same error before the first content: status %s', async (status) => {
      const { openai } = await start({
        message: {},
        error: { status, body: { error: { message: 'Wrong.', param: 'max_tokens' } } },
      });
      const errorsOf = (requests: readonly Promise<unknown>[]) =>
        Promise.all(
          requests.map((request) =>
            request.then(
              () => expect.unreachable(),
              (error) => [error.status, error.code, error.type, error.message],
            ),
          ),
        );
      const [expected, ...others] = await errorsOf([
        openai.chat.completions.create({ model: 'm', messages }),
        openai.chat.completions.create({ model: 'm', messages, stream: true }),
        openai.responses.create({ model: 'm', input: 'Hi' }),
        openai.responses.create({ model: 'm', input: 'Hi', stream: true }),
      ]);
      expect(expected?.[0]).toBeGreaterThanOrEqual(400);
      expect(others).toEqual([expected, expected, expected]);
    });

    it('fails with the same error after the first content, and keeps the content', async () => {
      const { openai } = await start({ message: { content: 'Hel' }, isCut: true });
      const read = async () => {
        for await (const _chunk of await openai.chat.completions.create({ model: 'm', messages, stream: true }));
      };
      await expect(read()).rejects.toThrow();
      const final = await openai.responses.stream({ model: 'm', input: 'Hi' }).finalResponse();
      expect(final).toMatchObject({ status: 'failed', error: { code: 'server_error' }, output_text: 'Hel' });
    });
  });
}

interface ToolCallDelta {
  index: number;
  id?: string;
  function?: { name?: string; arguments?: string };
}

async function readChatStream(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<Outcome> {
  const message: ChatChoice['message'] = {};
  const calls: NonNullable<ChatChoice['message']['tool_calls']> = [];
  const tokens: { token: string }[] = [];
  let finish_reason = '';
  let usage: OpenAI.CompletionUsage | undefined;

  function addDelta({ tool_calls = [], ...delta }: Omit<ChatChoice['message'], 'tool_calls'> & { tool_calls?: ToolCallDelta[] }) {
    for (const field of ['content', 'refusal', 'reasoning_content'] as const)
      if (delta[field]) message[field] = (message[field] ?? '') + delta[field];
    if (delta.annotations) message.annotations = delta.annotations;
    for (const { index, id = '', function: called } of tool_calls) {
      calls[index] ??= { id, function: { name: called?.name ?? '', arguments: '' } };
      calls[index].function.arguments += called?.arguments ?? '';
    }
  }

  for await (const { choices, usage: reported } of stream) {
    usage = reported ?? usage;
    const [choice] = choices;
    addDelta((choice?.delta ?? {}) as Parameters<typeof addDelta>[0]);
    tokens.push(...(choice?.logprobs?.content ?? []));
    finish_reason = choice?.finish_reason ?? finish_reason;
  }
  return chatOutcome({ message: { ...message, tool_calls: calls }, logprobs: { content: tokens }, finish_reason }, usage);
}
