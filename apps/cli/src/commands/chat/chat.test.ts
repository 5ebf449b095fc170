import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createConversationChat } from './conversation-chat.ts';
import {
  asFrames,
  asRejection,
  asUnfinished,
  CONVERSATION_ID,
  createConversationFixture,
  createMessageFixture,
  createTurnEvents,
  errorResponse,
  type FakeResponse,
  GENERATION_ID,
  jsonResponse,
  OTHER_ID,
  SESSIONS,
  startChatGateway,
} from './run-chat.test-support.ts';

const CREATE = `POST ${SESSIONS}`;
const TURN = `POST ${SESSIONS}/${CONVERSATION_ID}/turns`;
const CANCEL = `POST /api/v1/generations/${GENERATION_ID}/cancel`;
const HINT = `To continue: ./prodigon chat --continue ${CONVERSATION_ID}\n`;

describe('a prompt', () => {
  it('starts a conversation with its options, and says how to continue it', async () => {
    const { run, lines, bodies } = await startChatGateway();
    const options = ['--model', 'small', '--system', 'Be brief.', '--max-tokens', '9', '--temperature', '0'];
    expect(await run(['Why', 'so?', ...options])).toEqual({
      code: 0,
      stdout: 'Because.\n',
      stderr: `a · 1 + 2 tokens · first token after 0.0 s · 0.0 s total\n${HINT}`,
    });
    expect(lines()).toEqual([CREATE, TURN]);
    const turn = { model: 'small', max_tokens: 9, temperature: 0 };
    expect(bodies(CREATE)).toEqual([{ ...turn, system_prompt: 'Be brief.' }]);
    expect(bodies(TURN)).toEqual([{ ...turn, content: 'Why so?' }]);
  });

  it('prints the response with its ids as JSON', async () => {
    const { run } = await startChatGateway();
    const { code, stdout, stderr } = await run(['Why?', '--json']);
    expect({ code, stderr, printed: JSON.parse(stdout) }).toMatchObject({
      ...{ code: 0, stderr: '' },
      printed: { conversation_id: CONVERSATION_ID, generation_id: GENERATION_ID, text: 'Because.', usage: { total_tokens: 3 } },
    });
  });

  it('attaches files in their order', async () => {
    const names: string[] = [];
    const { run, bodies, createFiles } = await startChatGateway({
      'POST /api/v1/chat/attachments': (response, { line, body }) => {
        names.push(`${new URL(line.split(' ')[1] ?? '', 'http://gateway').searchParams.get('name')} ${body}`);
        const id = `0199a8f0-0000-7000-8000-00000000000${names.length}`;
        const sizes = { bytes: 1, characters: 1, width: null, height: null };
        const created_at = '2026-01-01T00:00:00.000Z';
        jsonResponse({ id, name: 'a', kind: 'text', media_type: 'text/plain', ...sizes, created_at })(response, {
          line,
          body,
          headers: {},
        });
      },
    });
    const folder = createFiles({ 'a.txt': 'A', 'b.txt': 'B' });
    expect((await run(['Compare', '--file', join(folder, 'a.txt'), '--file', join(folder, 'b.txt')])).code).toBe(0);
    expect(names).toEqual(['a.txt A', 'b.txt B']);
    expect(bodies(TURN)).toEqual([
      { content: 'Compare', attachment_ids: ['0199a8f0-0000-7000-8000-000000000001', '0199a8f0-0000-7000-8000-000000000002'] },
    ]);
  });

  it('reports a missing file before it sends anything', async () => {
    const { run, lines } = await startChatGateway();
    expect(await run(['Compare', '--file', '/no/such/file'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^\/no\/such\/file does not exist\./),
    });
    expect(lines()).toEqual([]);
  });

  it('reports the messages that do not fit into the context of the model', async () => {
    const [start, ...rest] = createTurnEvents('Hi');
    if (start?.event !== 'start') throw new Error('The first event is not start');
    const cut = { ...start, data: { ...start.data, omitted_messages: 4 } };
    const { run } = await startChatGateway({ [TURN]: asFrames([cut, ...rest]) });
    expect((await run(['Hi'])).stderr).toContain('The request leaves out the 4 oldest messages');
  });

  it('deletes the conversation when the gateway rejects the question', async () => {
    const { run, lines } = await startChatGateway({ [TURN]: asRejection('There is no model "x".') });
    expect(await run(['Hi'])).toEqual({ code: 1, stdout: '', stderr: 'There is no model "x".\n' });
    expect(lines().at(-1)).toBe(`DELETE ${SESSIONS}/${CONVERSATION_ID}`);
  });

  it('keeps the conversation when the response fails', async () => {
    const error = { code: 'INFERENCE_ERROR', message: 'It failed.', retryable: true } as const;
    const events = [...createTurnEvents('Be').slice(0, 2), { event: 'error', data: error } as const];
    const { run, lines } = await startChatGateway({ [TURN]: asFrames(events) });
    expect(await run(['Hi'])).toEqual({ code: 1, stdout: 'Be\n', stderr: `${HINT}It failed.\n` });
    expect(lines()).toEqual([CREATE, TURN]);
  });

  it('names --no-save when conversations cannot be stored', async () => {
    const { run } = await startChatGateway({ [CREATE]: errorResponse('SERVICE_UNAVAILABLE', 503, 'The database is down.') });
    expect(await run(['Hi'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The database is down. To get a response without a conversation, run: ./prodigon chat --no-save "<prompt>"\n',
    });
  });
});

describe('a lost connection', () => {
  const lost: FakeResponse = (response) => response.destroy();
  const firstToken = createTurnEvents('Be', 'cause.').slice(0, 2);

  it('resumes the response', async () => {
    const { run } = await startChatGateway({
      [TURN]: asFrames(firstToken),
      [`GET /api/v1/generations/${GENERATION_ID}/stream`]: asFrames(createTurnEvents('Be', 'cause.')),
    });
    expect(await run(['Why?'])).toMatchObject({ code: 0, stdout: 'Because.\n' });
  });

  it('is an error when it stays lost', async () => {
    const { client, lines } = await startChatGateway({
      [TURN]: asFrames(firstToken),
      [`GET /api/v1/generations/${GENERATION_ID}/stream`]: lost,
    });
    const chat = createConversationChat({ client, options: {}, connectionLostMaxMs: 100 });
    const received: string[] = [];
    const reading = (async () => {
      for await (const { event } of chat.ask('Why?', new AbortController().signal)) received.push(event);
    })();
    await expect(reading).rejects.toThrow('The connection to the gateway was lost');
    expect({ received, id: chat.id() }).toEqual({ received: ['start', 'token'], id: CONVERSATION_ID });
    expect(lines()).not.toContain(CANCEL);
  });
});

describe('Ctrl-C', () => {
  it('stops the response on the server and keeps the text so far', async () => {
    const { start, lines } = await startChatGateway({ [TURN]: asUnfinished('Because', ' of') });
    const chat = start(['Why?']);
    await chat.printed(/Because of/);
    process.emit('SIGINT', 'SIGINT');
    expect(await chat.ended).toEqual({ code: 130, stdout: 'Because of\n', stderr: HINT });
    expect(lines()).toEqual([CREATE, TURN, CANCEL]);
  });

  it('finds a response that has not started yet', async () => {
    const message = createMessageFixture({ role: 'assistant', status: 'streaming', generation_id: GENERATION_ID });
    const { start, lines } = await startChatGateway({
      [TURN]: () => {},
      [`GET ${SESSIONS}/${CONVERSATION_ID}`]: jsonResponse({
        ...createConversationFixture(),
        messages: [message],
        has_earlier: true,
      }),
    });
    const chat = start(['Why?']);
    await vi.waitFor(() => expect(lines()).toContain(TURN));
    process.emit('SIGINT', 'SIGINT');
    expect((await chat.ended).code).toBe(130);
    expect(lines().at(-1)).toBe(CANCEL);
  });

  it('says when the gateway does not confirm the stop', async () => {
    const { start } = await startChatGateway({
      [TURN]: asUnfinished('Because'),
      [CANCEL]: errorResponse('SERVICE_UNAVAILABLE', 503),
    });
    const chat = start(['Why?']);
    await chat.printed(/Because/);
    process.emit('SIGINT', 'SIGINT');
    expect(await chat.ended).toMatchObject({
      code: 130,
      stderr: `${HINT}The gateway did not confirm that the response stopped.\n`,
    });
  });
});

describe('--continue', () => {
  const other = createConversationFixture({ id: OTHER_ID, title: 'Queues' });
  const both = { [`GET ${SESSIONS}`]: jsonResponse([createConversationFixture(), other]) };

  it.each([
    [['--continue', 'And', 'then?'], CONVERSATION_ID],
    [['And', 'then?', '--continue'], CONVERSATION_ID],
    [['--continue', '0199a8f0-1111', 'And then?'], OTHER_ID],
    [['--continue=0199a8f0-1111', 'And then?'], OTHER_ID],
    [['--continue', OTHER_ID, 'And then?'], OTHER_ID],
  ])('sends %j to the right conversation', async (args, id) => {
    const turn = `POST ${SESSIONS}/${id}/turns`;
    const { run, bodies, lines } = await startChatGateway({ ...both, [turn]: asFrames(createTurnEvents('Then.')) });
    expect(await run(args)).toMatchObject({ code: 0, stdout: 'Then.\n' });
    expect(bodies(turn)).toEqual([{ content: 'And then?' }]);
    expect(lines()).not.toContain(CREATE);
  });

  it('takes a prompt of one word that consists of hexadecimal letters for a prompt', async () => {
    const { run, bodies } = await startChatGateway();
    expect((await run(['--continue', 'facade'])).code).toBe(0);
    expect(bodies(TURN)).toEqual([{ content: 'facade' }]);
  });

  it('changes the system prompt of the conversation, and the model only of the response', async () => {
    const { run, bodies } = await startChatGateway();
    expect((await run(['--continue', '--system', 'Be brief.', '--model', 'b', 'Why?'])).code).toBe(0);
    expect(bodies(`PATCH ${SESSIONS}/${CONVERSATION_ID}`)).toEqual([{ system_prompt: 'Be brief.' }]);
    expect(bodies(TURN)).toEqual([{ content: 'Why?', model: 'b' }]);
  });

  it.each([
    [['--continue', '0199a8'], 2, /^Several conversation ids begin or end with 0199a8: /],
    [['--continue', 'aaaaaa1'], 1, /^No id of the 200 newest conversations begins or ends with aaaaaa1\.\n$/],
  ])('rejects %j', async (args, code, message) => {
    const { run } = await startChatGateway(both);
    expect(await run([...args, 'Hi'])).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('says that there is no conversation yet', async () => {
    const { run } = await startChatGateway({ [`GET ${SESSIONS}`]: jsonResponse([]) });
    expect(await run(['--continue', 'Hi'])).toEqual({ code: 1, stdout: '', stderr: 'There is no conversation yet.\n' });
  });
});

describe('--list', () => {
  it('shows the id, the time and the title of each conversation', async () => {
    const { run } = await startChatGateway();
    const { code, stdout } = await run(['--list']);
    expect({ code, lines: stdout.trimEnd().split('\n') }).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/^ +ID +UPDATED +TITLE$/),
        expect.stringMatching(new RegExp(`^ +${CONVERSATION_ID} +20\\d\\d-\\S+ \\S+ \\S+ +Circuit breakers$`)),
      ],
    });
  });

  it('prints the conversations as JSON', async () => {
    const { run } = await startChatGateway();
    expect(JSON.parse((await run(['--list', '--json'])).stdout)).toEqual([createConversationFixture()]);
  });

  it('says how to start the first conversation', async () => {
    const { run } = await startChatGateway({ [`GET ${SESSIONS}`]: jsonResponse([]) });
    expect(await run(['--list'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No conversations yet. Start one: ./prodigon chat "<prompt>"\n',
    });
  });
});

it('--no-save sends one prompt without a conversation', async () => {
  const { run, lines } = await startChatGateway({ 'POST /api/v1/generate/stream': asFrames(createTurnEvents('Hi.')) });
  expect(await run(['Hi', '--no-save'])).toMatchObject({
    code: 0,
    stdout: 'Hi.\n',
    stderr: expect.not.stringContaining('continue'),
  });
  expect(lines()).toEqual(['POST /api/v1/generate/stream']);
});

it.each([
  [['--list', 'Hi'], '--list takes no prompt.'],
  [['--no-save', '--continue', 'Hi'], '--continue and --file require a conversation.'],
  [['--no-save', '--file', 'a.txt', 'Hi'], '--continue and --file require a conversation.'],
])('rejects the combination %j', async (args, message) => {
  const { run, lines } = await startChatGateway();
  expect(await run(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  expect(lines()).toEqual([]);
});
