import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobEventName } from '@prodigon/contracts';
import { onTestFinished } from 'vitest';
import {
  createJobFixture,
  type FakeResponse,
  JOB_ID,
  jsonResponse,
  startFakeGateway,
} from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';
import { type CommandResult, type RunOptions, runInProcess } from '../../run-prodigon.test-support.ts';

/** Creates a folder that is removed after the test. */
export function createFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-jobs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Runs `prodigon jobs …` in this process against a gateway with these responses. */
export async function startJobsGateway(...responses: FakeResponse[]) {
  const { baseUrl, requests } = await startFakeGateway(...responses);
  function run(args: string[], options: RunOptions = {}): Promise<CommandResult> {
    const folder = createFolder();
    return runInProcess(['jobs', ...args, '--url', baseUrl], { DATA_DIR: folder }, { ...options, rootDirectory: folder }).ended;
  }
  return { run, lines: () => requests.map(({ line }) => line), requests, baseUrl };
}

/** Returns a response that sends the events of a job and ends. */
export function asEvents(...events: [name: JobEventName, data: unknown][]): FakeResponse {
  const text = events.map(([name, data], index) => `event: ${name}\nid: ${JOB_ID}:${index}.0\ndata: ${JSON.stringify(data)}\n\n`);
  return (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text.join(''));
}

export {
  createJobFixture,
  droppedConnection,
  errorResponse,
  JOB_ID,
  jsonResponse,
} from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';
export const completedJob = createJobFixture({
  status: 'completed',
  completed_prompts: 3,
  running_prompts: 0,
  usage: { prompt_tokens: 1_000, completion_tokens: 234, total_tokens: 1_234 },
  completed_at: '2026-01-01T00:01:06.000Z',
});
export const asJob = (values: Parameters<typeof createJobFixture>[0] = {}): FakeResponse =>
  jsonResponse(createJobFixture(values));
