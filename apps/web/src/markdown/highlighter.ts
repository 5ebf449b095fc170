import type { CodeRun } from './code-runs.ts';
import type { HighlightReply, HighlightRequest } from './highlight.worker.ts';

/** Longer blocks stay plain: their colours would cost more than they help. */
const CODE_CHARACTERS_MAX = 20_000;
const REMEMBERED_BLOCKS_MAX = 300;

type Runs = CodeRun[] | null;

const remembered = new Map<string, Runs>();
const waiting = new Map<number, (runs: Runs) => void>();
let worker: Worker | undefined;
let lastId = 0;

/** Colours for a finished block of code, computed off the main thread; the worker starts with the first one. */
export async function highlight(code: string, language: string): Promise<Runs> {
  if (code.length > CODE_CHARACTERS_MAX) return null;
  const key = `${language}\n${code}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const runs = await askWorker(code, language);
  remembered.set(key, runs);
  for (const oldest of remembered.keys()) {
    if (remembered.size <= REMEMBERED_BLOCKS_MAX) break;
    remembered.delete(oldest);
  }
  return runs;
}

/** The colours when they are already known, so that a page that is shown again does not flicker. */
export function highlightNow(code: string, language: string): Runs {
  return remembered.get(`${language}\n${code}`) ?? null;
}

function askWorker(code: string, language: string): Promise<Runs> {
  worker ??= startWorker();
  const request: HighlightRequest = { id: ++lastId, code, language };
  const { promise, resolve } = Promise.withResolvers<Runs>();
  waiting.set(request.id, resolve);
  worker.postMessage(request);
  return promise;
}

function startWorker(): Worker {
  const started = new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<HighlightReply>) => {
    waiting.get(data.id)?.(data.runs);
    waiting.delete(data.id);
  });
  // A worker that cannot start leaves the code plain; nothing waits for it.
  started.addEventListener('error', () => {
    for (const resolve of waiting.values()) resolve(null);
    waiting.clear();
  });
  return started;
}
