import { fileURLToPath } from 'node:url';
import { createFileContentStore } from '@prodigon/content';
import { AppError } from '@prodigon/contracts';
import { createHeadingSlugger, plainText } from '@prodigon/contracts/markdown';
import type { CallContext, ContentStore, ProviderEvent } from '@prodigon/ports';
import { lexer } from 'marked';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../clock.ts';
import { createTutorProvider } from './tutor-provider.ts';

const rootDirectory = fileURLToPath(new URL('../../../../', import.meta.url));
const content = createFileContentStore({ rootDirectory, entries: ['README.md', 'docs'] });
const guide = createFileContentStore({ rootDirectory, entries: ['docs/guide'] });

/** Returns a clock that advances only during `sleep`, without taking time. */
function instantClock(): Clock & { sleptMs: number } {
  return {
    sleptMs: 0,
    now() {
      return this.sleptMs;
    },
    async sleep(ms) {
      this.sleptMs += ms;
    },
  };
}

function contextWith(signal = new AbortController().signal): CallContext {
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  return { requestId: 'test', traceparent, principal: { id: 'local' }, deadline: Number.POSITIVE_INFINITY, signal };
}

function request(...turns: string[]) {
  const messages = turns.map((text, index) => ({
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: text,
  }));
  return { model: 'prodigon-tutor', messages };
}

async function collect(batches: AsyncIterable<readonly ProviderEvent[]>): Promise<ProviderEvent[]> {
  const events: ProviderEvent[] = [];
  for await (const batch of batches) events.push(...batch);
  return events;
}

const textOf = (events: ProviderEvent[]) => events.map((event) => (event.type === 'text' ? event.text : '')).join('');
const linksOf = (text: string) =>
  [...text.matchAll(/^\[.+\]\(\/read\/(.+?)(?:#(.*))?\)$/gm)].map(([, path = '', anchor = '']) => ({ path, anchor }));

const question = 'When would you choose gRPC over REST?';

/** Both index their pages once, at the first request. */
const docsTutor = createTutorProvider({ content, clock: instantClock() });
const guideTutor = createTutorProvider({ content: guide, clock: instantClock() });

describe('the tutor', () => {
  test('answers its first question from the index that it built before, and survives pages that cannot be listed', async () => {
    let lists = 0;
    const counted: ContentStore = { ...guide, list: () => (lists++ === 0 ? Promise.reject(new Error('no disk')) : guide.list()) };
    const tutor = createTutorProvider({ content: counted, clock: instantClock() });
    await tutor.warmUp();
    await tutor.warmUp();
    expect(lists).toBe(2);
    expect((await tutor.complete(request(question), contextWith())).text).toContain('gRPC');
    expect(lists).toBe(2);
  });

  test('quotes passages of the pages verbatim and links to each', async () => {
    const { text, finish } = await guideTutor.complete(request(question), contextWith());
    expect(finish).toBe('stop');
    expect(linksOf(text)[0]).toEqual({ path: 'docs/guide/01-rest-vs-grpc.md', anchor: 'when-to-choose-grpc' });
    const quoted = /^> (.+)$/m.exec(text)?.[1] ?? '';
    expect(await guide.read('docs/guide/01-rest-vs-grpc.md')).toContain(quoted);
    expect(text.split('\n')[0]).toMatch(/offline/i);
  });

  test.each([
    question,
    'How do I find a memory leak?',
    'Is round robin fair?',
    'How do I rotate a key?',
    'What is SSRF?',
    'Which lifetime should a dependency have?',
    'How do I start the platform?',
  ])('links only to headings that exist: %s', async (prompt) => {
    const { text } = await docsTutor.complete(request(prompt), contextWith());
    const links = linksOf(text);
    expect(links.length).toBeGreaterThan(0);
    for (const { path, anchor } of links) {
      const slug = createHeadingSlugger();
      const headings = lexer(await content.read(decodeURIComponent(path))).filter(({ type }) => type === 'heading');
      expect(headings.map((heading) => slug(plainText('tokens' in heading ? (heading.tokens ?? []) : [])))).toContain(anchor);
    }
  });

  test.each(['Hello!', 'good morning', 'thanks a lot'])('returns a greeting for "%s" and introduces itself', async (prompt) => {
    const { text } = await docsTutor.complete(request(prompt), contextWith());
    expect(text).toMatch(/^(Hello|You are welcome)!.*offline tutor/);
    expect(text).not.toMatch(/^>/m);
    expect([...text.matchAll(/^- \[.+\]\(\/read\/.+\)$/gm)].length).toBeLessThanOrEqual(5);
  });

  test.each(['How long should I boil an egg?', 'write a python function', 'Was ist ein Monolith und wann nutze ich ihn?'])(
    'finds nothing for "%s" and suggests at most five pages',
    async (prompt) => {
      const { text } = await docsTutor.complete(request(prompt), contextWith());
      expect(text).toMatch(/^I found nothing/);
      expect(text).toContain('connect a model');
      expect(text).not.toMatch(/^>/m);
      expect([...text.matchAll(/^- \[.+\]\(\/read\/.+\)$/gm)].length).toBeLessThanOrEqual(5);
    },
  );

  test('suggests pages of the guide when a question is about another field', async () => {
    const { text } = await guideTutor.complete(request('How long should I boil an egg?'), contextWith());
    expect(text).toContain('found nothing');
    expect(text).toContain('connect a model');
    for (const { title, path } of (await guide.list()).slice(0, 5)) expect(text).toContain(`- [${title}](/read/${path})`);
    expect(text).not.toContain('\n> ');
  });

  test.each(['What is Prodigon?', 'How do I run this project?', 'Who are you?'])(
    'quotes pages for the question "%s"',
    async (prompt) => {
      const { text } = await docsTutor.complete(request(prompt), contextWith());
      expect(linksOf(text).length).toBeGreaterThan(0);
    },
  );

  test('uses the beginning of a very long message', async () => {
    const long = `What is SSRF? ${'lorem ipsum dolor '.repeat(5_000)}`;
    const { finish } = await guideTutor.complete(request(long), contextWith());
    expect(finish).toBe('stop');
  });

  test('reports that there are no pages', async () => {
    const empty = createFileContentStore({ rootDirectory, entries: ['not-there'] });
    const { text } = await createTutorProvider({ content: empty }).complete(request(question), contextWith());
    expect(text).toContain('no pages');
  });

  test('keeps the topic for a follow-up question', async () => {
    const first = await guideTutor.complete(request(question), contextWith());
    const why = await guideTutor.complete(request(question, first.text, 'and why?'), contextWith());
    expect(linksOf(why.text)[0]?.path).toBe('docs/guide/01-rest-vs-grpc.md');
    expect(linksOf(why.text)[0]).not.toEqual(linksOf(first.text)[0]);
    const drawbacks = await guideTutor.complete(request(question, first.text, 'What about its drawbacks?'), contextWith());
    expect(linksOf(drawbacks.text)[0]?.anchor).toBe('common-mistakes-with-grpc');
  });

  test('ignores the old topic after a new one', async () => {
    const { text } = await guideTutor.complete(request(question, 'A response.', 'How do I find a memory leak?'), contextWith());
    expect(linksOf(text)[0]?.anchor).toBe('how-to-find-a-memory-leak');
    const foreign = await guideTutor.complete(request(question, 'A response.', 'How long should I boil an egg?'), contextWith());
    expect(foreign.text).toContain('found nothing');
  });

  test('ends at max_tokens, with four characters per token', async () => {
    const { text, finish, usage } = await guideTutor.complete({ ...request(question), max_tokens: 10 }, contextWith());
    expect(finish).toBe('length');
    expect(text).toHaveLength(40);
    expect(usage).toEqual({ prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 });
  });
});

describe('a stream', () => {
  test('yields the same text in small pieces at a reading pace, then finish reason and usage', async () => {
    const clock = instantClock();
    const tutor = createTutorProvider({ content: guide, clock });
    const events = await collect(tutor.stream(request(question), contextWith()));
    const { text, usage } = await tutor.complete(request(question), contextWith());
    expect(textOf(events)).toBe(text);
    expect(events.slice(-2)).toEqual([
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage },
    ]);
    const pieces = events.filter(({ type }) => type === 'text');
    const perSecond = pieces.length / (clock.sleptMs / 1000);
    expect(perSecond).toBeGreaterThan(120);
    expect(perSecond).toBeLessThan(200);
    for (const piece of pieces) expect(textOf([piece]).trim().split(/\s+/).length).toBeLessThanOrEqual(2);
  });

  test('catches up in one batch after the event loop was busy', async () => {
    const clock = instantClock();
    const stream = createTutorProvider({ content: guide, clock })
      .stream(request(question), contextWith())
      [Symbol.asyncIterator]();
    expect((await stream.next()).value).toHaveLength(1);
    clock.sleptMs += 100;
    expect((await stream.next()).value?.length).toBeGreaterThan(10);
    await stream.return?.();
  });

  test('rejects with the reason when the client disconnects during the response', async () => {
    const abort = new AbortController();
    const reason = new AppError('CANCELLED');
    // Sleeps until the signal aborts.
    const clock: Clock = {
      now: () => 0,
      sleep: (_ms, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    };
    const received: ProviderEvent[] = [];
    const reading = (async () => {
      for await (const batch of createTutorProvider({ content: guide, clock }).stream(
        request(question),
        contextWith(abort.signal),
      )) {
        received.push(...batch);
        queueMicrotask(() => abort.abort(reason));
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(received).toHaveLength(1);
  });

  test('rejects when the client disconnects while the index is being built', async () => {
    const abort = new AbortController();
    const endless: ContentStore = { ...guide, list: () => new Promise(() => {}) };
    const response = createTutorProvider({ content: endless }).complete(request(question), contextWith(abort.signal));
    abort.abort(new AppError('DEADLINE_EXCEEDED'));
    await expect(response).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});

test('throws an AppError when the content store fails', async () => {
  const broken: ContentStore = { ...guide, list: () => Promise.reject(new Error('disk')) };
  await expect(createTutorProvider({ content: broken }).complete(request(question), contextWith())).rejects.toBeInstanceOf(
    AppError,
  );
});

test('leaves no unhandled rejection when the client has disconnected before the content store fails', async () => {
  const reason = new AppError('CANCELLED');
  const unhandled: unknown[] = [];
  const record = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', record);
  onTestFinished(() => void process.off('unhandledRejection', record));
  const broken: ContentStore = { ...guide, list: () => Promise.reject(new Error('disk')) };
  const response = createTutorProvider({ content: broken }).complete(request(question), contextWith(AbortSignal.abort(reason)));
  await expect(response).rejects.toBe(reason);
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
});

test('lists one offline model', async () => {
  const tutor = createTutorProvider({ content: guide });
  expect(tutor).toMatchObject({ name: 'offline', offline: true });
  expect(await tutor.models(new AbortController().signal)).toMatchObject([{ id: 'prodigon-tutor' }]);
});
