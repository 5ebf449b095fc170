import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, textOf, turnIn } from './chat.test-support.ts';
import { type FaultHarness, generate, startFaultHarness } from './fault-harness.test-support.ts';

let harness: FaultHarness;
beforeAll(async () => {
  harness = await startFaultHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

describe('response details', () => {
  it('shows the cost of a response', async () => {
    const page = await harness.open('/chat?model=healthy');
    await ask(page, 'How much?');
    const details = turnIn(page, 'done').getByLabel('Response details');
    // 7 tokens in at $0.15 and 7 out at $0.60 a million.
    await details.getByText('$0.0000053', { exact: true }).waitFor();
    expect(await details.getByText('attempt').count()).toBe(0);
  });

  it('shows the number of attempts of a response', async () => {
    const page = await harness.open('/chat?model=flaky_1');
    await ask(page, 'Once more?');
    const details = turnIn(page, 'done').getByLabel('Response details');
    await details.getByText('2 attempts').waitFor();
    await details.getByText('$0.000021').waitFor();
  });

  it('shows the fallback and its reason', async () => {
    const page = await harness.open('/chat?model=status_503');
    await ask(page, 'Hello?');
    const turn = turnIn(page, 'done');
    await turn.getByText('Fell back from status_503 to healthy: provider error.').waitFor();
    expect(await textOf(turn.getByLabel('Response details'))).toMatch(/^healthy/);
    await page.reload();
    await turnIn(page, 'done').getByText('Fell back from status_503 to healthy').waitFor();
  });

  it('shows that the requested model has been retired', async () => {
    const page = await harness.open('/chat?model=ancient');
    await ask(page, 'Still there?');
    await turnIn(page, 'done').getByText('ancient was retired on 2020-01-01. healthy responds instead.').waitFor();
  });
});

describe('error messages', () => {
  it('explains how to fix a rejected provider key and offers no retry', async () => {
    const page = await harness.open('/chat?model=status_401');
    await ask(page, 'Hello?');
    const turn = turnIn(page, 'failed');
    await turn.getByText('The provider rejected the platform’s API key').waitFor();
    await turn.getByText('Correct the key under Settings, Providers').waitFor();
    expect(await turn.getByRole('link', { name: 'Check the key' }).getAttribute('href')).toBe('/settings/providers');
    expect(await turn.getByRole('button', { name: 'Retry' }).count()).toBe(0);
    expect(await textOf(turn)).not.toContain('sk-');
  });

  it('shows when a rate-limited request can be retried', async () => {
    const page = await harness.open('/chat?model=status_429');
    await ask(page, 'Hello?');
    await turnIn(page, 'failed')
      .getByText(/Too many requests in a short time\. Retry in \d+ s\./)
      .waitFor();
  });

  it('suggests another model when the circuit breaker of a model is open', async () => {
    const page = await harness.open('/chat?model=status_500');
    // Open the breaker after the page has loaded, so that it stays open during the assertions.
    // Different questions, because failures of one question reject only that one.
    for (let number = 1; (await generate(harness, 'status_500', `Question ${number}`)) !== 503; number++);
    await ask(page, 'Hello?');
    const turn = turnIn(page, 'failed');
    await turn.getByText('Model temporarily unavailable').waitFor();
    await turn.getByText('Choose another model, or retry later.').waitFor();
  });
});
