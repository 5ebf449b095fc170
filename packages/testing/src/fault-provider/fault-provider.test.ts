import { describe, expect, it, onTestFinished } from 'vitest';
import { FAULTS, type FaultProviderOptions, startFaultProvider } from '../index.ts';

async function start(options: FaultProviderOptions = {}) {
  const provider = await startFaultProvider(options);
  onTestFinished(() => provider.close());
  const post = (path: string, body: object, key = 'sk-any') =>
    fetch(provider.baseUrl + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
      redirect: 'manual',
    });
  const complete = (model: string, content = 'Hi', fields: object = {}) =>
    post('/chat/completions', { model, messages: [{ role: 'user', content }], ...fields });
  return { provider, post, complete };
}

describe('the fault provider', () => {
  it('lists all of its models', async () => {
    const { provider } = await start();
    const { data } = await (await fetch(`${provider.baseUrl}/models`)).json();
    const ids = data.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining([...Object.keys(FAULTS), 'flaky_2_503', 'down_then_up']));
    expect(provider.otherRequests).toMatchObject([{ path: '/v1/models' }]);
    expect(provider.calls).toEqual([]);
  });

  it('fails the given number of calls for each prompt', async () => {
    const { complete } = await start();
    const statuses = async (model: string, prompt: string) => {
      const seen = [];
      for (let call = 0; call < 3; call++) seen.push((await complete(model, prompt)).status);
      return seen;
    };
    expect(await statuses('flaky_1', 'One')).toEqual([500, 200, 200]);
    expect(await statuses('flaky_2_429', 'One')).toEqual([429, 429, 200]);
    expect(await statuses('flaky_2_429', 'Two')).toEqual([429, 429, 200]);
  });

  it('fails while its health is down', async () => {
    const { provider, complete } = await start();
    provider.health = 'down';
    expect((await complete('down_then_up')).status).toBe(500);
    provider.health = 'up';
    expect((await complete('down_then_up')).status).toBe(200);
  });

  it('returns 401 for refused keys and 429 for rate-limited keys', async () => {
    const { provider, post } = await start({ refusedKeys: ['sk-old'], limitedKeys: ['sk-busy'] });
    const responses = [];
    for (const key of ['sk-old', 'sk-busy', 'sk-good']) {
      const { status, headers } = await post('/chat/completions', { model: 'healthy', messages: [] }, key);
      responses.push([key, status, headers.get('retry-after')]);
    }
    expect(responses).toEqual([
      ['sk-old', 401, null],
      ['sk-busy', 429, '30'],
      ['sk-good', 200, null],
    ]);
    expect(provider.calls.map(({ key }) => key)).toEqual(['sk-old', 'sk-busy', 'sk-good']);
  });

  it('sends its headers before its first token', async () => {
    const { provider, complete } = await start({ words: ['late'] });
    const response = await complete('slow_first_token', 'Hi', { stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    provider.gate.open();
    expect(await response.text()).toContain('"late"');
    expect(await (await complete('slow_first_token_1')).json()).toMatchObject({ choices: [{ message: { content: 'late' } }] });
  });

  it('records calls of clients that follow a redirect to another origin', async () => {
    const { provider, complete } = await start();
    const response = await complete('redirect_307');
    expect(response.status).toBe(307);
    const location = String(response.headers.get('location'));
    expect(new URL(location).origin).not.toBe(new URL(provider.baseUrl).origin);
    expect(provider.calls.map(({ path }) => path)).toEqual(['/v1/chat/completions']);
  });

  it('interleaves the arguments of two tool calls in a stream', async () => {
    const { complete } = await start();
    const [first, second] = (await (await complete('tool_calls')).json()).choices[0].message.tool_calls;
    const frames = (await (await complete('tool_calls', 'Hi', { stream: true })).text()).matchAll(/^data: (\{.*)$/gm);
    const deltas = [...frames].flatMap(([, json = '']) => JSON.parse(json).choices[0]?.delta.tool_calls ?? []);
    const argumentsOf = (index: number) =>
      deltas.map((delta) => (delta.index === index ? delta.function.arguments : '')).join('');
    expect(deltas.map(({ index }) => index)).toEqual([0, 0, 1, 1, 0, 1]);
    expect([argumentsOf(0), argumentsOf(1)]).toEqual([first.function.arguments, second.function.arguments]);
  });

  it('follows a script for every model until it is reset', async () => {
    const { provider, complete } = await start({ words: ['late'] });
    provider.script = ({ tools }) => (tools ? { tool: 'read', arguments: { path: 'a.txt' } } : { text: 'One text' });
    expect(await (await complete('status_500')).json()).toMatchObject({ choices: [{ message: { content: 'One text' } }] });
    const streamed = await (await complete('any', 'Hi', { stream: true, tools: [] })).text();
    const chunks = [...streamed.matchAll(/^data: (\{.*)$/gm)].map(([, json = '']) => JSON.parse(json).choices[0]);
    const calls = chunks.flatMap((choice) => choice?.delta.tool_calls ?? []);
    expect(calls).toMatchObject([{ id: 'call_scripted', function: { name: 'read' } }, { index: 0 }]);
    expect(calls.map((call) => call.function.arguments).join('')).toBe('{"path":"a.txt"}');
    expect(chunks.findLast((choice) => choice)?.finish_reason).toBe('tool_calls');
    provider.reset();
    expect((await complete('status_500')).status).toBe(500);
  });

  it('embeds a text as the same vector in both encodings, and applies faults to embeddings', async () => {
    const { provider, post } = await start();
    const embed = async (body: object) => (await post('/embeddings', { model: 'healthy', ...body })).json();
    const one = (await embed({ input: 'One' })).data[0].embedding;
    expect(one).toHaveLength(8);
    const both = await embed({ input: ['Two', 'One'], encoding_format: 'base64' });
    expect([...new Float32Array(Uint8Array.from(Buffer.from(both.data[1].embedding, 'base64')).buffer)]).toEqual(one);
    const floats = await embed({ input: 'One', model: 'float_only', encoding_format: 'base64' });
    expect(floats.data[0].embedding).toEqual(one);
    expect((await post('/embeddings', { model: 'status_503', input: 'One' })).status).toBe(503);
    expect(provider.calls[1]).toMatchObject({ path: '/v1/embeddings', prompt: 'Two\nOne', model: 'healthy' });
  });
});
