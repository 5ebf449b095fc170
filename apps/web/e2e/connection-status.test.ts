import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, chatWith, responseText, textOf, turnIn, waitForFirstText } from './chat.test-support.ts';
import { type Harness, startHarness, startPlatform } from './harness.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

describe('a killed platform', () => {
  it('keeps the partial response, shows the services as unreachable and recovers after a restart', async () => {
    const chat = await harness.open(chatWith({ tokens_per_s: 50, tokens: 4_000 }));
    await ask(chat, 'A long one');
    const before = await waitForFirstText(turnIn(chat, 'streaming'));
    const dashboard = await harness.open('/dashboard');
    const gateway = dashboard.locator('[data-service="gateway"]');
    const model = dashboard.locator('[data-service="model"]');
    await gateway.getByText('up', { exact: true }).waitFor();
    await model.getByText('up', { exact: true }).waitFor();

    harness.platform.kill('SIGKILL');
    await harness.platform.exited;

    const turn = turnIn(chat, 'interrupted');
    await turn.getByText('Connection lost before the response was complete').waitFor();
    expect((await textOf(responseText(turn))).startsWith(before.trim())).toBe(true);
    await turn.getByRole('button', { name: 'Continue' }).waitFor();

    await gateway.getByText('unreachable', { exact: true }).waitFor();
    await model.getByText('unknown', { exact: true }).waitFor();
    await dashboard.getByText(/Last updated .+ ago/).waitFor();
    await dashboard.getByText('Gateway unreachable. Retrying every few seconds.').waitFor();
    await dashboard.getByRole('link', { name: 'System: unreachable' }).waitFor();

    await turn.getByRole('button', { name: 'Retry' }).click();
    await turnIn(chat, 'failed').getByText('Service unavailable').waitFor();

    const restarted = await startPlatform({ GATEWAY_PORT: new URL(harness.platform.url).port });
    try {
      await gateway.getByText('up', { exact: true }).waitFor();
      await model.getByText('up', { exact: true }).waitFor();
      await dashboard.getByText('Gateway unreachable. Retrying').waitFor({ state: 'detached' });
      await turnIn(chat, 'failed').getByRole('button', { name: 'Retry' }).click();
      await turnIn(chat, 'streaming').waitFor();
    } finally {
      await restarted.close();
    }
    expect(harness.problems()).toEqual([]);
  });
});
