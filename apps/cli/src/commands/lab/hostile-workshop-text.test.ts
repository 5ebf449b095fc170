import { checkProperty, hostileTexts } from '@prodigon/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  asEvents,
  completedRun,
  createCheckRun,
  createLab,
  createVerdict,
  failedResult,
  jsonResponse,
  RUN_ID,
  startWorkshopGateway,
  summary,
  task,
} from './workshop-gateway.test-support.ts';

const LAB = '/api/v1/labs/transports';
const CHECKS = '/api/v1/workshop/01/checks';
/** Own control sequences of the redrawn progress line. */
const ERASE = '\u001b\\[K';
const OWN_SEQUENCES = new RegExp(`\\r(?=[^\\r]*${ERASE})|${ERASE}`, 'g');
const HARMFUL = /[^\P{Cc}\n\t]|\p{Bidi_Control}/u;

/** Responses in which everything that a task or the learner's code chooses is `text`. */
function routesWith(text: string) {
  const diagram = {
    participants: [
      { id: 'a', label: text, is_learner: true },
      { id: 'b', label: text, is_learner: false },
    ],
    events: [
      { type: 'message', from: 'a', to: 'b', label: text, sent_at_ms: 0, received_at_ms: null, is_error: true },
      { type: 'activity', participant: 'b', label: text, from_ms: 1, to_ms: 2, is_error: false },
      { type: 'mark', label: text, at_ms: 3 },
    ],
    length_ms: 3,
  };
  const result = {
    ...{ ...failedResult, title: text, expected: text, saw: text, where: text, input: text, replay: text, hint: text, diagram },
  };
  const checkRun = createCheckRun({ status: 'completed', problem: text });
  const guards = [{ id: 'load', label: text, is_met: false, measured: text, required: text }];
  const verdict = createVerdict({ claim: text, sentence: text, guards, would_change: [text] });
  const progress = { ...summary.progress, verdict: text };
  return {
    'GET /api/v1/workshop': jsonResponse({
      parts: [{ id: 'part-1', title: text, tasks: [{ ...summary, title: text, progress }] }],
      next: null,
    }),
    'GET /api/v1/workshop/01': jsonResponse({ ...task, stages: task.stages.map((stage) => ({ ...stage, title: text })) }),
    [`GET ${LAB}`]: jsonResponse(createLab({ title: text, claim: text })),
    [`POST ${LAB}/runs`]: jsonResponse({ ...completedRun, verdict }, 202),
    [`GET ${LAB}/runs/${RUN_ID}`]: jsonResponse({ ...completedRun, verdict }),
    [`GET ${LAB}/runs`]: jsonResponse({ runs: [{ ...completedRun, verdict }] }),
    [`POST ${CHECKS}`]: jsonResponse(createCheckRun(), 202),
    [`GET ${CHECKS}/${RUN_ID}/events`]: asEvents(['run', { ...checkRun, results: [result] }], ['end', {}]),
    'POST /api/v1/workshop/01/hints': jsonResponse({ check: 'aborts', level: 1, levels: 3, text }),
  };
}

it.each(['list', 'run 01', 'export 01 --format markdown', 'check 01', 'hint 01 aborts'])(
  'text of tasks and runs never controls the terminal of prodigon lab %s',
  async (command) => {
    await checkProperty(
      { cases: 10 },
      fc.asyncProperty(hostileTexts(), async (text) => {
        const { run } = await startWorkshopGateway(routesWith(text));
        const { stdout, stderr } = await run(command.split(' '), { isTTY: true });
        expect(`${stdout}${stderr}`.replace(OWN_SEQUENCES, '')).not.toMatch(HARMFUL);
        expect(stdout + stderr).not.toBe('');
      }),
    );
  },
);
