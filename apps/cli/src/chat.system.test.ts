import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, sharedDeployment } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type CliFixture, createCliFixture, runInProcess, spawnProdigon, WAIT } from './run-prodigon.test-support.ts';

const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=5000&tokens=5';
const ENDLESS = 'prodigon-sim?ttft_ms=0&tokens_per_s=20&tokens=8000';

let deployment: Deployment;
let fixture: CliFixture;
beforeAll(async () => {
  deployment = await sharedDeployment('services');
  fixture = createCliFixture();
});
afterAll(async () => {
  await fixture?.close();
  await deployment?.close();
});

const chat = (...args: string[]) => fixture.run('chat', ...args, '--url', deployment.url);
const idIn = (stderr: string) => /--continue ([0-9a-f-]{36})/.exec(stderr)?.[1] ?? '';

async function messagesOf(id: string) {
  const conversation = await (await fetch(`${deployment.url}/api/v1/chat/sessions/${id}`)).json();
  return conversation.messages as { role: string; content: string; status: string; parts: { type: string; name?: string }[] }[];
}

it('keeps a conversation with a file, lists it and continues it by the end of its id', async () => {
  const file = join(fixture.folder, 'notes.md');
  writeFileSync(file, '# Notes\n');
  const first = await chat('What is in my notes?', '--model', MODEL, '--system', 'Be brief.', '--file', file);
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/\w/) });
  const id = idIn(first.stderr);
  const listed = await chat('--list');
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`${id} .*What is in my notes\\?`)) });

  const second = await chat('--continue', id.slice(-12), 'And then?');
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining(id) });
  const messages = await messagesOf(id);
  expect(messages.map(({ role, status }) => `${role} ${status}`)).toEqual([
    'user done',
    'assistant done',
    'user done',
    'assistant done',
  ]);
  expect(messages[0]?.parts).toContainEqual(expect.objectContaining({ type: 'attachment', name: 'notes.md' }));
  expect(messages[3]?.content.trim()).toBe(second.stdout.trim());
});

it('completes the ids of conversations', async () => {
  const env = { ...fixture.env, GATEWAY_PORT: new URL(deployment.url).port };
  const { stdout } = await runInProcess(['__complete', 'chat', '--continue', ''], env).ended;
  expect(stdout).toMatch(/^[0-9a-f-]{36}\t$/m);
});

it('stops the stored response on Ctrl-C', async () => {
  const { child, printed, ended } = spawnProdigon(['chat', '--model', ENDLESS, 'Go on', '--url', deployment.url], fixture.env);
  await printed(/\w/);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: expect.stringMatching(/\w/) });
  await vi.waitFor(async () => {
    const [, response] = await messagesOf(idIn(stderr));
    expect(response).toMatchObject({ status: 'stopped', content: expect.stringContaining(stdout.trim()) });
  }, WAIT);
});
