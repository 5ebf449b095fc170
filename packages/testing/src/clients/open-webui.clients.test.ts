import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import type { Deployment } from '../start-deployment.ts';
import { libraryScript, startForClients, TEXT } from './client-harness.ts';
import { itSupports } from './it-supports.ts';

interface RecordedRequest {
  readonly path: string;
  readonly body?: object;
}

/** Requests as the source of Open WebUI builds them. Its package is too large to install in every run. */
const { headers, requests } = JSON.parse(readFileSync(join(import.meta.dirname, 'open-webui-requests.json'), 'utf8')) as {
  headers: Record<string, string>;
  requests: Record<string, RecordedRequest>;
};

describe('Open WebUI', () => {
  const client = { name: 'Open WebUI', version: () => 'its requests' };
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await startForClients(libraryScript);
  });

  async function send(name: string): Promise<string> {
    const { path, body } = requests[name] as RecordedRequest;
    const post = body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...headers, 'Content-Type': 'application/json' },
    };
    const response = await fetch(`${deployment.url}/v1${path}`, post ?? { headers });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    return text;
  }

  /** Returns the chunks of a stream, which must end with `[DONE]`. */
  async function stream(name: string) {
    const lines = (await send(name)).split('\n').filter((line) => line.startsWith('data: '));
    expect(lines.pop()).toBe('data: [DONE]');
    return lines.map((line) => JSON.parse(line.slice('data: '.length)));
  }
  const textOf = (chunks: Awaited<ReturnType<typeof stream>>) =>
    chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');

  itSupports(client, ['Models'], async () => {
    expect(JSON.parse(await send('models')).data[0]).toMatchObject({ id: expect.any(String), object: 'model' });
  });

  itSupports(client, ['Chat'], async () => {
    for (const task of ['title', 'tags']) expect(JSON.parse(await send(task)).choices[0].message.content).toBe(TEXT);
  });

  itSupports(client, ['Streaming'], async () => {
    const chunks = await stream('chat');
    expect(textOf(chunks)).toBe(TEXT);
    expect(chunks.at(-1).usage.total_tokens).toBeGreaterThan(0);
    expect(deployment.provider.calls.at(-1)?.body).toMatchObject(requests.chat?.body ?? {});
  });

  itSupports(client, ['Tools'], async () => {
    const calls = (await stream('tool')).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls.map((call) => call.function.arguments).join('')).toBe('{"city":"Zürich"}');
    expect(textOf(await stream('toolResult'))).toBe('The tool returned: sunny in Zürich');
  });

  itSupports(client, ['Embeddings'], async () => {
    expect(JSON.parse(await send('embeddings')).data).toHaveLength(2);
  });
});
