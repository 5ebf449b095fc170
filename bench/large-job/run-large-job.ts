import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient, watchJob } from '@prodigon/api-client';
import { describeMachine } from '@prodigon/lab';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import { createStack } from '@prodigon/stack';
import { writeResult } from '../common/write-result.ts';
import { type MemoryWatch, watchMemory } from './memory-watch.ts';

const LINES = 50_000;
const LINE_CHARACTERS = 1_000;
const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5';

/** Measures the time and the memory per process for a file of 50,000 prompts on the platform as `prodigon start` runs it. */
export async function runLargeJob(): Promise<void> {
  const machine = describeMachine();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-large-job-'));
  const { PATH, HOME } = process.env;
  const stack = createStack({
    topology: 'services',
    rootDirectory: REPOSITORY_ROOT,
    env: {
      PATH,
      HOME,
      DATA_DIR: dataDirectory,
      GATEWAY_PORT: '0',
      MODEL_PORT: '0',
      WORKER_PORT: '0',
      LABS: 'off',
      USE_MOCK: 'true',
      LOG_LEVEL: 'warn',
    },
  });
  try {
    const url = await stack.start();
    const memory = watchMemory(dataDirectory);
    const times = await measure(url, memory);
    const result = { lines: LINES, line_characters: LINE_CHARACTERS, ...times, memory_max_mb: memory.stop() };
    console.table(result.memory_max_mb);
    process.stdout.write(`${JSON.stringify(times)}\n`);
    writeResult('large-job', { ...machine, ...result });
  } finally {
    await stack.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

async function measure(url: string, memory: MemoryWatch) {
  const { jobs, ...client } = createApiClient({ baseUrl: url });
  const text = 'A sentence that says little and fills a line. '.repeat(40).slice(0, LINE_CHARACTERS - 40);
  const lines = Array.from(
    { length: LINES },
    (_, index) => `${JSON.stringify({ prompt: `${index} ${text}`, custom_id: `line-${index}` })}\n`,
  );
  memory.enter('taking');
  const startedAt = performance.now();
  const job = await jobs.submitFile({ format: 'jsonl', bytes: new Blob(lines), options: { model: MODEL } });
  const acceptedAt = performance.now();
  memory.enter('running');
  for await (const { event, data } of watchJob({ ...client, jobs }, job.job_id, { signal: new AbortController().signal })) {
    if (event === 'job') process.stdout.write(`\r${data.job.completed_prompts} of ${LINES}`);
  }
  process.stdout.write('\n');
  const completedAt = performance.now();
  memory.enter('downloading');
  let bytes = 0;
  let results = 0;
  for await (const chunk of jobs.results(job.job_id)) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) results += 1;
  }
  if (results !== LINES) throw new Error(`The download has ${results} of ${LINES} results.`);
  const seconds = (from: number, to: number) => Math.round((to - from) / 100) / 10;
  return {
    taken_s: seconds(startedAt, acceptedAt),
    run_s: seconds(acceptedAt, completedAt),
    downloaded_s: seconds(completedAt, performance.now()),
    downloaded_mb: Math.round(bytes / 1e6),
  };
}
