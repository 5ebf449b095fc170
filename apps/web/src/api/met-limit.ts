import { errorBodySchema } from '@prodigon/contracts';
import { create } from 'zustand';

/** A limit or a budget of the caller that rejected a request. */
export interface MetLimit {
  code: 'RATE_LIMITED' | 'BUDGET_EXHAUSTED';
  /** The message of the API, which says whose limit it is. */
  message: string;
  /** Until when requests are rejected, in milliseconds since the epoch. */
  until: number;
  /** False if the response did not say until when: the next request after `until` shows it again. */
  isExact: boolean;
}

interface MetLimitState {
  limit: MetLimit | null;
  dismiss: () => void;
}

/** The limit that the latest rejected request has met; null after the user dismissed it. */
export const useMetLimit = create<MetLimitState>()((set) => ({ limit: null, dismiss: () => set({ limit: null }) }));

interface Failure {
  code: string;
  message: string;
  retryAfterSeconds?: number | undefined;
}

const DAY_MS = 86_400_000;
/** Time to read the notice of a limit of concurrent streams, whose end nobody knows. */
const STREAMS_NOTICE_MS = 10_000;

/** Shows an exhausted budget. The errors of job items carry no delay; each budget starts again at midnight of UTC. */
export function reportBudget({ code, message, retryAfterSeconds }: Failure): void {
  if (code !== 'BUDGET_EXHAUSTED') return;
  const isExact = retryAfterSeconds !== undefined;
  const until = isExact ? Date.now() + retryAfterSeconds * 1_000 : (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;
  useMetLimit.setState(({ limit }) => ({
    // The event of a job item may follow a response that said until when.
    limit: !isExact && limit?.message === message ? limit : { code, message, until, isExact },
  }));
}

/** Shows the limit that a response with status 429 reports. The limits of providers, without `x-ratelimit-*`, concern one model. */
export async function reportLimit(response: Response): Promise<void> {
  const body = errorBodySchema.safeParse(await response.json().catch(() => undefined));
  if (!body.success) return;
  const { code, message } = body.data.error;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined;
  if (code === 'BUDGET_EXHAUSTED') return reportBudget({ code, message, retryAfterSeconds });
  const isOwn = [...response.headers.keys()].some((name) => name.startsWith('x-ratelimit-limit-'));
  if (code !== 'RATE_LIMITED' || !isOwn || retryAfterSeconds === undefined) return;
  const isExact = !response.headers.has('x-ratelimit-limit-streams');
  const until = Date.now() + (isExact ? retryAfterSeconds * 1_000 : STREAMS_NOTICE_MS);
  useMetLimit.setState({ limit: { code, message, until, isExact } });
}
