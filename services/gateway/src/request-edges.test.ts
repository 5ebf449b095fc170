import { AppError } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import type { JobsClient } from '@prodigon/ports';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterAll, type Platform, startPlatform } from './gateway-harness.test-support.ts';

const JOB_ID = '01a20ad0-a913-7191-8a23-763a9ac3ab81';
/** Rejects every call of a valid request, with an error that no check of a request throws. */
const jobs = new Proxy({} as JobsClient, {
  get: () => async () => {
    throw new AppError('CONFLICT');
  },
});

interface Parameter {
  name: string;
  in: string;
  schema: { type?: string };
}
interface Route {
  method: string;
  path: string;
  hasBody: boolean;
  query: Parameter[];
}

let platform: Platform;
let routes: Route[];
const onClose = closeAfterAll();
beforeAll(async () => {
  platform = await startPlatform(
    { topology: 'in one process', providers: [{ endpoints: [createSimulatorProvider()] }], jobs },
    onClose,
  );
  const { paths } = await (await fetch(`${platform.url}/openapi.json`)).json();
  routes = Object.entries<Record<string, { requestBody?: object; parameters?: Parameter[] }>>(paths).flatMap(
    ([path, operations]) =>
      Object.entries(operations).map(([method, { requestBody, parameters = [] }]) => ({
        method: method.toUpperCase(),
        path: path.replace('{jobId}', JOB_ID).replace('{*}', 'prodigon-sim'),
        hasBody: requestBody !== undefined,
        query: parameters.filter((each) => each.in === 'query'),
      })),
  );
});

const send = (method: string, path: string, init: RequestInit = {}) => fetch(`${platform.url}${path}`, { method, ...init });
const JSON_TYPE = { 'content-type': 'application/json' };
/** Returns the status and the code of a response, and ends its body. */
async function outcome(response: Response): Promise<[number, string | undefined]> {
  const text = await response.text();
  return [response.status, /"code":"?(\w+)/.exec(text)?.[1]];
}
const label = ({ method, path }: Route) => `${method} ${path}`;
async function failures(checked: Route[], check: (route: Route) => Promise<string | undefined>): Promise<string[]> {
  expect(checked.length).toBeGreaterThan(0);
  const found = [];
  for (const route of checked) found.push(await check(route));
  return found.filter((each) => each !== undefined);
}

const isOwnApi = ({ path }: Route) => path.startsWith('/api/v1/');

describe('every route without a body', () => {
  it('treats an empty body of any type as no body', async () => {
    const found = await failures(
      routes.filter(({ hasBody, path }) => !hasBody && path !== '/metrics'),
      async (route) => {
        const plain = await outcome(await send(route.method, route.path));
        for (const type of ['application/json', 'text/plain']) {
          const typed = await outcome(await send(route.method, route.path, { headers: { 'content-type': type } }));
          if (String(typed) !== String(plain)) return `${label(route)}: ${typed} instead of ${plain}`;
        }
        return undefined;
      },
    );
    expect(found).toEqual([]);
  });
});

/** Their bodies are files of any type. */
const FILE_ROUTES = ['/api/v1/chat/attachments', '/api/v1/chat/import'];

describe('every route with a body', () => {
  it('says that it needs one, whatever its type is', async () => {
    const found = await failures(
      routes.filter(({ hasBody, path }) => hasBody && !FILE_ROUTES.includes(path)),
      async (route) => {
        for (const headers of [JSON_TYPE, { 'content-type': 'text/plain' }, {}]) {
          const response = await send(route.method, route.path, { headers });
          const { error } = await response.json();
          const expected = isOwnApi(route) ? [422, 'VALIDATION_ERROR'] : [400, 'invalid_value'];
          const isNamed = error.message.startsWith('The request has no body. Send the body as application/json');
          if (String([response.status, error.code]) !== String(expected) || !isNamed) return `${label(route)}: ${error.message}`;
        }
        return undefined;
      },
    );
    expect(found).toEqual([]);
  });
});

describe('the query of every route of /api/v1', () => {
  const withBody = (route: Route): RequestInit =>
    route.hasBody ? { headers: JSON_TYPE, body: '{"prompt":"x","prompts":["x"]}' } : {};
  const invalid = async (route: Route, query: string) => {
    const [status, code] = await outcome(await send(route.method, `${route.path}?${query}`, withBody(route)));
    return status === 422 && code === 'VALIDATION_ERROR' ? undefined : `${label(route)}?${query}: ${status}`;
  };

  it('has no unknown parameters', async () => {
    expect(await failures(routes.filter(isOwnApi), (route) => invalid(route, 'unheard_of=1'))).toEqual([]);
  });

  it('has no repeated parameters, and numbers in decimal digits only', async () => {
    const found = await failures(
      routes.filter((route) => isOwnApi(route) && route.query.length > 0),
      async (route) => {
        for (const { name, schema } of route.query) {
          const numbers = ['0x10', '1e1', '%205', '5%20', '%2B5', '1_0', '٣', 'NaN', 'Infinity', '5.', '.5', '1,5', '5.5'];
          const values = schema.type === 'integer' ? numbers.map((value) => `${name}=${value}`) : [];
          for (const query of [`${name}=a&${name}=a`, `${name}=1&${name}=`, ...values]) {
            const failure = await invalid(route, query);
            if (failure) return failure;
          }
        }
        return undefined;
      },
    );
    expect(found).toEqual([]);
    expect(routes.flatMap(({ query }) => query).filter(({ schema }) => schema.type === 'integer').length).toBeGreaterThan(3);
  });

  it('is the same with an empty parameter as without it', async () => {
    const found = await failures(
      routes.filter((route) => isOwnApi(route) && route.query.length > 0),
      async (route) => {
        const plain = await outcome(await send(route.method, route.path));
        for (const { name } of route.query) {
          const empty = await outcome(await send(route.method, `${route.path}?${name}=`));
          if (String(empty) !== String(plain)) return `${label(route)}?${name}=: ${empty} instead of ${plain}`;
        }
        return undefined;
      },
    );
    expect(found).toEqual([]);
  });
});

it('ignores the query on OpenAI paths and probes, whose clients send parameters that no endpoint reads', async () => {
  const found = await failures(
    routes.filter((route) => !isOwnApi(route)),
    async (route) => {
      const query = '?api-version=2026-01-01&after=&limit=0x1&limit=2';
      const init = route.hasBody ? { headers: JSON_TYPE, body: '{"input":5,"messages":5}' } : {};
      const [plain, other] = [await send(route.method, route.path, init), await send(route.method, route.path + query, init)];
      await Promise.all([plain.text(), other.text()]);
      return plain.status === other.status ? undefined : `${label(route)}: ${other.status}`;
    },
  );
  expect(found).toEqual([]);
});
