import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '@prodigon/api-client';
import type { TurnEvent } from '@prodigon/contracts/conversations';
import { onTestFinished } from 'vitest';
import {
  CONVERSATION_ID,
  createConversationFixture,
  createMessageFixture,
  createTurnEvents,
  GENERATION_ID,
  toFrames,
} from '../../../../../packages/api-client/src/conversation-fixtures.test-support.ts';
import {
  type FakeResponse,
  jsonResponse,
  startFakeGateway,
} from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';
import { type RunningCommand, type RunOptions, runInProcess } from '../../run-prodigon.test-support.ts';

export {
  CONVERSATION_ID,
  createConversationFixture,
  createMessageFixture,
  createTurnEvents,
  GENERATION_ID,
} from '../../../../../packages/api-client/src/conversation-fixtures.test-support.ts';
export {
  errorResponse,
  type FakeResponse,
  jsonResponse,
} from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';

export const SESSIONS = '/api/v1/chat/sessions';
export const OTHER_ID = '0199a8f0-1111-7000-8000-00000000000d';

export const asFrames =
  (events: readonly TurnEvent[]): FakeResponse =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(toFrames(events));

/** Sends the first events of a response, which does not end. */
export const asUnfinished =
  (...tokens: string[]): FakeResponse =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(toFrames(createTurnEvents(...tokens).slice(0, -2)));

export const asRejection = (message: string): FakeResponse =>
  jsonResponse({ error: { code: 'UNKNOWN_MODEL', message, request_id: 'r' } }, 404);

const generation = {
  ...{ id: GENERATION_ID, conversation_id: CONVERSATION_ID, message_id: CONVERSATION_ID, status: 'stopped', model: 'a' },
  ...{ started_at: '2026-01-01T00:00:00.000Z', completed_at: null },
};

/** The responses of a gateway with one conversation, whose turns respond with `Because.`. */
const DEFAULTS: Record<string, FakeResponse> = {
  [`GET ${SESSIONS}`]: jsonResponse([createConversationFixture()]),
  [`POST ${SESSIONS}`]: jsonResponse(createConversationFixture(), 201),
  [`GET ${SESSIONS}/${CONVERSATION_ID}`]: jsonResponse({
    ...createConversationFixture(),
    messages: [createMessageFixture({ content: 'An earlier question?' })],
    has_earlier: false,
  }),
  [`PATCH ${SESSIONS}/${CONVERSATION_ID}`]: jsonResponse(createConversationFixture()),
  [`DELETE ${SESSIONS}/${CONVERSATION_ID}`]: (response) => response.writeHead(204).end(),
  [`POST ${SESSIONS}/${CONVERSATION_ID}/turns`]: asFrames(createTurnEvents('Be', 'cause.')),
  [`POST /api/v1/generations/${GENERATION_ID}/cancel`]: jsonResponse(generation),
};

export interface ChatGateway {
  readonly client: ApiClient;
  start(args: string[], options?: RunOptions): RunningCommand;
  run(args: string[], options?: RunOptions): RunningCommand['ended'];
  /** The requests so far, e.g. `GET /api/v1/chat/sessions?limit=1`. */
  lines(): string[];
  /** The JSON bodies of the requests whose line is `line`. */
  bodies(line: string): unknown[];
  /** A folder with these files. */
  createFiles(files: Readonly<Record<string, string>>): string;
}

/** Runs `prodigon chat …` in this process against a gateway that responds by method and path. */
export async function startChatGateway(responses: Record<string, FakeResponse> = {}): Promise<ChatGateway> {
  const { baseUrl, requests, client } = await startFakeGateway((response, request) => {
    const line = request.line.replace(/\?.*/, '');
    const respond = responses[line] ?? DEFAULTS[line];
    if (respond) respond(response, request);
    else response.writeHead(404).end();
  });
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-chat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const start = (args: string[], options: RunOptions = {}) =>
    runInProcess(['chat', ...args, '--url', baseUrl], { DATA_DIR: folder }, { ...options, rootDirectory: folder });
  return {
    client,
    start,
    run: (args, options) => start(args, options).ended,
    lines: () => requests.map(({ line }) => line),
    bodies: (line) => requests.filter((request) => request.line === line).map(({ body }) => JSON.parse(body)),
    createFiles(files) {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      return folder;
    },
  };
}
