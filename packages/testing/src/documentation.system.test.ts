import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  AppError,
  ERROR_CODES,
  type ErrorCode,
  GENERATION_LIMITS,
  JOB_ITEM_STATUSES,
  JOB_LIMITS,
  jobEventSchemas,
  streamEventSchemas,
  toOpenAiError,
} from '@prodigon/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENTS, markdownIn, ROOT, read } from './documents.test-support.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';
import { type RunningApp, startApp } from './start-app.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());
const startMonolith = () => startApp('monolith', { USE_MOCK: 'true', DATABASE_URL: database.url });

describe('commands in the documentation', () => {
  /** Commands that another test runs, because they install, build, never end or run these tests. */
  const RUN_ELSEWHERE: Record<string, string> = {
    'npm start': 'apps/cli/src/npm-start.matrix.test.ts',
    'npm start -- --topology monolith': 'apps/cli/src/npm-start.matrix.test.ts',
    'npm start -- --topology services': 'apps/cli/src/npm-start.matrix.test.ts',
    'npm start -- --replicas model=2': 'apps/cli/src/prodigon.system.test.ts',
    './prodigon start --replicas gateway=2,model=2,worker=2': 'apps/cli/src/gateway-replicas.matrix.test.ts',
    'npm run dev': 'apps/cli/src/npm-start.matrix.test.ts',
    './prodigon status': 'apps/cli/src/prodigon.system.test.ts',
    // These commands run this test.
    'npm test': '.ci/run',
    'npm test -- packages/contracts': '.ci/run',
    'npm test -- fuzz': '.ci/run',
    'npm run check': '.ci/run',
    'npm ci': '.ci/production-install',
    'npm run build': '.ci/run',
    'npm ci --omit=dev': '.ci/production-install',
    './prodigon start': '.ci/production-install',
    './prodigon backup prodigon.gz': 'apps/cli/src/backup-and-restore.matrix.test.ts',
    './prodigon stop': 'apps/cli/src/backup-and-restore.matrix.test.ts',
    './prodigon restore --replace prodigon.gz': 'apps/cli/src/backup-and-restore.matrix.test.ts',
    'make run-docker': 'infra/container/compose.deploy.test.ts',
    'make stop-docker': 'infra/container/compose.deploy.test.ts',
    'make update-docker': 'infra/container/compose.deploy.test.ts',
  };
  const commands = [
    ...new Set(
      DOCUMENTS.flatMap((path) =>
        [...read(path).matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.trim().split('\n')),
      ),
    ),
  ];
  // apps/cli/src/several-hosts.system.test.ts reads and runs the commands for several hosts.
  const tested = commands.filter((command) => !(command in RUN_ELSEWHERE) && !/^(?:INTERNAL_)?HOST=10\./.test(command));
  // These commands would run in this repository, and change the packages of the tests that run now.
  const unsafe = tested.filter((command) => /^npm\b/.test(command));
  if (unsafe.length > 0) throw new Error(`No test runs these documented commands: ${unsafe.join(', ')}`);

  let app: RunningApp;
  beforeAll(async () => {
    app = await startMonolith();
  });
  afterAll(() => app?.close());

  it.each(Object.entries(RUN_ELSEWHERE))('%s is tested by %s', (command, test) => {
    expect(commands).toContain(command);
    expect(existsSync(join(ROOT, test))).toBe(true);
  });

  it.each(tested)('%s succeeds', async (command) => {
    const { code, output } = await run(command, new URL(app.url).port);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/\S/) });
    if (command.startsWith('curl'))
      expect(output).toMatch(/^(\{"(text|default_model|job_id|status|formats|id)"|data: "|# HELP |200\n$)/);
  });

  it('run on Node 20, which cannot load TypeScript', () => {
    expect(commands.filter((command) => /^node .*\.ts\b/.test(command))).toEqual([]);
  });
});

describe('the API reference', () => {
  const page = read('docs/architecture/api-reference.md');
  const count = (value: number) => value.toLocaleString('en');
  const rows = (pattern: RegExp) => [...page.matchAll(pattern)].map((match) => match.slice(1));

  it('lists every endpoint', async () => {
    const app = await startMonolith();
    const { paths } = await (await fetch(`${app.url}/openapi.json`)).json();
    await app.close();
    const expected = Object.entries<Record<string, { summary: string }>>(paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => method !== 'head')
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(
      rows(/^\| `((?:GET|POST|PUT|PATCH|DELETE) [^`]+)` \|/gm)
        .flat()
        .sort(),
    ).toEqual(expected.sort());
  });

  it('lists every error code with its status and retryability', () => {
    const expected = Object.entries(ERROR_CODES).map(([code, { status, retryable }]) => [
      code,
      String(status),
      retryable ? 'yes' : 'no',
    ]);
    expect(rows(/^\| `([A-Z_]+)` \| (\d{3}) \| (yes|no) \|/gm)).toEqual(expected);
  });

  it('lists every error of the OpenAI-compatible API', () => {
    const documented = rows(/^\| `([A-Z_]+)` \| (\d{3}) \| `(\w+)` \| `?(\w+)`? \|/gm);
    const expected = documented.map(([code = '']) => {
      const { status, body } = toOpenAiError(new AppError(code as ErrorCode));
      return [code, String(status), body.error.type, String(body.error.code)];
    });
    expect(documented).toEqual(expected);
    // These errors concern jobs, conversations, keys, pages and the workshop, or no client receives them.
    const otherCodes = [
      'INVALID_PATH',
      'API_KEY_NOT_FOUND',
      'JOB_NOT_FOUND',
      'CONVERSATION_NOT_FOUND',
      'LABS_DISABLED',
      'CONFLICT',
      'PREDICTION_REQUIRED',
      'TASK_NOT_STARTED',
      'NOT_RESUMABLE',
      'RANGE_NOT_SATISFIABLE',
      'CANCELLED',
      'RESPONSE_INTERRUPTED',
      'INSUFFICIENT_STORAGE',
    ];
    expect(documented.map(([code]) => code)).toEqual(Object.keys(ERROR_CODES).filter((code) => !otherCodes.includes(code)));
  });

  it('lists every stream event', () => {
    const events = page.slice(page.indexOf('| Event |'), page.indexOf('Frames carry'));
    expect([...events.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)).toEqual(Object.keys(streamEventSchemas));
  });

  it('lists every job event and item status', () => {
    const events = page.slice(page.indexOf('| Job event |'), page.indexOf('Events carry'));
    expect([...events.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)).toEqual(Object.keys(jobEventSchemas));
    expect(page).toContain(`\`?status=\`: ${JOB_ITEM_STATUSES.map((status) => `\`${status}\``).join(', ')}.`);
  });

  it('states the limits of batch jobs', () => {
    const { promptsMax, fileLinesMax, fileBytesMax, lineBytesMax, nameCharactersMax, priorityMax } = JOB_LIMITS;
    expect(page).toContain(`each 1 to ${count(JOB_LIMITS.promptCharactersMax)} characters`);
    expect(page).toContain(`| \`system_prompt\` | text, 1 to ${count(JOB_LIMITS.systemPromptCharactersMax)} characters |`);
    expect(page).toContain(`JSON with up to ${promptsMax} \`prompts\``);
    expect(page).toContain(
      `up to ${count(fileLinesMax)} prompts and ${fileBytesMax >> 20} MB with lines of up to ${lineBytesMax >> 20} MB`,
    );
    expect(page).toContain(`| \`name\` | text, 1 to ${nameCharactersMax} characters |`);
    expect(page).toContain(`| \`priority\` | 0 to ${priorityMax},`);
    expect(page).toContain(`| 1 to ${JOB_LIMITS.expiresInHoursMax} | ${JOB_LIMITS.expiresInHoursDefault} |`);
    expect(page).toContain(`the first ${JOB_LIMITS.lineErrorsMax} of them`);
    expect(page).toContain(`One job of up to ${JOB_LIMITS.inlineResultsMax} prompts`);
  });

  it('states the limits of generation requests', () => {
    const { promptCharactersMax, maxTokensMax, temperatureMax, messagesMax, bodyBytesMax } = GENERATION_LIMITS;
    expect(page).toContain(`| \`prompt\` | text, 1 to ${count(promptCharactersMax)} characters, not blank |`);
    expect(page).toContain(`| \`max_tokens\` | 1 to ${count(maxTokensMax)} | the model's default |`);
    expect(page).toContain(`| \`temperature\` | 0 to ${temperatureMax} | the model's default |`);
    expect(page).toContain(`A request has at most ${bodyBytesMax >> 20} MB`);
    expect(page).toContain(`at most ${messagesMax}`);
  });
});

describe('the guide', () => {
  const pages = markdownIn('docs/guide').filter((path) => /\d\d-/.test(path));

  it('has a page for each of the eleven tasks', () => expect(pages).toHaveLength(11));

  it.each(pages)('%s has 300 to 500 words and cites at least two sources', (path) => {
    const [body = '', sources] = read(path)
      .replace(/^# .*$/m, '')
      .split(/^## Sources$/m);
    const words = body.match(/[\p{L}\p{N}][\p{L}\p{N}'’./_-]*/gu)?.length ?? 0;
    expect(words).toBeGreaterThanOrEqual(300);
    expect(words).toBeLessThanOrEqual(500);
    expect(sources?.match(/https:\/\//g)?.length).toBeGreaterThanOrEqual(2);
  });
});

/** The exit code of a task of `scripts/setup.mjs` whose program SIGTERM ended. */
const SIGTERM_STATUS = 143;

/** Runs a command in the root of the repository, against the platform of this test. */
async function run(command: string, port: string): Promise<{ code: number | null; output: string }> {
  if (command === 'cp .env.example .env')
    return {
      code: existsSync(join(ROOT, '.env.example')) ? 0 : 1,
      output: 'not run, because a test must not overwrite .env',
    };
  const script = command
    .replaceAll('http://127.0.0.1:8000', `http://127.0.0.1:${port}`)
    .replace('--port 9100', '--port 0')
    .replace(/^node /, `exec "${process.execPath}" `);
  const child = spawn('sh', ['-c', script], {
    cwd: ROOT,
    env: { ...process.env, GATEWAY_PORT: port, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
      // A server runs until it is stopped.
      if (command.startsWith('node ') && output.includes('listens')) child.kill('SIGTERM');
    });
  }
  const code = await new Promise<number | null>((done) =>
    child.once('close', (status, signal) => done(signal === 'SIGTERM' || status === SIGTERM_STATUS ? 0 : status)),
  );
  return { code, output };
}
