import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Deployment, type RunningApp, startDeployment, startTestPostgres } from '@prodigon/testing';

const ROOT = resolve(import.meta.dirname, '../..');

interface FunctionCoverage {
  readonly ranges: readonly { readonly count: number }[];
}

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly FunctionCoverage[];
}

/** Counts calls in one process over V8's inspector protocol. */
interface CoverageSession {
  /** Returns the repository's files in which a function ran since the last call, relative to the root. */
  take(): Promise<readonly string[]>;
  close(): void;
}

async function openCoverageSession(app: RunningApp): Promise<CoverageSession> {
  const url = /Debugger listening on (ws:\S+)/.exec(app.output())?.[1];
  if (!url) throw new Error('The process has no inspector.');
  const socket = new WebSocket(url);
  const pending = new Map<number, (result: { result: readonly ScriptCoverage[] }) => void>();
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data));
    pending.get(id)?.(result);
    pending.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  const send = (method: string, params: object = {}) =>
    new Promise<{ result: readonly ScriptCoverage[] }>((resolve) => {
      const id = ++lastId;
      pending.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await send('Profiler.enable');
  await send('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  return {
    async take() {
      const { result } = await send('Profiler.takePreciseCoverage');
      return result
        .filter(({ url, functions }) => url.startsWith('file:') && functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0))
        .map(({ url }) => relative(ROOT, fileURLToPath(url)))
        .filter((path) => /^(?:apps|packages|services)\//.test(path) && !path.includes('node_modules'));
    },
    close: () => socket.close(),
  };
}

async function streamChat({ post }: Deployment): Promise<void> {
  const messages = [{ role: 'user', content: 'Hello' }];
  const response = await post('/v1/chat/completions', { model: 'healthy', stream: true, messages });
  if (!(await response.text()).includes('[DONE]')) throw new Error(`The stream did not end (${response.status}).`);
}

async function runBatchItem({ post, url }: Deployment): Promise<void> {
  const { job_id: jobId } = (await (await post('/api/v1/jobs', { prompts: ['Hello'], model: 'healthy' })).json()) as {
    job_id: string;
  };
  for (;;) {
    const { status } = (await (await fetch(`${url}/api/v1/jobs/${jobId}`)).json()) as { status: string };
    if (status === 'completed') return;
    if (status === 'failed') throw new Error('The job failed.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const REQUESTS = {
  'streamed chat': {
    run: streamChat,
    // The worker does not take part, and its polling would add files.
    processesOf: ({ gateway, models }: Deployment) => [gateway, ...models],
    goal: 40,
  },
  'batch item': { run: runBatchItem, processesOf: ({ processes }: Deployment) => processes, goal: 50 },
} as const;

/** Runs `request` twice and returns the files of which the second run called a function, in any process. */
async function filesOf(
  deployment: Deployment,
  request: (deployment: Deployment) => Promise<void>,
  processes: readonly RunningApp[],
): Promise<readonly string[]> {
  const sessions = await Promise.all(processes.map(openCoverageSession));
  try {
    // The first one fills caches and connection pools.
    await request(deployment);
    for (const session of sessions) await session.take();
    await request(deployment);
    const files = await Promise.all(sessions.map((session) => session.take()));
    return [...new Set(files.flat())].sort();
  } finally {
    for (const session of sessions) session.close();
  }
}

const { values } = parseArgs({ options: { list: { type: 'boolean' } } });
const postgres = await startTestPostgres();
try {
  // One process per service is the longest request path.
  const deployment = await startDeployment('services', {
    env: { DATABASE_URL: postgres.url, NODE_OPTIONS: '--inspect=127.0.0.1:0' },
    from: 'source',
  });
  try {
    for (const [name, { run, processesOf, goal }] of Object.entries(REQUESTS)) {
      const files = await filesOf(deployment, run, processesOf(deployment));
      console.log(`${name}: ${files.length} files (goal: ${goal} at most)`);
      if (values.list) for (const file of files) console.log(`  ${file}`);
    }
  } finally {
    await deployment.close();
  }
} finally {
  await postgres.close();
}
