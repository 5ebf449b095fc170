import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CheckRun,
  type LabRun,
  type LabVerdict,
  WORKSHOP_OPERATIONS,
  type WorkshopOperationName,
} from '@prodigon/contracts/workshop';
import type { Page } from 'playwright-core';
import { redirectRequests } from './shared-page.test-support.ts';
import {
  BLOCKS,
  CHECKS,
  completeRun,
  createCheckResult,
  createCheckRun,
  createLab,
  createPoints,
  createPrediction,
  createRun,
  createTask,
  LESSON,
  LESSON_PATH,
  OWN,
  STARTER,
  VERDICT,
} from './workshop-fixtures.test-support.ts';

type Json = Record<string, unknown>;
type Parameters = Record<string, string>;

/** A runner of the workshop for tests, which moves on only when a test says so. */
export interface FakeRunner {
  /** Sends the requests of a page for the workshop and its lesson here. */
  serve(page: Page): Promise<void>;
  /** The bodies of the requests so far, by operation. */
  readonly requests: { operation: WorkshopOperationName; body: Json }[];
  /** Adds a completed run to the history. */
  addRun(seed: number): LabRun;
  /** Measures the next block of the active run. */
  measureBlock(): void;
  /** Ends the active run with a verdict, by default REFUTED. */
  completeRun(verdict?: LabVerdict): void;
  /** Ends the run of the checks with these results, e.g. `{ deadline: 'failed' }`; others pass. */
  completeChecks(statuses?: Record<string, 'failed' | 'skipped'>): void;
  /** How many event streams are open. */
  openStreams(): number;
  /** Breaks all open event streams. */
  breakStreams(): void;
  /** Makes every request fail with this error until it is null. */
  failWith(error: { status: number; code: string; message: string } | null): void;
  close(): Promise<void>;
}

export async function startFakeRunner(): Promise<FakeRunner> {
  const task = createTask();
  const lab = createLab();
  const runs = new Map<string, LabRun>();
  const streams = new Map<ServerResponse, string>();
  const requests: FakeRunner['requests'] = [];
  let checkRun: CheckRun | null = null;
  let failure: RunnerFailure | null = null;

  const activeRun = () => [...runs.values()].find(({ status }) => status === 'running');
  const send = (id: string, event: string, data: unknown) => {
    for (const [stream, of] of streams) if (of === id) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const end = (id: string) => {
    send(id, 'end', {});
    for (const [stream, of] of streams) if (of === id) stream.end();
  };
  function put(run: LabRun): LabRun {
    runs.set(run.id, run);
    lab.active_run = activeRun()?.id ?? null;
    lab.runs = [...runs.values()].reverse();
    return run;
  }
  function putChecks(run: CheckRun): CheckRun {
    checkRun = run;
    task.last_check_run = run;
    task.progress.checks_passed = run.results.filter(({ status }) => status === 'passed').length;
    return run;
  }
  const files = () => ({ folder: 'my/01', files: [{ path: 'adapter.ts', starter: STARTER, own: OWN }] });
  const start = () => {
    task.progress.started = true;
    return files();
  };
  function cancel(run: LabRun): LabRun {
    const cancelled = put({ ...run, status: 'cancelled' });
    send(run.id, 'run', cancelled);
    end(run.id);
    return cancelled;
  }

  const summary = () => {
    const { id, slug, title, summary, minutes, lab, part, lesson, sections, progress } = task;
    return { id, slug, title, summary, minutes, lab, part, lesson, sections, progress };
  };

  const handlers: Record<WorkshopOperationName, (parameters: Parameters, body: Json) => unknown> = {
    getWorkshop: () => ({
      parts: [{ id: 'part-1-design-patterns', title: 'Part 1: Design patterns', tasks: [summary()] }],
      next: task.progress.last_active_at === null ? null : { task: task.id, section: String(task.progress.next_section) },
    }),
    getTask: ({ task: name }) => (name === '01' || name === 'rest-vs-grpc' ? task : null),
    visitSection(_parameters, { section, is_read }) {
      const slug = String(section);
      if (is_read) task.progress.sections_done = [...new Set([...task.progress.sections_done, slug])];
      Object.assign(task.progress, { next_section: slug, last_active_at: '2026-11-30T04:00:00.000Z', minutes: 23 });
      return task;
    },
    startTask: start,
    resetTask: start,
    getTaskFiles: files,
    applySolution: files,
    showHint(_parameters, { check }) {
      const id = String(check);
      const shown = task.hints[id] ?? [];
      const text = `Hint ${shown.length + 1} about \`${id}\``;
      task.hints = { ...task.hints, [id]: [...shown, text] };
      return { check: id, level: shown.length + 1, levels: 3, text };
    },
    createCheckRun: () => putChecks(createCheckRun()),
    getCheckRun: () => checkRun,
    watchCheckRun: () => checkRun,
    cancelCheckRun: () => checkRun && putChecks({ ...checkRun, status: 'cancelled' }),
    getLabStatus: () => ({ activities: [] }),
    getLab: ({ lab: name }) => (name === lab.id ? lab : null),
    createPrediction(_parameters, { choice, reason }) {
      lab.prediction = createPrediction(String(choice), String(reason));
      task.progress.predicted = true;
      return lab.prediction;
    },
    createLabRun: (_parameters, { seed }) => put(createRun({ prediction: lab.prediction, seed: Number(seed ?? 41) })),
    listLabRuns: () => ({ runs: lab.runs }),
    getLabRun: ({ run = '' }) => runs.get(run) ?? null,
    watchLabRun: ({ run = '' }) => runs.get(run) ?? null,
    cancelLabRun: ({ run = '' }) => cancel(runs.get(run) ?? createRun({ prediction: null, seed: 1 })),
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://runner');
    if (url.pathname === '/api/v1/content') return sendJson(response, 200, { path: LESSON_PATH, content: LESSON });
    if (failure) return sendError(response, failure);
    const found = findOperation(request.method ?? '', url.pathname);
    if (!found) return sendError(response, NOT_FOUND);
    const body = await readJson(request);
    const operation = WORKSHOP_OPERATIONS[found.name];
    if (operation.method === 'POST') requests.push({ operation: found.name, body });
    const result = handlers[found.name](found.parameters, body);
    if (result === null) return sendError(response, NOT_FOUND);
    if (operation.response) return sendJson(response, operation.status, result);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    streams.set(response, found.parameters.run ?? '');
    response.on('close', () => streams.delete(response));
    response.write(`event: run\ndata: ${JSON.stringify(result)}\n\n`);
  }

  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    requests,
    serve: (page) => redirectRequests(page, SERVED_URLS, origin),
    addRun: (seed) => put(completeRun(createRun({ prediction: lab.prediction, seed }))),
    measureBlock() {
      const run = activeRun();
      if (!run) throw new Error('No run is active');
      const block = run.progress.blocks_done;
      const points = createPoints(block);
      const done = block + 1;
      const progress = {
        ...run.progress,
        phase: 'measuring' as const,
        arm: 'grpc',
        blocks_done: done,
        share: done / BLOCKS,
        seconds_left: 60 - 6 * done,
      };
      put({ ...run, points: [...run.points, ...points], progress });
      for (const point of points) send(run.id, 'point', point);
      send(run.id, 'progress', progress);
    },
    completeRun(verdict = VERDICT) {
      const run = activeRun();
      if (!run) throw new Error('No run is active');
      const completed = put({ ...completeRun(run), verdict });
      task.progress.verdict = verdict.status;
      send(run.id, 'run', completed);
      end(run.id);
    },
    completeChecks(statuses = {}) {
      if (!checkRun) throw new Error('No checks are running');
      const results = CHECKS.map(({ id }) => createCheckResult(id, statuses[id] ?? 'passed'));
      const run = putChecks({ ...checkRun, status: 'completed', results });
      send(run.id, 'run', run);
      end(run.id);
    },
    openStreams: () => streams.size,
    breakStreams() {
      for (const stream of streams.keys()) stream.destroy();
    },
    failWith(error) {
      failure = error;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const SERVED_URLS = [
  '*/api/v1/workshop*',
  '*/api/v1/labs*',
  `*/api/v1/content?path=${LESSON_PATH}*`,
  `*/api/v1/content?path=${encodeURIComponent(LESSON_PATH)}*`,
];

const NOT_FOUND: RunnerFailure = { status: 404, code: 'NOT_FOUND', message: 'Not found.' };

interface RunnerFailure {
  status: number;
  code: string;
  message: string;
}

function findOperation(method: string, pathname: string): { name: WorkshopOperationName; parameters: Parameters } | undefined {
  const segments = pathname.split('/');
  const isMatch = (path: string) => {
    const parts = path.split('/');
    return parts.length === segments.length && parts.every((part, index) => part.startsWith(':') || part === segments[index]);
  };
  const names = Object.keys(WORKSHOP_OPERATIONS) as WorkshopOperationName[];
  // `/labs/status` also matches `/labs/:lab`, and stands before it.
  const name = names.find((each) => WORKSHOP_OPERATIONS[each].method === method && isMatch(WORKSHOP_OPERATIONS[each].path));
  if (!name) return undefined;
  const parts = WORKSHOP_OPERATIONS[name].path.split('/');
  const entries = parts.flatMap((part, index) => (part.startsWith(':') ? [[part.slice(1), segments[index] ?? '']] : []));
  return { name, parameters: Object.fromEntries(entries) };
}

async function readJson(request: IncomingMessage): Promise<Json> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, { status, code, message }: RunnerFailure): void {
  sendJson(response, status, { error: { code, message, request_id: 'fake' } });
}
