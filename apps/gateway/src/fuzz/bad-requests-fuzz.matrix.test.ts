import { createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus } from '@prodigon/contracts';
import { createSeededRandom, fuzzSettings, matrixDeployments, type RunningApp, type SeededRandom } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mutateBody } from './mutate-body.test-support.ts';
import { type BadConversation, mutateConnection } from './mutate-connection.test-support.ts';
import { mutateHeaders } from './mutate-headers.test-support.ts';
import { fill, mutateTarget } from './mutate-target.test-support.ts';
import { internalOperations, type OpenApiDocument, type Operation, publicOperations } from './operations.test-support.ts';
import { problemsOf } from './oracle.test-support.ts';
import { type FuzzPlatform, startFuzzPlatform } from './platform.test-support.ts';
import { converse } from './raw-connection.test-support.ts';
import { type RawHeader, type RawRequest, shown, toBytes, withBody } from './raw-request.test-support.ts';
import { exampleOf } from './schema-examples.test-support.ts';

/** Cases for each operation and kind of mistake. */
const { seed, cases, repeat } = fuzzSettings({ cases: 16 });
/** Some cases send two requests. A worker receives at most 16 jobs concurrently. */
const CONCURRENCY = 6;
const SHOWN_MAX = 20;
const LONG_TEST_MS = 120_000 + cases * 5_000;

interface Target {
  readonly app: RunningApp;
  readonly operations: readonly Operation[];
}

/** A case; the operation and the random numbers determine all of it. */
interface Attempt extends BadConversation {
  readonly isHead: boolean;
  /** Whether the path determines the form of an error. */
  readonly hasPath: boolean;
}
type Kind = (operation: Operation, good: RawRequest, random: SeededRandom) => Attempt;

const ONE = { answersMin: 1, answersMax: 1, endsAfterwards: false, isHead: false };

const KINDS: Record<string, Kind> = {
  bodies({ body, schemas }, good, random) {
    const mediaType = body?.mediaType ?? 'application/json';
    const example = exampleOf(body?.schema ?? {}, { schemas, random, values: EXAMPLE_VALUES });
    const { what, bytes, headers = {} } = mutateBody(example, random);
    const head = { ...good, headers: [...headersOf(good), ...Object.entries(headers)], body: undefined };
    return { ...ONE, what, hasPath: true, parts: [toBytes(withBody(head, bytes, mediaType, random))] };
  },
  headers({ headerNames }, good, random) {
    const { what, headers } = mutateHeaders(good.headers, headerNames, random);
    const isOpen = !headers.some(([name]) => name === 'content-length') && good.body !== undefined;
    return { ...ONE, what, hasPath: false, parts: [toBytes({ ...good, headers })], ...(isOpen && UNTIL_CLOSED) };
  },
  targets({ path, query }, good, random) {
    const { what, target } = mutateTarget({ path, query }, { ...PATH_VALUES, jobId }, random);
    return { ...ONE, what, hasPath: false, parts: [toBytes({ ...good, target })] };
  },
  connections(_operation, good, random) {
    const bad = mutateConnection(good, random);
    return { ...bad, hasPath: false, isHead: / HEAD$/.test(bad.what) };
  },
};
const UNTIL_CLOSED = { answersMin: 0, answersMax: Number.POSITIVE_INFINITY, endsAfterwards: true };

const EXAMPLE_VALUES = { model: 'healthy', prompts: ['Say something.'] };
const PATH_VALUES = { '*': 'healthy', file: 'index.js' };
/** An existing job. */
let jobId = '';

const headersOf = ({ headers }: RawRequest): RawHeader[] => headers.filter(([name]) => !/^(content-|transfer-)/.test(name));

/** Builds a request that the operation accepts. */
function validRequest({ method, path, headers, body, schemas }: Operation, { port }: URL, random: SeededRandom): RawRequest {
  const request: RawRequest = {
    method,
    target: fill(path, (name) => ({ ...PATH_VALUES, jobId })[name] ?? name),
    headers: [['host', `127.0.0.1:${port}`], ...Object.entries(headers)],
  };
  if (!body) return request;
  const example = exampleOf(body.schema, { schemas, random, values: EXAMPLE_VALUES });
  return withBody(request, Buffer.from(`${JSON.stringify(example)}\n`), body.mediaType, random);
}

describe.each(matrixDeployments('services').filter((name) => name !== 'services with replicas'))(`%s, with ${repeat}`, (name) => {
  let platform: FuzzPlatform;
  let targets: Record<string, Target>;

  beforeAll(async () => {
    platform = await startFuzzPlatform(name);
    const { gateway, apps } = platform;
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as OpenApiDocument;
    targets = { gateway: { app: gateway, operations: publicOperations(document) } };
    for (const service of ['model', 'worker'] as const) {
      const app = apps[service];
      if (app) targets[service] = { app, operations: internalOperations(service, platform.internalToken) };
    }
  });
  afterAll(() => platform?.close());

  it('accepts the valid requests that the mutations start from', async () => {
    jobId = await ensureJob(platform.gateway);
    const rejected: string[] = [];
    for (const { app, operations } of Object.values(targets)) {
      for (const operation of operations.filter(({ body }) => body)) {
        for (let number = 0; number < 5; number++) {
          const random = createSeededRandom(seed, 'good', operation.name, number);
          const bytes = toBytes(validRequest(operation, new URL(app.url), random));
          const { answers } = await send({ ...ONE, parts: [bytes] }, app);
          const [answer] = answers;
          if (!answer || answer.status >= 300)
            rejected.push(`${operation.name}: ${answer?.status} ${answer?.body} to ${shown(bytes)}`);
        }
      }
    }
    expect(rejected).toEqual([]);
  });

  it.each(Object.keys(KINDS))(
    'rejects bad %s in the documented form and keeps working',
    async (kind) => {
      const problems: string[] = [];
      for (const { app, operations } of Object.values(targets)) {
        for (const operation of operations) {
          if (kind === 'bodies' && !operation.body) continue;
          jobId = await ensureJob(platform.gateway);
          const before = outputs().map(({ length }) => length);
          problems.push(...(await attemptAll(kind, operation, app)));
          const logged = outputs().map((text, index) => text.slice(before[index]));
          problems.push(...failuresIn(logged).map((line) => `${operation.name}, ${kind}, in the log: ${line}`));
          await works();
        }
      }
      expect(toReport(problems)).toBe('');
    },
    LONG_TEST_MS,
  );

  async function attemptAll(kind: string, operation: Operation, app: RunningApp): Promise<string[]> {
    const attempt = KINDS[kind] as Kind;
    const numbers = Array.from({ length: kind === 'bodies' ? cases * 4 : cases }, (_, number) => number);
    const bad: string[] = [];
    const workers = Array.from({ length: CONCURRENCY }, async () => {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        const random = createSeededRandom(seed, kind, operation.name, number);
        const tried = attempt(operation, validRequest(operation, new URL(app.url), random), random);
        const { answersMin, hasPath, isHead, parts, what } = tried;
        const { endpoint } = operation;
        const problems = problemsOf(await send(tried, app), { answersMin, endpoint, hasPath, isHead, secrets: platform.secrets });
        if (problems.length === 0) continue;
        bad.push(
          `${operation.name}, ${kind} ${number}, ${what}: ${problems.join('; ')}\n${shown(Buffer.concat([...parts]))}\n${repeat}`,
        );
      }
    });
    await Promise.all(workers);
    return bad;
  }

  const outputs = () => Object.values(platform.apps).map((app) => app.output());

  /** The same processes still answer. */
  async function works(): Promise<void> {
    for (const app of Object.values(platform.apps)) {
      const health = await (await fetch(`${app.url}/health`)).json();
      expect(health).toMatchObject({ status: 'ok', pid: app.pid });
    }
    const client = createApiClient({ baseUrl: platform.gateway.url });
    expect(await client.generate({ prompt: 'Are you there?' })).toMatchObject({ model: 'healthy' });
  }
});

const send = (attempt: Pick<Attempt, 'parts' | 'answersMax' | 'endsAfterwards' | 'isHead'>, { url }: RunningApp) =>
  converse({ ...attempt, port: Number(new URL(url).port) });

/** Shows the first problems; one mistake causes many. */
const toReport = (problems: readonly string[]): string =>
  problems.length === 0 ? '' : [`${problems.length} problems`, ...problems.slice(0, SHOWN_MAX)].join('\n\n');

/** Returns log lines of errors and warnings. */
const failuresIn = (outputs: readonly string[]): string[] =>
  outputs
    .join('\n')
    .split('\n')
    .filter((line) => /"level":[56]0,|Warning: |Uncaught/.test(line));

/** Returns a finished job; a case may have deleted the last one. */
async function ensureJob({ url }: RunningApp): Promise<string> {
  const { jobs } = createApiClient({ baseUrl: url });
  const isThere = jobId !== '' && (await jobs.get(jobId).catch(() => undefined)) !== undefined;
  if (isThere) return jobId;
  const { job_id } = await jobs.submit({ prompts: ['One.', 'Two.'], model: 'healthy' });
  await vi.waitFor(async () => expect(isTerminalJobStatus((await jobs.get(job_id)).status)).toBe(true), { timeout: 60_000 });
  return job_id;
}
