import { readdir } from 'node:fs/promises';
import { AppError } from '@prodigon/contracts';
import { IMPORT_LIMITS } from '@prodigon/contracts/conversations';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { chunksOf, neverAborted, setUpImport } from './import.test-support.ts';
import { createZip } from './zip.test-support.ts';

type Node = { parent: string | null; text?: string; children?: string[] };

/** Returns a conversation of ChatGPT with these nodes. */
const chatGpt = (nodes: Record<string, Node>, rest: object = {}) => ({
  id: 'x',
  title: 'X',
  mapping: Object.fromEntries(
    Object.entries(nodes).map(([id, { parent, text, children = [] }]) => [
      id,
      {
        id,
        parent,
        children,
        message: text === undefined ? null : { author: { role: 'user' }, content: { content_type: 'text', parts: [text] } },
      },
    ]),
  ),
  ...rest,
});
const small = chatGpt({ a: { parent: null, text: 'Hi' } });
const failing = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return error instanceof AppError ? { code: error.code, message: error.message } : error;
};

describe('hostile imports', () => {
  it('repairs circles, missing parents, several roots and repeated ids', async () => {
    const { run, byTitle } = await setUpImport();
    const nodes = {
      a: { parent: 'b', text: 'circle' },
      b: { parent: 'a', text: 'circle' },
      self: { parent: 'self', text: 'own parent' },
      lost: { parent: 'nobody', text: 'no parent' },
      hidden: { parent: 'hidden2' },
      hidden2: { parent: 'hidden' },
      behind: { parent: 'hidden', text: 'behind a hidden circle' },
    };
    await run([chatGpt(nodes, { current_node: 'hidden' })]);
    const messages = byTitle('X')?.messages.map(({ sourceId, parentSourceId }) => [sourceId, parentSourceId]);
    expect(messages).toEqual([
      ['lost', null],
      ['behind', null],
      ['a', null],
      ['b', 'a'],
      ['self', null],
    ]);
    expect(byTitle('X')?.activeSourceId).toBeNull();
  });

  it('names the copies of an id that is repeated thousands of times without trying all names for each', async () => {
    const { run, byTitle } = await setUpImport();
    const has = vi.spyOn(Map.prototype, 'has');
    onTestFinished(() => has.mockRestore());
    const repeated = Array.from({ length: 2_000 }, () => ({ uuid: 'm', sender: 'human', text: 'Hi' }));
    const nodes = [{ uuid: 'm#2', sender: 'human', text: 'Hi' }, ...repeated];
    await run([{ uuid: 'c', name: 'Repeated', chat_messages: nodes }]);
    const probes = has.mock.calls.filter(([key]) => typeof key === 'string' && key.startsWith('m#')).length;
    expect(probes).toBeLessThan(4 * nodes.length);
    const ids = byTitle('Repeated')?.messages.map(({ sourceId }) => sourceId) ?? [];
    expect([new Set(ids).size, ids.slice(0, 4)]).toEqual([2_001, ['m#2', 'm', 'm#3', 'm#4']]);
  });

  it('gives an untitled conversation the beginning of its question', async () => {
    const { run, stored } = await setUpImport();
    await run([chatGpt({ a: { parent: null, text: `What\nis ${'x'.repeat(100)}` } }, { title: null })]);
    expect([...stored.values()].map(({ title }) => title)).toEqual([`What is ${'x'.repeat(71)}…`]);
  });

  it('reads times in seconds, milliseconds and ISO, and ignores impossible ones', async () => {
    const { run, stored } = await setUpImport();
    const times = [1_700_000_000.5, 1_700_000_000_500, '1700000000.5', '2023-11-14T22:13:20.5Z', null, 'yesterday', -1, 1e300];
    await run(times.map((create_time, index) => ({ ...small, id: `t-${index}`, create_time })));
    const expected = '2023-11-14T22:13:20.500Z';
    expect([...stored.values()].map(({ created_at }) => created_at)).toEqual([
      expected,
      expected,
      expected,
      expected,
      null,
      null,
      null,
      null,
    ]);
  });

  it('replaces characters that cannot be stored, and counts them', async () => {
    const { run, stored } = await setUpImport();
    const report = await run(
      '[{"id":"x","title":"a\\u0000","mapping":{"\\ud800":{"parent":null,"message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["\\udc00 \\ud83d\\ude00 \\u0000"]}}}}}]',
    );
    expect(report).toMatchObject({ imported: 1, replaced_characters: 3 });
    const [conversation] = stored.values();
    expect(conversation?.title).toBe('a\ufffd');
    expect(conversation?.messages[0]?.parts).toEqual([{ type: 'text', text: '\ufffd 😀 \ufffd' }]);
    expect(conversation?.messages[0]?.sourceId.isWellFormed()).toBe(true);
  });

  it('imports a tree that is deeper than the call stack', async () => {
    const { run, stored } = await setUpImport();
    const depth = 15_000;
    const open = Array.from(
      { length: depth },
      (_, index) => `{"messageId":"${index}","isCreatedByUser":true,"text":"t","children":[`,
    );
    const report = await run(`{"conversationId":"deep","title":"Deep","messagesTree":[${open.join('')}${']}'.repeat(depth)}]}`);
    expect(report.imported).toBe(1);
    expect([...stored.values()][0]?.messages).toHaveLength(depth);
  });

  it('reports what is too deep, too complex or not valid, and imports the rest', async () => {
    const { run } = await setUpImport();
    const entries = [
      JSON.stringify(small),
      `${'['.repeat(IMPORT_LIMITS.conversationDepthMax + 1)}${']'.repeat(IMPORT_LIMITS.conversationDepthMax + 1)}`,
      `[${'0,'.repeat(IMPORT_LIMITS.conversationValuesMax + 1)}0]`,
      '{"mapping": {,}}',
      '{"chat_messages": [{"sender": "human", "content": [{"type": "tool_use", "input": ' +
        '['.repeat(20_000) +
        ']'.repeat(20_000) +
        '}]}]}',
      '12',
      JSON.stringify({ ...small, id: 'last' }),
    ];
    const report = await run(`[${entries.join(', ')}]`);
    expect(report).toMatchObject({ imported: 2, failed: 5 });
    expect(report.failures.map(({ where, code }) => `${where} ${code}`)).toEqual([
      '[1] PAYLOAD_TOO_LARGE',
      '[2] PAYLOAD_TOO_LARGE',
      '[3] INVALID_JSON',
      '[4] VALIDATION_ERROR',
      '[5] VALIDATION_ERROR',
    ]);
  });

  it('skips a conversation that is too large without keeping it', async () => {
    const { service } = await setUpImport(async () => ({ conversationId: crypto.randomUUID(), isUnchanged: false }));
    const filler = Buffer.alloc(1 << 20, 'x');
    async function* file() {
      yield Buffer.from('[{"mapping": "');
      for (let megabytes = 0; megabytes < 65; megabytes += 1) yield filler;
      yield Buffer.from(`"}, ${JSON.stringify(small)}]`);
    }
    const report = await service.import('ada', file(), neverAborted());
    expect(report).toMatchObject({ imported: 1, failures: [{ where: '[0]', code: 'PAYLOAD_TOO_LARGE' }] });
  });

  it('reports where a cut file ends', async () => {
    const { run } = await setUpImport();
    const report = await run(`[${JSON.stringify(small)}, {"title": "cu`);
    expect(report).toMatchObject({ imported: 1, failures: [{ where: '[1]', code: 'INVALID_JSON' }] });
  });

  it.each([
    ['an image', '\x89PNG', 'UNSUPPORTED_MEDIA_TYPE'],
    ['an empty file', '', 'UNSUPPORTED_MEDIA_TYPE'],
    ['an empty list', '[]', 'VALIDATION_ERROR'],
    ['an empty archive', createZip([]), 'VALIDATION_ERROR'],
    ['an archive about something else', createZip([{ name: 'a.json', content: '{"a": 1}' }]), 'VALIDATION_ERROR'],
    ['a cut archive', createZip([{ name: 'a.json', content: '[]' }]).subarray(0, 40), 'VALIDATION_ERROR'],
    ['an encrypted archive', createZip([{ name: 'a.json', content: '[]', isEncrypted: true }]), 'VALIDATION_ERROR'],
    ['an archive with a wrong size', createZip([{ name: 'a.json', content: '[{}, {}]', declaredBytes: 3 }]), 'VALIDATION_ERROR'],
    ['a ZIP bomb', createZip([{ name: 'a.json', content: `[${' '.repeat(11 << 20)}]` }]), 'PAYLOAD_TOO_LARGE'],
  ])('rejects %s', async (_name, file, code) => {
    const { run, directory } = await setUpImport();
    expect(await failing(run(file))).toMatchObject({ code });
    expect(await readdir(directory)).toEqual([]);
  });

  it('reads an archive with names that point outside', async () => {
    const { run } = await setUpImport();
    const report = await run(createZip([{ name: '../../etc/passwd', content: JSON.stringify([small]) }]));
    expect(report.conversations).toHaveLength(1);
  });

  it('stops when the database is unreachable, and keeps no file', async () => {
    const { run, directory } = await setUpImport(async () => {
      throw new AppError('SERVICE_UNAVAILABLE');
    });
    expect(await failing(run([small]))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('reports a conversation that the store refuses', async () => {
    const { run } = await setUpImport(async () => {
      throw new AppError('CONFLICT');
    });
    expect(await run([small])).toMatchObject({ imported: 0, failures: [{ title: 'X', code: 'CONFLICT' }] });
  });

  it('rejects a second import of an owner, and one beyond the maximum', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { run } = await setUpImport(async () => {
      await promise;
      return { conversationId: crypto.randomUUID(), isUnchanged: false };
    });
    const running = [run([small], 'ada'), run([small], 'bob')];
    expect(await failing(run([small], 'ada'))).toMatchObject({ code: 'CONFLICT' });
    expect(await failing(run([small], 'eve'))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    resolve();
    await Promise.all(running);
    expect(await run([small], 'ada')).toMatchObject({ imported: 1 });
  });

  it('stops when the client disconnects', async () => {
    const { service, stored } = await setUpImport();
    const signal = AbortSignal.abort(new AppError('CANCELLED'));
    expect(await failing(service.import('ada', chunksOf(Buffer.from(JSON.stringify([small]))), signal))).toMatchObject({
      code: 'CANCELLED',
    });
    expect(stored.size).toBe(0);
  });
});
