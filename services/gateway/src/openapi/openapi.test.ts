import { createSimulatorProvider } from '@prodigon/model-providers';
import { expect, it } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';

it('describes the schemas that validate requests, without internal paths', async () => {
  const { url } = await startPlatform({
    topology: 'in one process',
    providers: [{ endpoints: [createSimulatorProvider()] }],
  });
  const { openapi, paths, components } = await (await fetch(`${url}/openapi.json`)).json();
  expect(openapi).toBe('3.1.0');
  const reference: string = paths['/api/v1/generate'].post.requestBody.content['application/json'].schema.$ref;
  const schema = components.schemas[reference.split('/').at(-1) ?? ''];
  expect(schema.required).toEqual(['prompt']);
  expect(schema.properties.prompt).toMatchObject({ minLength: 1, maxLength: 4_000_000 });
  const optional = { integer: { type: 'integer', minimum: 1 }, number: { type: 'number', minimum: 0, maximum: 2 } };
  expect(schema.properties.max_tokens).toMatchObject({ anyOf: [optional.integer, { type: 'null' }] });
  expect(schema.properties.temperature).toMatchObject({ anyOf: [optional.number, { type: 'null' }] });
  expect(JSON.stringify([schema.properties.max_tokens, schema.properties.temperature])).not.toContain('default');
  expect(Object.keys(paths)).not.toContain('/internal/v1/chat');
});
