import { createApiClient } from '@prodigon/api-client';
import { isTerminalJobStatus } from '@prodigon/contracts';
import { createSeededRandom, fuzzSettings, matrixOf, type RunningApp, type SeededRandom } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mutateBody } from './mutate-body.test-support.ts';
import { type MalformedConnection, mutateConnection } from './mutate-connection.test-support.ts';
import { mutateHeaders } from './mutate-headers.test-support.ts';
import { fillPath, mutateTarget } from './mutate-target.test-support.ts';
import { internalOperations, type OpenApiDocument, type Operation, publicOperations } from './operations.test-support.ts';
import { findProblems } from './oracle.test-support.ts';
import { type FuzzPlatform, startFuzzPlatform } from './platform.test-support.ts';
import { sendRaw } from './raw-connection.test-support.ts';
import { formatRequest, type RawHeader, type RawRequest, toBytes, withBody } from './raw-request.test-support.ts';
import { exampleOf } from './schema-examples.test-support.ts';

/** Cases for each operation and mutator. */
const { seed, cases, reproduceWith } = fuzzSettings({ cases: 16 });
/** `npm test` runs the first cases, or all of them when `FUZZ_CASES` is set. The matrix runs the others. */
const FIRST_CASES = process.env.FUZZ_CASES ? cases : 2;
const CELLS = [
  { name: 'services', from: 0, to: FIRST_CASES },
  { name: 'services', from: FIRST_CASES, to: cases },
  { name: 'monolith', from: 0, to: cases },
] as const;
/** Some cases send two requests, and a worker accepts at most 16 concurrent submissions. */
const CONCURRENCY = 6;
const REPORTED_MAX = 20;
const LONG_TEST_MS = 120_000 + cases * 5_000;

interface Target {
  readonly app: RunningApp;
  readonly operations: readonly Operation[];
}

/** A malformed request, which depends only on the operation and the random numbers. */
interface FuzzCase extends MalformedConnection {
  readonly isHead: boolean;
  /** Whether the request has the path of the operation, which determines the error format. */
  readonly hasPath: boolean;
}
type Mutator = (operation: Operation, valid: RawRequest, random: SeededRandom) => FuzzCase;

const ONE_RESPONSE = { responsesMin: 1, responsesMax: 1, endsAfterwards: false, isHead: false };

const MUTATORS: Record<string, Mutator> = {
  bodies({ body, schemas }, valid, random) {
    const mediaType = body?.mediaType ?? 'application/json';
    const example = exampleOf(body?.schema ?? {}, { schemas, random, values: EXAMPLE_VALUES });
    const { mutation, bytes, headers = {} } = mutateBody(example, random);
    const head = { ...valid, headers: [...headersOf(valid), ...Object.entries(headers)], body: undefined };
    return { ...ONE_RESPONSE, mutation, hasPath: true, parts: [toBytes(withBody(head, bytes, mediaType, random))] };
  },
  headers({ headerNames }, valid, random) {
    const { mutation, headers } = mutateHeaders(valid.headers, headerNames, random);
    const isIncomplete = !headers.some(([name]) => name === 'content-length') && valid.body !== undefined;
    return {
      ...ONE_RESPONSE,
      mutation,
      hasPath: false,
      parts: [toBytes({ ...valid, headers })],
      ...(isIncomplete && UNTIL_CLOSED),
    };
  },
  targets({ path, query }, valid, random) {
    const { mutation, target } = mutateTarget({ path, query }, { ...PATH_VALUES, jobId }, random);
    return { ...ONE_RESPONSE, mutation, hasPath: false, parts: [toBytes({ ...valid, target })] };
  },
  connections(_operation, valid, random) {
    const malformed = mutateConnection(valid, random);
    return { ...malformed, hasPath: false, isHead: / HEAD$/.test(malformed.mutation) };
  },
};
const UNTIL_CLOSED = { responsesMin: 0, responsesMax: Number.POSITIVE_INFINITY, endsAfterwards: true };

const EXAMPLE_VALUES = { model: 'healthy', prompts: ['Say something.'] };
const PATH_VALUES = { '*': 'healthy', file: 'index.js' };
/** Id of an existing job. */
let jobId = '';

const headersOf = ({ headers }: RawRequest): RawHeader[] => headers.filter(([name]) => !/^(content-|transfer-)/.test(name));

/** Builds a request that the operation accepts. */
function validRequest({ method, path, headers, body, schemas }: Operation, { port }: URL, random: SeededRandom): RawRequest {
  const request: RawRequest = {
    method,
    target: fillPath(path, (name) => ({ ...PATH_VALUES, jobId })[name] ?? name),
    headers: [['host', `127.0.0.1:${port}`], ...Object.entries(headers)],
  };
  if (!body) return request;
  const values = path.startsWith(KEYS_PATH) ? { ...EXAMPLE_VALUES, ...keyValues(random) } : EXAMPLE_VALUES;
  const example = exampleOf(body.schema, { schemas, random, values });
  return withBody(request, Buffer.from(`${JSON.stringify(example)}\n`), body.mediaType, random);
}

const KEYS_PATH = '/api/v1/keys';
/** Names are unique, of few characters, and in the only roles that keys have. */
const keyValues = (random: SeededRandom) => ({
  name: `Größe ${random.upTo(999_999_999)}`,
  owner: 'ada',
  role: 'member',
  expires_at: '2099-12-31T00:00:00Z',
  models: null,
});

/** It only stores settings that a provider accepts. */
const NEEDS_PROVIDER = 'PUT /api/v1/providers/{name}';
/** Changes of a key, a conversation or a template, which must exist. */
const NEEDS_OBJECT = /^(?:PATCH|POST) \/api\/v1\/(?:keys|chat\/sessions|chat\/templates)\/\{id\}/;
/** Its body is a file of another product. */
const NEEDS_FILE = 'POST /api/v1/chat/import';
const NEEDS_OTHERS = [NEEDS_PROVIDER, NEEDS_FILE];
/** Operations of the lab service, which these deployments do not run. */
const NEEDS_LABS = /^POST \/api\/v1\/(?:workshop|labs)\//;

describe.each(matrixOf(CELLS, ({ name, from }) => name === 'services' && from === 0))(
  `$name, cases $from to $to, with ${reproduceWith}`,
  ({ name, from, to }) => {
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
        for (const operation of operations.filter(
          ({ name, body }) => body && !NEEDS_OTHERS.includes(name) && !NEEDS_LABS.test(name) && !NEEDS_OBJECT.test(name),
        )) {
          for (let number = 0; number < 5; number++) {
            const random = createSeededRandom(seed, 'good', operation.name, number);
            const bytes = toBytes(validRequest(operation, new URL(app.url), random));
            const { responses } = await send({ ...ONE_RESPONSE, parts: [bytes] }, app);
            const [response] = responses;
            if (!response || response.status >= 300)
              rejected.push(`${operation.name}: ${response?.status} ${response?.body} to ${formatRequest(bytes)}`);
          }
        }
      }
      expect(rejected).toEqual([]);
    });

    it.each(Object.keys(MUTATORS))(
      'rejects malformed %s with documented errors and keeps working',
      async (mutator) => {
        const problems: string[] = [];
        for (const { app, operations } of Object.values(targets)) {
          for (const operation of operations) {
            if (mutator === 'bodies' && !operation.body) continue;
            jobId = await ensureJob(platform.gateway);
            const lengthsBefore = outputs().map(({ length }) => length);
            problems.push(...(await runCases(mutator, operation, app)));
            const logged = outputs().map((text, index) => text.slice(lengthsBefore[index]));
            problems.push(...errorLinesIn(logged).map((line) => `${operation.name}, ${mutator}, in the log: ${line}`));
            await expectHealthy();
          }
        }
        expect(toReport(problems)).toBe('');
      },
      LONG_TEST_MS,
    );

    /** Returns the problems of all cases of a mutator. */
    async function runCases(mutator: string, operation: Operation, app: RunningApp): Promise<string[]> {
      const mutate = MUTATORS[mutator] as Mutator;
      const factor = mutator === 'bodies' ? 4 : 1;
      const numbers = Array.from({ length: factor * (to - from) }, (_, index) => factor * from + index);
      const reports: string[] = [];
      const workers = Array.from({ length: CONCURRENCY }, async () => {
        for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
          const random = createSeededRandom(seed, mutator, operation.name, number);
          const fuzzCase = mutate(operation, validRequest(operation, new URL(app.url), random), random);
          const { responsesMin, hasPath, isHead, parts, mutation } = fuzzCase;
          const { endpoint } = operation;
          const expected = { responsesMin, endpoint, hasPath, isHead, secrets: platform.secrets };
          const problems = findProblems(await send(fuzzCase, app), expected);
          if (problems.length === 0) continue;
          reports.push(
            `${operation.name}, ${mutator} ${number}, ${mutation}: ${problems.join('; ')}\n${formatRequest(Buffer.concat([...parts]))}\n${reproduceWith}`,
          );
        }
      });
      await Promise.all(workers);
      return reports;
    }

    const outputs = () => Object.values(platform.apps).map((app) => app.output());

    /** Expects that the same processes still respond. */
    async function expectHealthy(): Promise<void> {
      for (const app of Object.values(platform.apps)) {
        const health = await (await fetch(`${app.url}/health`)).json();
        expect(health).toMatchObject({ status: 'ok', pid: app.pid });
      }
      const client = createApiClient({ baseUrl: platform.gateway.url });
      expect(await client.generate({ prompt: 'Are you there?' })).toMatchObject({ model: 'healthy' });
    }
  },
);

const send = (fuzzCase: Pick<FuzzCase, 'parts' | 'responsesMax' | 'endsAfterwards' | 'isHead'>, { url }: RunningApp) =>
  sendRaw({ ...fuzzCase, port: Number(new URL(url).port) });

/** Formats the first problems, because one defect causes many. */
const toReport = (problems: readonly string[]): string =>
  problems.length === 0 ? '' : [`${problems.length} problems`, ...problems.slice(0, REPORTED_MAX)].join('\n\n');

/** Returns the log lines of errors and warnings. */
const errorLinesIn = (outputs: readonly string[]): string[] =>
  outputs
    .join('\n')
    .split('\n')
    .filter((line) => /"level":[56]0,|Warning: |Uncaught/.test(line));

/** Returns the id of a finished job. Submits one if a case has deleted it. */
async function ensureJob({ url }: RunningApp): Promise<string> {
  const { jobs } = createApiClient({ baseUrl: url });
  const hasJob = jobId !== '' && (await jobs.get(jobId).catch(() => undefined)) !== undefined;
  if (hasJob) return jobId;
  const { job_id } = await jobs.submit({ prompts: ['One.', 'Two.'], model: 'healthy' });
  await vi.waitFor(async () => expect(isTerminalJobStatus((await jobs.get(job_id)).status)).toBe(true), { timeout: 60_000 });
  return job_id;
}
