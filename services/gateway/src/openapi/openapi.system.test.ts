import { createSimulatorProvider } from '@prodigon/model-providers';
import { launchChromium } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';

describe('the API documentation', () => {
  it('describes what the schemas enforce', async () => {
    const { url } = await startPlatform({
      topology: 'in one process',
      providers: [{ endpoints: [createSimulatorProvider()] }],
    });
    const { openapi, paths, components } = await (await fetch(`${url}/openapi.json`)).json();
    expect(openapi).toBe('3.1.0');
    const reference: string = paths['/api/v1/generate'].post.requestBody.content['application/json'].schema.$ref;
    const schema = components.schemas[reference.split('/').at(-1) ?? ''];
    expect(schema.required).toEqual(['prompt']);
    expect(schema.properties.prompt).toMatchObject({ minLength: 1, maxLength: 10_000 });
    expect(schema.properties.max_tokens).toMatchObject({ minimum: 1, maximum: 8_192, default: 1_024 });
    expect(Object.keys(paths)).not.toContain('/internal/v1/chat');
  });

  it('is readable in a browser, and asks nobody else for anything', async () => {
    const { url } = await startPlatform({
      topology: 'in one process',
      providers: [{ endpoints: [createSimulatorProvider()] }],
    });
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const foreign: string[] = [];
    const blocked: string[] = [];
    page.on(
      'request',
      (request) => request.url().startsWith(url) || /^(data|blob):/.test(request.url()) || foreign.push(request.url()),
    );
    page.on('console', (message) => /Content Security Policy/.test(message.text()) && blocked.push(message.text()));
    await page.goto(`${url}/docs`);
    await page.getByText('Answer one prompt as it is made').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect({ foreign, blocked }).toEqual({ foreign: [], blocked: [] });
  });
});
