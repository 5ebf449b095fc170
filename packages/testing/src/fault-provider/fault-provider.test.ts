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
  const ask = (model: string, content = 'Hi', besides: object = {}) =>
    post('/chat/completions', { model, messages: [{ role: 'user', content }], ...besides });
  return { provider, post, ask };
}

describe('the fault provider', () => {
  it('lists all of its models', async () => {
    const { provider } = await start();
    const { data } = await (await fetch(`${provider.baseUrl}/models`)).json();
    const ids = data.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining([...Object.keys(FAULTS), 'flaky_2_503', 'down_then_up']));
    expect(provider.lookups).toMatchObject([{ path: '/v1/models' }]);
    expect(provider.calls).toEqual([]);
  });

  it('fails the given number of times for each prompt', async () => {
    const { ask } = await start();
    const statuses = async (model: string, prompt: string) => {
      const seen = [];
      for (let asked = 0; asked < 3; asked++) seen.push((await ask(model, prompt)).status);
      return seen;
    };
    expect(await statuses('flaky_1', 'One')).toEqual([500, 200, 200]);
    expect(await statuses('flaky_2_429', 'One')).toEqual([429, 429, 200]);
    expect(await statuses('flaky_2_429', 'Two')).toEqual([429, 429, 200]);
  });

  it('fails while its health is down', async () => {
    const { provider, ask } = await start();
    provider.health = 'down';
    expect((await ask('down_then_up')).status).toBe(500);
    provider.health = 'up';
    expect((await ask('down_then_up')).status).toBe(200);
  });

  it('rejects refused keys and keys at their limit', async () => {
    const { provider, post } = await start({ refusedKeys: ['sk-old'], limitedKeys: ['sk-busy'] });
    const answers = [];
    for (const key of ['sk-old', 'sk-busy', 'sk-good']) {
      const { status, headers } = await post('/chat/completions', { model: 'healthy', messages: [] }, key);
      answers.push([key, status, headers.get('retry-after')]);
    }
    expect(answers).toEqual([
      ['sk-old', 401, null],
      ['sk-busy', 429, '30'],
      ['sk-good', 200, null],
    ]);
    expect(provider.calls.map(({ key }) => key)).toEqual(['sk-old', 'sk-busy', 'sk-good']);
  });

  it('sends its headers before its first token', async () => {
    const { provider, ask } = await start({ words: ['late'] });
    const response = await ask('slow_first_token', 'Hi', { stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    provider.gate.open();
    expect(await response.text()).toContain('"late"');
    expect(await (await ask('slow_first_token_1')).json()).toMatchObject({ choices: [{ message: { content: 'late' } }] });
  });

  it('sees who follows it to another server', async () => {
    const { provider, ask } = await start();
    const response = await ask('redirect_307');
    expect(response.status).toBe(307);
    const location = String(response.headers.get('location'));
    expect(new URL(location).origin).not.toBe(new URL(provider.baseUrl).origin);
    expect(provider.calls.map(({ path }) => path)).toEqual(['/v1/chat/completions']);
  });

  it('calls two tools whose arguments come in turns', async () => {
    const { ask } = await start();
    const [first, second] = (await (await ask('tool_calls')).json()).choices[0].message.tool_calls;
    const frames = (await (await ask('tool_calls', 'Hi', { stream: true })).text()).matchAll(/^data: (\{.*)$/gm);
    const deltas = [...frames].flatMap(([, json = '']) => JSON.parse(json).choices[0]?.delta.tool_calls ?? []);
    const argumentsOf = (index: number) =>
      deltas.map((delta) => (delta.index === index ? delta.function.arguments : '')).join('');
    expect(deltas.map(({ index }) => index)).toEqual([0, 0, 1, 1, 0, 1]);
    expect([argumentsOf(0), argumentsOf(1)]).toEqual([first.function.arguments, second.function.arguments]);
  });

  it('embeds the same text alike, in both encodings, and fails there too', async () => {
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
