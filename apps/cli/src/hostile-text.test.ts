import { eventFrame } from '@prodigon/platform';
import { checkProperty, hostileTexts } from '@prodigon/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONVERSATION_ID,
  createConversationFixture,
  createMessageFixture,
  createTurnEvents,
  toFrames,
} from '../../../packages/api-client/src/conversation-fixtures.test-support.ts';
import {
  asEvents,
  createJobFixture,
  type errorResponse,
  JOB_ID,
  jsonResponse,
  startJobsGateway,
} from './commands/jobs/run-jobs.test-support.ts';
import { asKeys, createKeyFixture, KEY_ID } from './commands/keys/run-keys.test-support.ts';
import { runInProcess } from './run-prodigon.test-support.ts';

type Respond = ReturnType<typeof errorResponse>;

const JOB = `/api/v1/jobs/${JOB_ID}`;
const OK = { finish_reason: 'stop', ttft_ms: 1, latency_ms: 1, provider: 'p', attempts: 1 };
const ITEM = {
  ...{ index: 0, status: 'failed', attempts: 1, output: null, finish_reason: null, model: null, usage: null },
  ...{ estimated: false, cost_usd: null, worker: null, started_at: null, completed_at: null, next_attempt_at: null },
  ...{ wait_ms: null, latency_ms: null },
};

/** Responses in which everything that callers, files or models choose is `text`. */
function responsesWith(text: string): Record<string, Respond> {
  const job = createJobFixture({
    ...{ name: text, error: text, system_prompt: text, model: text },
    ...{ failed_prompts: 1, status: 'failed', completed_at: '2026-01-01T00:01:06.000Z' },
  });
  const running = { ...job, status: 'running', completed_at: null };
  const start = { generation_id: 'g', model: text, request_id: 'r' };
  const frames = [
    eventFrame('start', start),
    eventFrame('fallback', { from: text, to: text, reason: 'INFERENCE_ERROR' }),
    eventFrame('token', text),
    eventFrame('done', { ...OK, model: text, finish_reason: text }),
  ];
  const conversation = createConversationFixture({ title: text });
  const [first, ...rest] = createTurnEvents(text);
  const turn = toFrames(
    first ? [first, { event: 'fallback', data: { from: text, to: text, reason: 'INFERENCE_ERROR' } }, ...rest] : [],
  );
  const question = createMessageFixture({ content: text });
  const send =
    (type: string, body: string): Respond =>
    (response) =>
      response.writeHead(200, { 'content-type': type }).end(body);
  return {
    'GET /api/v1/jobs': jsonResponse({ jobs: [job], next_after: null }),
    [`GET ${JOB}`]: jsonResponse(running),
    [`GET ${JOB}/events`]: asEvents(['job', { job }]),
    [`GET ${JOB}/items`]: jsonResponse({
      items: [{ ...ITEM, custom_id: text, prompt: text, error: { code: text, message: text } }],
      next_after: null,
    }),
    [`GET ${JOB}/results.jsonl`]: send('application/x-ndjson', `${text}\n`),
    [`DELETE ${JOB}`]: jsonResponse({ error: { code: 'CONFLICT', message: text, request_id: text } }, 409),
    'POST /api/v1/generate/stream': send('text/event-stream', frames.join('')),
    'GET /api/v1/chat/sessions': jsonResponse([conversation]),
    'POST /api/v1/chat/sessions': jsonResponse(conversation, 201),
    [`GET /api/v1/chat/sessions/${CONVERSATION_ID}`]: jsonResponse({ ...conversation, messages: [question], has_earlier: false }),
    [`POST /api/v1/chat/sessions/${CONVERSATION_ID}/turns`]: send('text/event-stream', turn),
    'GET /api/v1/keys': asKeys({ name: text, owner: text }, { name: text, models: [text] }),
    [`GET /api/v1/keys/${KEY_ID}`]: jsonResponse(createKeyFixture({ name: text, owner: text, models: [text] })),
    'GET /api/v1/models': jsonResponse({ error: { code: 'BAD_REQUEST', message: text, request_id: text } }, 400),
  };
}

/** Own control sequences: the redrawn progress line and the question of readline. */
const ESCAPE = '\u001b\\[';
const OWN_SEQUENCES = new RegExp(`\\r(?=[^\\r]*${ESCAPE}K)|${ESCAPE}(?:K|\\d*[GJ])|\\r\\n`, 'g');
const HARMFUL = /[^\P{Cc}\n\t]|\p{Bidi_Control}/u;

const COMMANDS = [
  'jobs list',
  `jobs show ${JOB_ID}`,
  `jobs watch ${JOB_ID}`,
  `jobs results ${JOB_ID}`,
  `jobs delete ${JOB_ID}`,
  'keys list',
  `keys show ${KEY_ID}`,
  'chat Hi',
  'chat --no-save Hi',
  'chat --list',
  'models',
];

describe('text of callers, files and models', () => {
  it.each(COMMANDS)('never controls the terminal of prodigon %s', async (command) => {
    let text = '';
    const { baseUrl, requests } = await startJobsGateway((response, request) => {
      const respond = responsesWith(text)[request.line.replace(/\?.*/, '')];
      if (respond) respond(response, request);
      else response.writeHead(404).end();
    });
    await checkProperty(
      { cases: 15 },
      fc.asyncProperty(hostileTexts(), async (hostile) => {
        text = hostile;
        const args = [...command.split(' '), '--url', baseUrl];
        const { stdout, stderr } = await runInProcess(args, {}, { isTTY: true, typed: 'y' }).ended;
        expect(requests.splice(0).length).toBeGreaterThan(0);
        expect(`${stdout}${stderr}`.replace(OWN_SEQUENCES, '')).not.toMatch(HARMFUL);
        expect(stdout + stderr).not.toBe('');
      }),
    );
  });

  it('never controls the terminal when it is recalled as an earlier question', async () => {
    let text = '';
    const { baseUrl } = await startJobsGateway((response, request) => {
      responsesWith(text)[request.line.replace(/\?.*/, '')]?.(response, request);
    });
    await checkProperty(
      { cases: 15 },
      fc.asyncProperty(hostileTexts(), async (hostile) => {
        text = hostile;
        const typed = '\u001b[A\u0005\u0015/exit';
        const { code, stdout, stderr } = await runInProcess(['chat', '--url', baseUrl], {}, { isTTY: true, typed }).ended;
        expect(code).toBe(0);
        expect(`${stdout}${stderr}`.replace(OWN_SEQUENCES, '')).not.toMatch(HARMFUL);
      }),
    );
  });

  it('never controls the terminal in the message of a wrong command line', async () => {
    await checkProperty(
      { cases: 50 },
      fc.asyncProperty(hostileTexts(), async (text) => {
        const results = [[text], ['jobs', text], ['jobs', 'submit', text], ['jobs', 'list', `--${text}`]].map(
          (args) => runInProcess(args, {}, { isTTY: true }).ended,
        );
        for (const { stdout, stderr } of await Promise.all(results)) expect(stdout + stderr).not.toMatch(HARMFUL);
      }),
    );
  });
});
