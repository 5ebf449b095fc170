import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { JobEventName } from '@prodigon/contracts';
import { onTestFinished } from 'vitest';
import {
  createJobFixture,
  type FakeResponse,
  JOB_ID,
  jsonResponse,
  startFakeGateway,
} from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';
import type { CommandContext } from '../../command.ts';
import { explainError } from '../../explain-error.ts';
import { jobsCommand } from '../jobs.ts';

export interface JobsOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone after the test. */
export function createFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-jobs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

export interface JobsRunOptions {
  input?: string;
  /** What somebody at the terminal types, and Enter. */
  answer?: string;
  isTTY?: boolean;
}

/** Runs `prodigon jobs …` in this process against a gateway with these answers. */
export async function startJobsGateway(...answers: FakeResponse[]) {
  const { baseUrl, requests } = await startFakeGateway(...answers);
  async function run(args: string[], { input = '', answer, isTTY = false }: JobsRunOptions = {}): Promise<JobsOutcome> {
    const stdout = Object.assign(new PassThrough(), { isTTY });
    const stderr = Object.assign(new PassThrough(), { isTTY, columns: 100 });
    const folder = createFolder();
    const context = {
      env: { DATA_DIR: folder },
      rootDirectory: folder,
      stdin: answer === undefined ? Readable.from(input ? [Buffer.from(input)] : []) : terminalWith(`${answer}\r`),
      stdout,
      stderr,
    } as unknown as CommandContext;
    const code = await jobsCommand.run([...args, '--url', baseUrl], context).catch((error: unknown) => {
      const { message, exitCode } = explainError(error);
      stderr.write(`${message}\n`);
      return exitCode;
    });
    return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
  }
  return { run, lines: () => requests.map(({ line }) => line), requests, baseUrl };
}

function terminalWith(typed: string) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.write(typed);
  return stdin;
}

/** The events of a job as the gateway sends them; the connection ends after them. */
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
export const answered = createJobFixture({
  status: 'completed',
  completed_prompts: 3,
  running_prompts: 0,
  usage: { prompt_tokens: 1_000, completion_tokens: 234, total_tokens: 1_234 },
  completed_at: '2026-01-01T00:01:06.000Z',
});
export const asJob = (values: Parameters<typeof createJobFixture>[0] = {}): FakeResponse =>
  jsonResponse(createJobFixture(values));
