import { AppError } from '@prodigon/contracts';
import type { LabStatus } from '@prodigon/contracts/workshop';

/** An experiment or a run of checks. */
export interface Activity {
  readonly id: string;
  readonly kind: LabStatus['activities'][number]['kind'];
  readonly task: string;
  readonly title: string;
  /** Returns the estimated seconds until the end; null if there is no estimate. */
  secondsLeft(): number | null;
  /** Runs the activity to its end. Never rejects. Resolves soon after the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Called when the activity is cancelled before it runs. */
  onCancelled(): void;
  /** Called when the number of activities ahead of it changes. */
  onMoved(position: number): void;
}

/** Runs one activity at a time, because activities would disturb each other's measurements. */
export interface ActivityQueue {
  /** The number of running and waiting activities. */
  readonly length: number;
  /** Throws `CONFLICT` when the queue is full, and `SERVICE_UNAVAILABLE` when it is closed. */
  add(activity: Activity): void;
  /** Cancels a waiting or running activity, and waits until it has ended. Ignores unknown ids. */
  cancel(id: string): Promise<void>;
  /** Returns the running activity, then the waiting ones. */
  list(): LabStatus['activities'];
  /** Cancels all activities and waits until the running one has ended. */
  close(): Promise<void>;
}

const ACTIVITIES_MAX = 20;

export function createActivityQueue(): ActivityQueue {
  const waiting: Activity[] = [];
  let running: { readonly activity: Activity; readonly abort: AbortController; readonly ended: Promise<void> } | null = null;
  let isClosed = false;

  function startNext(): void {
    const activity = running ? undefined : waiting.shift();
    if (!activity) return;
    const abort = new AbortController();
    const ended = activity.run(abort.signal).finally(() => {
      running = null;
      startNext();
    });
    running = { activity, abort, ended };
    waiting.forEach((each, index) => {
      each.onMoved(index + 1);
    });
  }

  async function cancelRunning(): Promise<void> {
    running?.abort.abort();
    await running?.ended;
  }

  return {
    get length() {
      return waiting.length + (running ? 1 : 0);
    },
    add(activity) {
      if (isClosed) throw new AppError('SERVICE_UNAVAILABLE', 'The service is shutting down.', { retryAfterSeconds: 1 });
      if (waiting.length >= ACTIVITIES_MAX) throw new AppError('CONFLICT', 'The queue of experiments and checks is full.');
      waiting.push(activity);
      startNext();
    },
    async cancel(id) {
      if (running?.activity.id === id) return cancelRunning();
      const index = waiting.findIndex((each) => each.id === id);
      const [cancelled] = index < 0 ? [] : waiting.splice(index, 1);
      cancelled?.onCancelled();
      waiting.slice(Math.max(0, index)).forEach((each, offset) => {
        each.onMoved(index + offset + (running ? 1 : 0));
      });
    },
    list() {
      const active = running ? [{ activity: running.activity, status: 'running' as const }] : [];
      return [...active, ...waiting.map((activity) => ({ activity, status: 'queued' as const }))].map(({ activity, status }) => ({
        ...{ id: activity.id, kind: activity.kind, task: activity.task, title: activity.title, status },
        seconds_left: activity.secondsLeft(),
      }));
    },
    async close() {
      isClosed = true;
      for (const activity of waiting.splice(0)) activity.onCancelled();
      await cancelRunning();
    },
  };
}
