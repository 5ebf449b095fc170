import { matrixOf } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { usePage } from './shared-page.test-support.ts';
import { type SupervisedStack, startSupervisedStack } from './supervised-stack.test-support.ts';

let stack: SupervisedStack;
beforeAll(async () => {
  stack = await startSupervisedStack();
});
afterAll(() => stack?.close());

const SERVICES = matrixOf(['model', 'worker', 'gateway'], (name) => name === 'gateway');

it.each(SERVICES)('shows a killed %s service as down and, after its restart, as up', async (name) => {
  const page = await usePage();
  await page.goto(`${stack.url}/dashboard`);
  const service = page.locator(`[data-service="${name}"]`);
  await service.getByText('up', { exact: true }).waitFor();

  const pid = await stack.kill(name);

  // The web UI either observes the outage of the gateway itself or reads it from the next overview.
  await service
    .locator('th span')
    .filter({ hasText: /down|recovered|unreachable/ })
    .waitFor();
  await service.getByText('up', { exact: true }).waitFor();
  expect(await service.locator('td').last().textContent()).not.toBe(String(pid));
  await service.getByRole('img', { name: /[1-9]\d* (down|unreachable)/ }).waitFor();
});
