import { expect, it, vi } from 'vitest';
import { createTerminal } from '../../run-prodigon.test-support.ts';
import {
  asFrames,
  asRejection,
  asUnfinished,
  type ChatGateway,
  CONVERSATION_ID,
  createTurnEvents,
  errorResponse,
  GENERATION_ID,
  SESSIONS,
  startChatGateway,
} from './run-chat.test-support.ts';

const CREATE = `POST ${SESSIONS}`;
const TURN = `POST ${SESSIONS}/${CONVERSATION_ID}/turns`;
const CANCEL = `POST /api/v1/generations/${GENERATION_ID}/cancel`;
const HINT = `To continue: ./prodigon chat --continue ${CONVERSATION_ID}\n`;
const [CTRL_C, CTRL_D, UP] = ['\u0003', '\u0004', '\u001b[A'];

/** Starts the interactive mode on a terminal. */
function open({ start }: ChatGateway, args: string[] = []) {
  const terminal = createTerminal();
  const command = start(args, { stdin: terminal, isTTY: true });
  return {
    ...command,
    type: (text: string) => void terminal.write(text),
    showed: (text: string) => vi.waitFor(() => expect(command.stderr()).toContain(text)),
  };
}

it('sends all questions to one conversation until Ctrl-D', async () => {
  const gateway = await startChatGateway();
  const chat = open(gateway);
  chat.type(`Why?\rAnd then?\r${CTRL_D}`);
  const { code, stdout, stderr } = await chat.ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Because.\nBecause.\n' });
  expect(stderr.endsWith(HINT)).toBe(true);
  expect(gateway.bodies(TURN)).toEqual([{ content: 'Why?' }, { content: 'And then?' }]);
  expect(gateway.bodies(CREATE)).toHaveLength(1);
});

it('runs the commands /model, /new, /help and /exit', async () => {
  const gateway = await startChatGateway();
  const chat = open(gateway);
  chat.type('Why?\r/model small\r/new\rAnd then?\r/help\r/jump\r/exit\r');
  const { code, stderr } = await chat.ended;
  expect(code).toBe(0);
  expect(gateway.bodies(CREATE)).toEqual([{}, { model: 'small' }]);
  expect(gateway.bodies(TURN)).toEqual([{ content: 'Why?' }, { content: 'And then?', model: 'small' }]);
  expect(stderr).toContain('Model: small\n');
  expect(stderr).toContain('/new           start a new conversation\n');
  expect(stderr).toContain('There is no command /jump.');
});

it('sends a question that begins with a path', async () => {
  const gateway = await startChatGateway();
  const chat = open(gateway);
  chat.type('/etc/hosts has what?\r/exit\r');
  expect((await chat.ended).code).toBe(0);
  expect(gateway.bodies(TURN)).toEqual([{ content: '/etc/hosts has what?' }]);
});

it('recalls the earlier questions of the conversation with the arrow keys', async () => {
  const gateway = await startChatGateway();
  const chat = open(gateway, ['--continue']);
  await chat.showed('Ask a question.');
  chat.type(`${UP}\r${CTRL_D}`);
  expect((await chat.ended).code).toBe(0);
  expect(gateway.bodies(TURN)).toEqual([{ content: 'An earlier question?' }]);
});

it('stops the running response on Ctrl-C, and asks for the next question', async () => {
  const responses = { [TURN]: asUnfinished('Because of') };
  const gateway = await startChatGateway(responses);
  const chat = open(gateway);
  chat.type('Why?\r');
  await chat.printed(/Because of/);
  chat.type(CTRL_C);
  await chat.showed('Stopped.\n');
  expect(gateway.lines().at(-1)).toBe(CANCEL);
  responses[TURN] = asFrames(createTurnEvents('Then.'));
  chat.type(`And then?\r${CTRL_D}`);
  expect(await chat.ended).toMatchObject({ code: 0, stdout: 'Because of\nThen.\n' });
});

it('clears a line on Ctrl-C, and leaves when it is pressed twice', async () => {
  const gateway = await startChatGateway();
  const chat = open(gateway);
  await chat.showed('Ask a question.');
  chat.type(`Wh${CTRL_C}`);
  chat.type(CTRL_C);
  await chat.showed('Press Ctrl-C again to leave.');
  chat.type(CTRL_C);
  expect((await chat.ended).code).toBe(130);
  expect(gateway.lines().filter((line) => line.startsWith('POST'))).toEqual([]);
});

it('stops the response and leaves when the terminal is closed', async () => {
  const gateway = await startChatGateway({ [TURN]: asUnfinished('Because') });
  const chat = open(gateway);
  chat.type('Why?\r');
  await chat.printed(/Because/);
  process.emit('SIGHUP', 'SIGHUP');
  expect((await chat.ended).code).toBe(130);
  expect(gateway.lines()).toContain(CANCEL);
});

it('explains an error and asks for the next question', async () => {
  const responses = { [TURN]: asRejection('There is no model "x".') };
  const gateway = await startChatGateway(responses);
  const chat = open(gateway);
  chat.type('Why?\r');
  await chat.showed('There is no model "x".\n');
  responses[TURN] = asFrames(createTurnEvents('Hi.'));
  chat.type(`Again\r${CTRL_D}`);
  expect(await chat.ended).toMatchObject({ code: 0, stdout: 'Hi.\n' });
});

it('names --no-save when there are no conversations', async () => {
  const { run } = await startChatGateway({ [`GET ${SESSIONS}`]: errorResponse('SERVICE_UNAVAILABLE', 503, 'No database.') });
  expect(await run([], { isTTY: true, typed: 'Why?' })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No database\. .*--no-save/),
  });
});
