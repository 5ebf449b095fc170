import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Deployment, FAULTS, matrixDeployments } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deploy, LONG_TEST_MS, STREAM, TYPED, WAIT } from './deployment.test-support.ts';
import { HEADER_ECHO_MODELS, startHeaderEchoProvider } from './header-echo-provider.test-support.ts';
import { argumentsOf, backUp, checkConfiguration, formsOf, useStoredKeys } from './stored-keys.test-support.ts';

/** Secrets that do not have the format of a vendor's key, so that only redaction by value removes them. */
const CANARIES = {
  GROQ_API_KEY: 'canary0groq0key0a1b2c3d4',
  OPENAI_API_KEY: 'canary0openai0key0a1b2c3d4,canary0openai0second0a1b2c3d4',
  INTERNAL_TOKEN: 'canary0internal0token0a1b2c3d4',
  API_KEYS: 'canary0caller0key0a1b2c3d4,canary0other0caller0a1b2c3d4',
};
const [CALLER = ''] = CANARIES.API_KEYS.split(',');
const ROOT = resolve(import.meta.dirname, '../../../..');
/** Entered in the web UI, so that no configuration contains it. */
const STORED_KEY = 'canary0stored0key0a1b2c3d4';
/** Prompts are never logged above debug. */
const PROMPT = 'canary0prompt0a1b2c3d4';
/** An unknown key from the fault provider's error messages. Redaction by format must remove it. */
const UNKNOWN_KEY = 'sk-canary-0123456789abcdef';
const REQUESTS: readonly { path: string; body: (model: string) => object; init?: RequestInit }[] = [
  { path: '/api/v1/generate', body: (model) => ({ model, prompt: PROMPT }) },
  { path: STREAM, body: (model) => ({ model, prompt: PROMPT }) },
  { path: STREAM, body: (model) => ({ model, prompt: PROMPT }), init: TYPED },
  { path: '/v1/chat/completions', body: (model) => ({ model, messages: [{ role: 'user', content: PROMPT }] }) },
  { path: '/v1/chat/completions', body: (model) => ({ model, messages: [{ role: 'user', content: PROMPT }], stream: true }) },
  { path: '/v1/responses', body: (model) => ({ model, input: PROMPT }) },
  { path: '/openai/v1/responses', body: (model) => ({ model, input: PROMPT, stream: true }) },
  { path: '/v1/embeddings', body: (model) => ({ model, input: PROMPT }) },
];
const GET_PATHS = [
  ...['/health', '/readyz', '/livez', '/openapi.json', '/docs', '/api/v1/models', '/v1/models', '/api/v1/usage', '/api/v1/jobs'],
  '/api/v1/providers',
  ...['/api/v1/system/overview', '/api/v1/content', '/api/v1/content?path=.env', '/api/v1/content?path=../.env', '/nowhere'],
];

function modelsFile(echoUrl: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-secrets-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'models.yaml');
  const models = HEADER_ECHO_MODELS.map((model) => `      ${model}: {}\n`).join('');
  writeFileSync(
    path,
    `policy: { breaker: { failures_max: 1000 }, attempts_max: 2 }
providers:
  faulty: { base_url_variable: OPENAI_BASE_URL, key_variable: OPENAI_API_KEY, accepts_other_ids: true }
  stored: { base_url_variable: VLLM_BASE_URL, key_variable: VLLM_API_KEY, models: { stored: {} } }
  header_echo:
    base_url: ${echoUrl}
    key_variable: GROQ_API_KEY
    models:
${models}`,
  );
  return path;
}

/** Returns the lines of a log that are not of level trace or debug. */
const linesAboveDebug = (log: string) =>
  log
    .split('\n')
    .filter((line) => !/^\{"level":[12]0,/.test(line))
    .join('\n');

/** Collects the statuses, headers and bodies of responses. */
function createResponseLog() {
  const texts: string[] = [];
  return {
    async add(response: Response): Promise<void> {
      texts.push([response.status, ...[...response.headers].flat(), await response.text()].join('\n'));
    },
    text: () => texts.join('\n'),
  };
}
type ResponseLog = ReturnType<typeof createResponseLog>;

async function callEverything(deployment: Deployment, responses: ResponseLog): Promise<void> {
  const { post, url } = deployment;
  const authorization = { authorization: `Bearer ${CALLER}` };
  // Models that never respond would only delay the test.
  const models = Object.keys(FAULTS).filter((model) => FAULTS[model]?.expected !== 'timeout' && model !== 'flood');
  for (const model of [...models, ...HEADER_ECHO_MODELS]) {
    await Promise.all(
      REQUESTS.map(async ({ path, body, init }) =>
        responses.add(
          await post(path, body(model), { headers: { ...(init?.headers as Record<string, string>), ...authorization } }),
        ),
      ),
    );
  }
  const own = { headers: authorization };
  for (const path of GET_PATHS) await responses.add(await fetch(`${url}${path}`, own));
  // Neither wrong keys nor invalid requests reveal anything.
  for (const { path, body } of REQUESTS) {
    await responses.add(await post(path, body('healthy'), { headers: { authorization: `Bearer ${CALLER}x` } }));
    await responses.add(await post(path, `{"prompt":"${PROMPT}"`, own));
    await responses.add(await post(path, { unknown: PROMPT }, own));
    await responses.add(await post(`${path}?key=${CALLER}`, { prompt: [PROMPT] }, own));
  }
}

/** Enters a key: of a provider that repeats it, of one that accepts it, and in invalid requests. */
async function saveProviders({ url, provider }: Deployment, echoUrl: string, responses: ResponseLog): Promise<void> {
  const headers = { authorization: `Bearer ${CALLER}`, 'content-type': 'application/json' };
  const save = (name: string, body: unknown, others: object = {}) =>
    fetch(`${url}/api/v1/providers/${name}`, { method: 'PUT', headers: { ...headers, ...others }, body: JSON.stringify(body) });
  const attempts = [
    await save('stored', { api_key: STORED_KEY, base_url: echoUrl }),
    await save('stored', { api_key: STORED_KEY, base_url: `http://user:${STORED_KEY}@127.0.0.1` }),
    await save('stored', { api_key: `${STORED_KEY} `.repeat(2), base_url: echoUrl }),
    await save('faulty', { api_key: STORED_KEY }),
    await save(STORED_KEY, { api_key: [STORED_KEY] }),
    await save('stored', { api_key: STORED_KEY }, { 'x-forwarded-for': '127.0.0.1' }),
    await save('stored', { api_key: STORED_KEY, base_url: provider.baseUrl }),
  ];
  expect(attempts.map(({ ok }) => ok)).toEqual([false, false, false, false, false, false, true]);
  for (const response of attempts) await responses.add(response);
}

async function runJobs({ post, url }: Deployment, responses: ResponseLog): Promise<void> {
  const headers = { authorization: `Bearer ${CALLER}` };
  await Promise.all(
    ['healthy', 'status_401', ...HEADER_ECHO_MODELS].map(async (model) => {
      const { job_id } = await (await post('/api/v1/jobs', { prompts: [PROMPT], model }, { headers })).json();
      await vi.waitFor(async () => {
        const { status } = await (await fetch(`${url}/api/v1/jobs/${job_id}`, { headers })).json();
        expect(['completed', 'failed']).toContain(status);
      }, WAIT);
      for (const part of ['', '/items', '/results.jsonl'])
        await responses.add(await fetch(`${url}/api/v1/jobs/${job_id}${part}`, { headers }));
    }),
  );
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'keeps every key, token and password, and the hashes of keys, out of logs, metrics, responses and backups, even when a provider repeats them',
    async () => {
      const echoUrl = await startHeaderEchoProvider();
      const MODELS_FILE = modelsFile(echoUrl);
      // Only admins may change providers.
      const API_KEYS = `root:admin=${CANARIES.API_KEYS}`;
      const env = { ...CANARIES, API_KEYS, MODELS_FILE, LOG_LEVEL: 'trace', JOB_LEASE_MS: '1000' };
      const deployment = await deploy(name, { env });
      const { processes, databaseUrl, internalToken } = deployment;
      const responses = createResponseLog();
      await saveProviders(deployment, echoUrl, responses);
      await callEverything(deployment, responses);
      const storedKeys = await useStoredKeys(deployment, CALLER, responses.add);
      await runJobs(deployment, responses);

      const written: Record<string, string> = {
        'a backup': await backUp(databaseUrl),
        'process arguments': argumentsOf(processes),
        'the checked configuration': await checkConfiguration(ROOT, env),
      };
      // Ensures that the search below has a backup and a configuration to search.
      expect(written['a backup']).toContain('laptop');
      expect(written['the checked configuration']).toContain('providers');
      for (const [index, { url, output, kill, exited }] of processes.entries()) {
        for (const authorization of [`Bearer ${internalToken}`, `Bearer ${internalToken}x`]) {
          for (const path of ['/metrics', '/internal/v1/models', '/internal/v1/jobs']) {
            await responses.add(await fetch(`${url}${path}`, { headers: { authorization } }));
          }
        }
        kill('SIGTERM');
        expect(await exited).toEqual({ code: 0, signal: null });
        written[`log ${index}`] = output();
      }
      written.responses = responses.text();

      // Ensures that the search below has logs and responses to search.
      expect(written['log 0']).toContain('"route":');
      expect(written.responses).toContain('http_requests_total');
      const secrets = [
        ...[...CANARIES.API_KEYS.split(','), ...storedKeys].flatMap(formsOf),
        ...Object.values(CANARIES).flatMap((keys) => keys.split(',')),
        STORED_KEY,
        decodeURIComponent(new URL(databaseUrl).password),
      ];
      for (const [where, text] of Object.entries(written)) {
        for (const secret of [...secrets, UNKNOWN_KEY]) expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
        if (where.startsWith('log ')) expect(linesAboveDebug(text).includes(PROMPT), `the prompt in ${where}`).toBe(false);
      }
    },
    LONG_TEST_MS,
  );
});
