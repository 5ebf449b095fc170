import { expect, it } from 'vitest';
import { startPlatform, TOPOLOGIES, type Topology } from '../gateway-harness.test-support.ts';
import { startCompletionProvider } from './completion-provider.test-support.ts';

/** A JSON Schema whose properties have the names of an object's own parts. */
const SCHEMA =
  '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"prototype":{"type":"string"}}},"required":["__proto__"]}';
const MESSAGES = '"model":"m","messages":[{"role":"user","content":"Hi"}]';

async function start(topology: Topology) {
  const scripted = await startCompletionProvider();
  const { url } = await startPlatform({ topology, providers: [{ endpoints: [scripted.provider], acceptsOtherIds: true }] });
  const post = async (path: string, body: string) => {
    const response = await fetch(`${url}/v1/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return { status: response.status, json: await response.json() };
  };
  return { post, sent: () => JSON.stringify(scripted.request) };
}

it.each(TOPOLOGIES)('forwards JSON Schemas with properties of any name %s', async (topology) => {
  const { post, sent } = await start(topology);
  const called = `"name":"f","parameters":${SCHEMA}`;
  const format = `"name":"f","schema":${SCHEMA}`;
  for (const [path, body] of [
    ['chat/completions', `{${MESSAGES},"tools":[{"type":"function","function":{${called}}}]}`],
    ['chat/completions', `{${MESSAGES},"functions":[{${called}}]}`],
    ['chat/completions', `{${MESSAGES},"response_format":{"type":"json_schema","json_schema":{${format}}}}`],
    ['responses', `{"model":"m","input":"Hi","tools":[{"type":"function",${called}}]}`],
    ['responses', `{"model":"m","input":"Hi","text":{"format":{"type":"json_schema",${format}}}}`],
  ] as const) {
    expect([body, (await post(path, body)).status]).toEqual([body, 200]);
    expect(sent()).toContain(SCHEMA);
  }
});

it('names a field that no request may have, and does not call it invalid JSON', async () => {
  const { post } = await start('in one process');
  for (const path of ['chat/completions', 'responses', 'embeddings']) {
    const { status, json } = await post(path, `{${MESSAGES},"input":"Hi","metadata":{"__proto__":{"stream":true}}}`);
    expect([path, status, json.error]).toEqual([
      path,
      400,
      expect.objectContaining({ type: 'invalid_request_error', param: 'metadata.__proto__' }),
    ]);
  }
});
