import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, startDeployment } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliFixture, createCliFixture } from './run-prodigon.test-support.ts';

const MODEL = 'fixed_options';
const REASON = "'temperature' does not support 0.7 with this model";

let deployment: Deployment;
let fixture: CliFixture;
let file: string;
beforeAll(async () => {
  deployment = await startDeployment('monolith');
  fixture = createCliFixture();
  file = join(fixture.folder, 'prompts.csv');
  writeFileSync(file, 'prompt\nHi\n');
});
afterAll(async () => {
  await fixture?.close();
  await deployment?.close();
});

/** Sends a prompt, with or without a temperature, and returns all texts that the client gets. */
const SURFACES: Record<string, (options: { temperature?: number }) => Promise<string>> = {
  generate: async (options) => (await deployment.post('/api/v1/generate', { prompt: 'Hi', model: MODEL, ...options })).text(),
  'generate/stream': async (options) =>
    (await deployment.post('/api/v1/generate/stream', { prompt: 'Hi', model: MODEL, ...options })).text(),
  'prodigon chat': async (options) => textOf(await runCommand(['chat', '--model', MODEL, 'Hi'], options)),
  'prodigon jobs submit': async (options) => {
    const { stdout, ...rest } = await runCommand(['jobs', 'submit', file, '--model', MODEL], options);
    const results = await fixture.run('jobs', 'results', stdout.trim(), '--url', deployment.url);
    return textOf(rest) + results.stdout;
  },
};
const runCommand = (args: string[], { temperature }: { temperature?: number }) =>
  fixture.run(...args, ...(temperature === undefined ? [] : [`--temperature=${temperature}`]), '--url', deployment.url);
const textOf = ({ stdout = '', stderr }: { stdout?: string; stderr: string }) => stdout + stderr;

describe.each(Object.keys(SURFACES))('a model that refuses options, with %s', (name) => {
  const send = SURFACES[name] as (typeof SURFACES)[string];

  it('responds when no option is set, because the provider gets none', async () => {
    const before = deployment.provider.calls.length;
    expect(await send({})).not.toContain('Unsupported');
    const calls = deployment.provider.calls.slice(before);
    expect(calls).toHaveLength(1);
    expect(Object.keys(calls[0]?.body ?? {}).filter((name) => !name.startsWith('stream'))).toEqual(['model', 'messages']);
  });

  it('gets the reason of the provider when a temperature is set', async () => {
    expect(await send({ temperature: 0.7 })).toContain(REASON);
    expect(deployment.provider.calls.at(-1)?.body).toMatchObject({ temperature: 0.7 });
  });
});
