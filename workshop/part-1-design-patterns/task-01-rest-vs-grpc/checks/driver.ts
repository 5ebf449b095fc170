// Runs in the process with the learner's code and calls it for the checks.
import { getChannelzHandlers, type sendUnaryData } from '@grpc/grpc-js';
import { AppError } from '@prodigon/contracts';
import type { LearnerDriver } from '@prodigon/lab/exercise';
import type { InferenceClient, InferenceClientOptions } from '../starter/inference-port.ts';
import type { CallInput, CallOutcome, StreamInput, StreamOutcome, ThrownError } from './driver-commands.ts';

type CreateClient = (options: InferenceClientOptions) => InferenceClient;

const driver: LearnerDriver = {
  module: 'inference-client.ts',
  exports: ['createInferenceClient'],
  createCommands(module, emit) {
    const createInferenceClient = module.createInferenceClient as CreateClient;
    let client: InferenceClient | null = null;
    let abort = new AbortController();
    let resume = () => {};

    const current = (): InferenceClient => {
      if (!client) throw new Error('There is no client.');
      return client;
    };

    async function generate({ request, timeoutMs, isAbortable = false }: CallInput): Promise<CallOutcome> {
      const options = { ...(timeoutMs !== undefined && { timeoutMs }), ...(isAbortable && { signal: abort.signal }) };
      try {
        return { status: 'returned', response: await current().generate(request, options) };
      } catch (thrown) {
        return { status: 'threw', error: describe(thrown) };
      }
    }

    async function stream({
      request,
      timeoutMs,
      isAbortable = false,
      leaveAfter,
      pauseAfter,
    }: StreamInput): Promise<StreamOutcome> {
      const options = { ...(timeoutMs !== undefined && { timeoutMs }), ...(isAbortable && { signal: abort.signal }) };
      const parts: string[] = [];
      try {
        for await (const part of current().stream(request, options)) {
          parts.push(part);
          emit('part', parts.length);
          if (parts.length === leaveAfter) return { status: 'left', parts };
          if (parts.length === pauseAfter)
            await new Promise<void>((resolve) => {
              resume = resolve;
              emit('paused');
            });
        }
        return { status: 'returned', parts };
      } catch (thrown) {
        return { status: 'threw', parts, error: describe(thrown) };
      }
    }

    return {
      create: (options: InferenceClientOptions) => {
        abort = new AbortController();
        client = createInferenceClient(options);
      },
      generate,
      stream,
      resume: () => resume(),
      /** Makes the calls in waves, so that each wave uses the connections of the one before it. */
      generateMany: async ({ calls, waveSize, ...input }: CallInput & { calls: number; waveSize: number }) => {
        const outcomes: CallOutcome[] = [];
        while (outcomes.length < calls) {
          const size = Math.min(waveSize, calls - outcomes.length);
          outcomes.push(...(await Promise.all(Array.from({ length: size }, () => generate(input)))));
        }
        return outcomes.map((outcome) => (outcome.status === 'returned' ? null : outcome.error));
      },
      abort: () => abort.abort(),
      countChannels,
      close: () => current().close(),
      reset: () => {
        abort.abort();
        resume();
        try {
          client?.close();
        } finally {
          client = null;
        }
      },
    };
  },
};
export default driver;

function describe(thrown: unknown): ThrownError {
  if (!(thrown instanceof AppError)) {
    const name = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return { isAppError: false, name, code: '', message: '', isRetryable: false, retryAfterSeconds: null };
  }
  const { code, message, retryable, retryAfterSeconds = null } = thrown;
  return { isAppError: true, name: `AppError ${code}`, code, message, isRetryable: retryable, retryAfterSeconds };
}

/** Returns the number of open channels of this process. The source is channelz, the diagnostics of gRPC. */
function countChannels(): Promise<number> {
  return new Promise((resolve, reject) => {
    const callback: sendUnaryData<{ channel?: unknown[] | null }> = (error, value) => {
      if (error) reject(error);
      else resolve(value?.channel?.length ?? 0);
    };
    const handlers = getChannelzHandlers() as unknown as Record<string, (call: unknown, callback: unknown) => void>;
    handlers.GetTopChannels?.({ request: { start_channel_id: 0, max_results: 10_000 } }, callback);
  });
}
