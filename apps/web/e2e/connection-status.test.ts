import { createTestDatabase, type TestDatabase } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, chatWith, responseText, textOf, turnIn, waitForFirstText } from './chat.test-support.ts';
import { type Harness, startHarness, startPlatform } from './harness.test-support.ts';

let database: TestDatabase;
let harness: Harness;
beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: true });
  harness = await startHarness({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await harness.close();
  await database.drop();
});

describe('a killed platform', () => {
  it('keeps the partial response, shows the services as unreachable, and offers to continue after a restart', async () => {
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

    const turn = turnIn(chat, 'streaming');
    await turn.getByText('Connection lost. Reconnecting to the response.').waitFor();
    expect((await textOf(responseText(turn))).startsWith(before.trim())).toBe(true);

    await gateway.getByText('unreachable', { exact: true }).waitFor();
    await model.getByText('unknown', { exact: true }).waitFor();
    await dashboard.getByText(/Last updated .+ ago/).waitFor();
    await dashboard.getByText('Gateway unreachable. Retrying every few seconds.').waitFor();
    await dashboard.getByRole('link', { name: 'System: unreachable' }).waitFor();

    const restarted = await startPlatform({
      GATEWAY_PORT: new URL(harness.platform.url).port,
      DATABASE_URL: database.url,
    });
    try {
      await gateway.getByText('up', { exact: true }).waitFor();
      await model.getByText('up', { exact: true }).waitFor();
      await dashboard.getByText('Gateway unreachable. Retrying').waitFor({ state: 'detached' });
      const interrupted = turnIn(chat, 'interrupted');
      await interrupted.getByText('The response was interrupted').waitFor();
      await interrupted.getByText('The partial response is shown above.').waitFor();
      expect((await textOf(responseText(interrupted))).slice(0, 5)).toBe(before.trim().slice(0, 5));
      await interrupted.getByRole('button', { name: 'Continue' }).click();
      await turnIn(chat, 'streaming').waitFor();
    } finally {
      await restarted.close();
    }
    expect(harness.problems()).toEqual([]);
  });
});
