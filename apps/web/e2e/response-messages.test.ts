import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, textOf, turnIn } from './chat.test-support.ts';
import { type FaultHarness, generate, startFaultHarness } from './fault-harness.test-support.ts';

let harness: FaultHarness;
beforeAll(async () => {
  harness = await startFaultHarness();
});
afterEach(async () => expect(await harness.closePages()).toEqual([]));
afterAll(() => harness.close());

describe('what an answer says of itself', () => {
  it('is what it cost', async () => {
    const page = await harness.open('/chat?model=healthy');
    await ask(page, 'How much?');
    const facts = turnIn(page, 'done').getByLabel('Response details');
    // 7 tokens in at $0.15 and 7 out at $0.60 a million.
    await facts.getByText('$0.0000053', { exact: true }).waitFor();
    expect(await facts.getByText('attempt').count()).toBe(0);
  });

  it('is how often it took a provider', async () => {
    const page = await harness.open('/chat?model=flaky_1');
    await ask(page, 'Once more?');
    const facts = turnIn(page, 'done').getByLabel('Response details');
    await facts.getByText('2 attempts').waitFor();
    await facts.getByText('$0.000021').waitFor();
  });

  it('names the fallback and its reason', async () => {
    const page = await harness.open('/chat?model=status_503');
    await ask(page, 'Anybody?');
    const turn = turnIn(page, 'done');
    await turn.getByText('Fell back from status_503 to healthy: provider error.').waitFor();
    expect(await textOf(turn.getByLabel('Response details'))).toMatch(/^healthy/);
    await page.reload();
    await turnIn(page, 'done').getByText('Fell back from status_503 to healthy').waitFor();
  });

  it('is that its model has been retired', async () => {
    const page = await harness.open('/chat?model=ancient');
    await ask(page, 'Still there?');
    await turnIn(page, 'done').getByText('ancient was retired on 2020-01-01. healthy responds instead.').waitFor();
  });
});

describe('a failure in plain words', () => {
  it('says what to do about a key that the provider refused, and does not offer to ask again', async () => {
    const page = await harness.open('/chat?model=status_401');
    await ask(page, 'Hello?');
    const turn = turnIn(page, 'failed');
    await turn.getByText('The provider rejected the platform’s API key').waitFor();
    await turn.getByText('must correct the provider’s key in the .env file').waitFor();
    expect(await turn.getByRole('button', { name: 'Retry' }).count()).toBe(0);
    expect(await textOf(turn)).not.toContain('sk-');
  });

  it('says until when a provider is at its limit', async () => {
    const page = await harness.open('/chat?model=status_429');
    await ask(page, 'Hello?');
    await turnIn(page, 'failed')
      .getByText(/Too many requests in a short time\. Retry in \d+ s\./)
      .waitFor();
  });

  it('says of a model that is left alone that others are not', async () => {
    const page = await harness.open('/chat?model=status_500');
    // Only now, so that the page's start takes nothing of the time for which the model is left alone.
    while ((await generate(harness, 'status_500')) !== 503);
    await ask(page, 'Hello?');
    const turn = turnIn(page, 'failed');
    await turn.getByText('Model temporarily unavailable').waitFor();
    await turn.getByText('Choose another model, or retry later.').waitFor();
  });
});
