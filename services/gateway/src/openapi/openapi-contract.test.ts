import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterAll } from '../gateway-harness.test-support.ts';
import { itemsOf } from './body-items.test-support.ts';
import {
  type DocumentedOperation,
  EXAMPLE_ID,
  operationsOf,
  type Parameter,
  startDocumentedGateway,
} from './openapi.test-support.ts';

type Gateway = Awaited<ReturnType<typeof startDocumentedGateway>>;
let gateway: Gateway;
let guarded: Gateway;
const onClose = closeAfterAll();
beforeAll(async () => {
  gateway = await startDocumentedGateway({}, onClose);
  guarded = await startDocumentedGateway({ apiKeys: ['key-of-the-tests'] }, onClose);
});

interface Call {
  readonly name: string;
  readonly path: string;
  readonly init: { method: string; headers: Record<string, string>; body?: string };
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** Three tokens immediately. */
const FAST = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=3';
const FAULTS = ['rate_limit', 'no_finish', 'error_after&after=0'];

const fillPath = (path: string, value = EXAMPLE_ID) =>
  path
    .replace('{model}', value === EXAMPLE_ID ? 'prodigon-sim' : value)
    .replace('{token}', value === EXAMPLE_ID ? 'kQ9pXyZ2c0aT5mB7vW1uRg' : value)
    .replaceAll(/\{(?:id|jobId|messageId|task|lab|run)\}/g, value);

const parametersOf = ({ operation }: DocumentedOperation, location: Parameter['in']) =>
  (operation.parameters ?? []).filter((each) => each.in === location).map(({ name }) => name);

/** Requests with one defect each. */
function* invalidCalls(each: DocumentedOperation): Generator<Call> {
  const { method } = each;
  const path = fillPath(each.path);
  const call = (name: string, headers: Record<string, string> = {}, body?: string, target = path): Call => ({
    name,
    path: target,
    init: { method, headers, ...(body !== undefined && { body }) },
  });
  yield call('without what it requires');
  yield call('from a foreign origin', { origin: 'https://attacker.example.com' });
  if (method !== 'GET') {
    yield call('with truncated JSON', JSON_TYPE, '{"prompt":');
    yield call('without a body', JSON_TYPE, '');
    yield call('with a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'prompt=x');
    if (each.path === '/api/v1/generate') yield call('with a large body', JSON_TYPE, `"${'x'.repeat(4 << 20)}"`);
    for (const body of ['null', '[]', '{}', '"x"', '{"prompt":1,"messages":1,"input":1,"prompts":1}']) {
      yield call(`with the body ${body}`, JSON_TYPE, body);
    }
    yield call('with an unknown model', JSON_TYPE, requestBody(each.path, 'nobody-has-this'));
    for (const fault of FAULTS) {
      yield call(`with ${fault}`, JSON_TYPE, requestBody(each.path, `${FAST}&fault=${fault}`));
    }
  }
  for (const value of ['x', '..%2f', '%00', 'a'.repeat(300)])
    yield call(`at ${value}`, {}, undefined, fillPath(each.path, value));
  for (const name of parametersOf(each, 'query')) {
    for (const value of ['', 'x', '-2', '1e999', '%00', '2026-02-31']) {
      yield call(`with ${name}=${value}`, {}, undefined, `${path}?${name}=${value}`);
    }
  }
  for (const name of parametersOf(each, 'header')) yield call(`with ${name}`, { [name]: 'x'.repeat(300) });
}

const requestBody = (path: string, model: string): string =>
  JSON.stringify({
    model,
    ...(path.includes('/chat/') && { messages: [{ role: 'user', content: 'Hi' }] }),
    ...(path.includes('/generate') && { prompt: 'Hi' }),
    ...(path.endsWith('/jobs') && { prompts: ['Hi'] }),
    ...(/responses|embeddings/.test(path) && { input: 'Hi' }),
  });

/** Returns how a response differs from the document. */
async function findDifferences(
  { document, url, check }: Gateway,
  { operation }: DocumentedOperation,
  { path, init }: Omit<Call, 'name'>,
): Promise<{ status: number; problems: string[] }> {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  const { status, headers } = response;
  const described = operation.responses[status];
  if (!described) return { status, problems: [`has the undocumented status ${status}: ${text.slice(0, 200)}`] };
  const reference = described.$ref?.split('/').at(-1);
  const { content = {}, headers: named = {} } = reference ? (document.components.responses[reference] ?? {}) : described;
  const problems: string[] = [];
  for (const [name, { $ref }] of Object.entries(named)) {
    const isRequired = document.components.headers[$ref.split('/').at(-1) ?? '']?.required;
    if (isRequired && !headers.has(name)) problems.push(`lacks the header ${name}`);
  }
  const mediaType = headers.get('content-type')?.split(';')[0];
  if (mediaType === undefined) return { status, problems: [...problems, ...(text === '' ? [] : ['has no content type'])] };
  const body = content[mediaType];
  if (!body) return { status, problems: [...problems, `has the undocumented content type ${mediaType}`] };
  const { contentSchema } = body.schema;
  const values = mediaType.endsWith('json') ? [JSON.parse(text)] : [];
  problems.push(...values.flatMap((value) => check(body.schema, value)));
  if (contentSchema) problems.push(...itemsOf(mediaType, text).flatMap((item) => check(contentSchema, item)));
  return { status, problems };
}

/** Returns the required parameters of the query with their first examples. */
function requiredQuery({ operation }: DocumentedOperation): string {
  const required = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query' && parameter.required);
  return required.length === 0 ? '' : `?${required.map(({ name, schema }) => `${name}=${schema?.examples?.[0]}`).join('&')}`;
}

it('returns only documented responses for invalid requests', async () => {
  const problems: string[] = [];
  const statuses = new Set<number>();
  for (const each of operationsOf(gateway.document)) {
    for (const { name, ...call } of invalidCalls(each)) {
      const found = await findDifferences(gateway, each, call);
      statuses.add(found.status);
      if (found.status === 500) problems.push(`${each.operation.operationId} ${name}: 500`);
      problems.push(...found.problems.map((problem) => `${each.operation.operationId} ${name}: ${problem}`));
    }
  }
  expect(problems).toEqual([]);
  expect([...statuses]).toEqual(expect.arrayContaining([400, 403, 404, 413, 415, 422, 429, 502]));
});

it('returns the documented 401 without a key, except for public operations', async () => {
  const problems: string[] = [];
  for (const each of operationsOf(guarded.document)) {
    const call = { path: fillPath(each.path), init: { method: each.method, headers: {} } };
    const found = await findDifferences(guarded, each, call);
    const isPublic = !('401' in each.operation.responses);
    if ((found.status === 401) === isPublic) problems.push(`${each.operation.operationId}: ${found.status}`);
    problems.push(...found.problems.map((problem) => `${each.operation.operationId}: ${problem}`));
  }
  expect(problems).toEqual([]);
});

describe('examples of requests', () => {
  it('return documented responses that are successful', async () => {
    const problems: string[] = [];
    const check = async (each: DocumentedOperation, init: Call['init']) => {
      const { status, problems: found } = await findDifferences(gateway, each, {
        path: fillPath(each.path) + requiredQuery(each),
        init,
      });
      const name = `${each.operation.operationId} ${JSON.stringify(init)}`;
      if (status >= 300) problems.push(`${name}: ${status}`);
      problems.push(...found.map((problem) => `${name}: ${problem}`));
    };
    for (const each of operationsOf(gateway.document)) {
      const { operation, method } = each;
      // Their query needs a path, which no example contains.
      if (['getContentAsset', 'getContentSource'].includes(operation.operationId)) continue;
      const contents = Object.entries(operation.requestBody?.content ?? {});
      if (contents.length === 0) await check(each, { method, headers: {} });
      for (const [mediaType, { examples = {} }] of contents) {
        for (const { value } of Object.values(examples)) {
          const body = typeof value === 'string' ? value : withoutTutor(JSON.stringify(value));
          await check(each, { method, headers: { 'content-type': mediaType }, body });
        }
      }
    }
    expect(problems).toEqual([]);
  });
});

/** The harness has another default model than the examples. */
const withoutTutor = (json: string) => json.replace(/"model":"prodigon-tutor",|,"model":"prodigon-tutor"/, '');
