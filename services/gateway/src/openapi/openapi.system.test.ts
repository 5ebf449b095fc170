import { createSimulatorProvider } from '@prodigon/model-providers';
import { launchChromium } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';

it('shows the API reference in a browser without requests to other hosts', async () => {
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
  await page.getByText('Stream a completion').first().waitFor();
  // The rendered page has asked for everything that it needs once its fonts are there.
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  expect({ foreign, blocked }).toEqual({ foreign: [], blocked: [] });
});
