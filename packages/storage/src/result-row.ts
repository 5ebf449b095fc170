import type { ItemOutcome, Lease } from '@prodigon/ports';
import type { ItemRowStatus, StopReason } from './database-schema.ts';
import { GIVEN_UP } from './give-up-waiting.ts';
import { storable } from './storable-text.ts';

/** What became of a leased item: its worker's own word, or that the worker was lost. */
export interface RecordedOutcome {
  readonly item: Lease;
  readonly workerId: string;
  readonly outcome: ItemOutcome | { readonly type: 'lost'; readonly leasesLost: number };
}

/** One outcome as the columns that it fills. */
export interface OutcomeRow {
  readonly jobId: string;
  readonly index: number;
  readonly lease: number;
  readonly workerId: string;
  readonly status: ItemRowStatus;
  readonly isFailure: boolean;
  readonly isLost: boolean;
  readonly isReleased: boolean;
  readonly delayMs: number;
  readonly latencyMs: number | null;
  readonly output: string | null;
  readonly finish: string | null;
  readonly model: string | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly estimated: boolean;
  readonly costUsd: number | null;
  readonly requestId: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** What takes its worker down so often has to be at fault itself. */
const LEASES_LOST_MAX = 25;

const NOTHING: Omit<OutcomeRow, 'jobId' | 'index' | 'lease' | 'workerId' | 'status'> = {
  isFailure: false,
  isLost: false,
  isReleased: false,
  delayMs: 0,
  latencyMs: null,
  output: null,
  finish: null,
  model: null,
  promptTokens: null,
  completionTokens: null,
  estimated: false,
  costUsd: null,
  requestId: null,
  errorCode: null,
  errorMessage: null,
};

/** `stopReason` is the job's: what would be tried again is given up when the job stops. */
export function toOutcomeRow({ item, workerId, outcome }: RecordedOutcome, stopReason: StopReason | null): OutcomeRow {
  const { jobId, index, lease } = item;
  const common = { ...NOTHING, jobId, index, lease, workerId };
  const again = (status: ItemRowStatus): Pick<OutcomeRow, 'status' | 'errorCode' | 'errorMessage'> => {
    if (stopReason === null) return { status, errorCode: null, errorMessage: null };
    const { status: end, error } = GIVEN_UP[stopReason];
    return { status: end, errorCode: error?.code ?? null, errorMessage: error?.message ?? null };
  };
  switch (outcome.type) {
    case 'succeeded':
      return {
        ...common,
        status: 'succeeded',
        latencyMs: outcome.latencyMs,
        output: storable(outcome.text),
        finish: storable(outcome.finish),
        model: storable(outcome.model),
        promptTokens: outcome.usage.prompt_tokens,
        completionTokens: outcome.usage.completion_tokens,
        estimated: outcome.estimated,
        costUsd: outcome.costUsd,
        requestId: outcome.requestId,
      };
    case 'failed':
    case 'retry': {
      const { error, latencyMs } = outcome;
      const told = { isFailure: true, latencyMs, errorCode: error.code, errorMessage: storable(error.message) };
      if (outcome.type === 'failed') return { ...common, ...told, status: 'failed' };
      const { status, errorCode, errorMessage } = again('retrying');
      if (status !== 'retrying') return { ...common, ...told, status, ...(errorCode && { errorCode, errorMessage }) };
      return { ...common, ...told, status, delayMs: outcome.delayMs };
    }
    case 'released':
      return { ...common, ...again('pending'), isReleased: true };
    case 'postponed':
      return { ...common, ...again('retrying'), isReleased: true, delayMs: outcome.delayMs };
    case 'lost': {
      if (outcome.leasesLost + 1 < LEASES_LOST_MAX) return { ...common, ...again('pending'), isLost: true };
      const errorMessage = `Given up, because its worker was lost ${LEASES_LOST_MAX} times.`;
      return { ...common, status: 'failed', isLost: true, isFailure: true, errorCode: 'WORKER_LOST', errorMessage };
    }
  }
}
