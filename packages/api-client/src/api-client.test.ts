import { describe, expect, it, vi } from 'vitest';
import { type FakeResponse, startFakeGateway } from './fake-gateway.test-support.ts';

const frames: FakeResponse = (response) =>
  response
    .writeHead(200, { 'content-type': 'text/event-stream', 'x-prodigon-warning': 'old is retired.' })
    .end('event: token\ndata: "Hi"\n\nevent: token\ndata: " you"\n\n');

describe('a streamed response', () => {
  it('requests typed events and yields them', async () => {
    const { client, requests } = await startFakeGateway(frames);
    const texts: unknown[] = [];
    for await (const { data } of client.stream({ prompt: 'Hello' })) texts.push(data);
    expect(texts).toEqual(['Hi', ' you']);
    expect(requests).toMatchObject([
      {
        line: 'POST /api/v1/generate/stream',
        body: '{"prompt":"Hello"}',
        headers: { 'x-stream-version': '2', 'content-type': 'application/json', authorization: 'Bearer a-key' },
      },
    ]);
  });

  it('reports the warning of the gateway before the first event, and no absent one', async () => {
    const { client } = await startFakeGateway(frames, (response) => response.writeHead(200).end('event: token\ndata: "Hi"\n\n'));
    const onWarning = vi.fn();
    const events = client.stream({ prompt: 'Hello' }, undefined, onWarning);
    await events.next();
    expect(onWarning.mock.calls).toEqual([['old is retired.']]);
    await events.return(undefined);
    for await (const _ of client.stream({ prompt: 'Hello' }, undefined, onWarning));
    expect(onWarning).toHaveBeenCalledOnce();
  });
});

describe('the other calls', () => {
  it('return the usage as the text that the gateway sent', async () => {
    const { client } = await startFakeGateway((response) =>
      response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' }).end('day,model\n2026-03-01,größe\n'),
    );
    expect(await client.usageCsv()).toBe('day,model\n2026-03-01,größe\n');
  });

  it('send their parameters in the query', async () => {
    const { client, requests } = await startFakeGateway((response) => response.writeHead(404).end());
    const calls = [
      () => client.models(),
      () => client.overview(),
      () => client.usage(),
      () => client.usage({ from: '2026-03-01' }),
      () => client.usageCsv({ by: 'key', owner: '*' }),
      () => client.health(),
      () => client.contentTree(),
      () => client.content('docs/a b.md'),
      () => client.source('packages/ports'),
      () => client.providers(),
      () => client.saveProvider('a b', {}),
      () => client.removeProvider('groq'),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow('status 404');
    expect(requests.map(({ line }) => line)).toEqual([
      'GET /api/v1/models',
      'GET /api/v1/system/overview',
      'GET /api/v1/usage',
      'GET /api/v1/usage?from=2026-03-01',
      'GET /api/v1/usage.csv?by=key&owner=*',
      'GET /health',
      'GET /api/v1/content',
      'GET /api/v1/content?path=docs%2Fa+b.md',
      'GET /api/v1/content/source?path=packages%2Fports',
      'GET /api/v1/providers',
      'PUT /api/v1/providers/a%20b',
      'DELETE /api/v1/providers/groq',
    ]);
  });

  it('return the parsed response of a generation', async () => {
    const body = {
      text: 'Hi',
      model: 'm',
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      latency_ms: 4,
    };
    const { client, requests } = await startFakeGateway((response) => response.end(JSON.stringify({ ...body, more: 1 })));
    expect(await client.generate({ prompt: 'Hello' })).toEqual(body);
    expect(requests).toMatchObject([{ line: 'POST /api/v1/generate', body: '{"prompt":"Hello"}' }]);
  });
});
