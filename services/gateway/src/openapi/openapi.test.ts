import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterAll } from '../gateway-harness.test-support.ts';
import { itemsOf } from './body-items.test-support.ts';
import { type Contents, operationsOf, startDocumentedGateway } from './openapi.test-support.ts';

let gateway: Awaited<ReturnType<typeof startDocumentedGateway>>;
const onClose = closeAfterAll();
beforeAll(async () => {
  gateway = await startDocumentedGateway({}, onClose);
});

/** Routes that are not part of the public API. */
const UNDOCUMENTED = {
  'the web UI': /^\/(?:$|\*$|assets\/|diagram-frame\.|(?:chat|s|read|workshop|labs|jobs|dashboard|usage|settings)(?:\/\*)?$)/,
  'the documentation': /^\/(?:docs|openapi\.json)/,
  'another prefix of documented routes': /^\/openai\/v1(?:\/|$)/,
  'the base URL of OpenAI clients': /^\/v1\/?$/,
  'preflight requests': /^\*$/,
};

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone({ ...gateway.document }));
    expect({ version: gateway.document.openapi, valid, errors }).toMatchObject({ version: '3.1.0', valid: true });
  });

  it('describes every route of the API and no other', () => {
    const documented = operationsOf(gateway.document).map(({ method, path }) => `${method} ${path}`);
    const served = gateway.routes
      .filter(({ url, method }) => method !== 'HEAD' && !Object.values(UNDOCUMENTED).some((pattern) => pattern.test(url)))
      .map(({ url, method }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}').replace('/models/*', '/models/{model}')}`);
    expect(documented.sort()).toEqual(served.sort());
  });

  it('has no internal routes', () => {
    expect(Object.keys(gateway.document.paths).filter((path) => path.includes('internal'))).toEqual([]);
  });

  it('names each operation once', () => {
    const names = operationsOf(gateway.document).map(({ operation }) => operation.operationId);
    expect(names.filter((name) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('describes the schemas that validate requests', () => {
    const { GenerateRequest } = gateway.document.components.schemas;
    expect(GenerateRequest).toMatchObject({
      required: ['prompt'],
      additionalProperties: false,
      properties: {
        prompt: { minLength: 1, maxLength: 4_000_000 },
        max_tokens: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
        temperature: { anyOf: [{ type: 'number', minimum: 0, maximum: 2 }, { type: 'null' }] },
      },
    });
  });

  it('describes the items of each array, which generators of clients need', () => {
    const arrays = schemasOf(gateway.document).filter(({ type }) => type === 'array');
    expect(arrays.length).toBeGreaterThan(10);
    expect(arrays.filter((schema) => !('items' in schema) || 'prefixItems' in schema)).toEqual([]);
    expect(gateway.document.components.schemas.LabRun).toMatchObject({
      properties: { estimates: { items: { properties: { interval: { items: { type: 'number' }, minItems: 2, maxItems: 2 } } } } },
    });
  });

  it('has no schema of its own for requests', () => {
    const names = Object.keys(gateway.document.components.schemas);
    expect(names.filter((name) => /(?:Input|Output|__schema)/.test(name))).toEqual([]);
  });

  it('has an example of each body, which is valid', () => {
    const { check } = gateway;
    const problems: string[] = [];
    const checkExamples = (name: string, contents: Contents = {}) => {
      for (const [mediaType, { schema, examples = {} }] of Object.entries(contents)) {
        const isBinary = mediaType.startsWith('image/');
        if (Object.keys(examples).length === 0 && !isBinary) problems.push(`${name} ${mediaType} has no example`);
        for (const [example, { value }] of Object.entries(examples)) {
          const items = schema.contentSchema ? itemsOf(mediaType, String(value)) : [];
          const found = [
            ...check(schema, value),
            ...items.flatMap((item) => check(schema.contentSchema ?? {}, item)),
            ...(schema.contentSchema && items.length === 0 ? ['has no items'] : []),
          ];
          problems.push(...found.map((problem) => `${name} ${mediaType} ${example}: ${problem}`));
        }
      }
    };
    for (const { operation } of operationsOf(gateway.document)) {
      checkExamples(`${operation.operationId} request`, operation.requestBody?.content);
      for (const [status, { content }] of Object.entries(operation.responses)) {
        checkExamples(`${operation.operationId} ${status}`, content);
      }
    }
    for (const [name, { content }] of Object.entries(gateway.document.components.responses)) checkExamples(name, content);
    expect(problems).toEqual([]);
  });
});

/** Returns the schemas in a document, and every other object of it. */
function schemasOf(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(schemasOf);
  if (typeof value !== 'object' || value === null) return [];
  const schema = { ...value };
  return [schema, ...Object.values(schema).flatMap(schemasOf)];
}
