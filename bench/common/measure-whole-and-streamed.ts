import { closedLoop, type Pin, streamLoad } from '@prodigon/lab';
import { COMPLETION_TOKENS, textOf } from '../provider/responses.ts';
import { chatCall } from './chat-call.ts';
import type { Candidate } from './open-benchmark.ts';

export interface WholeAndStreamed {
  readonly connections: number;
  /** Duration of the load of complete responses. */
  readonly durationMs: number;
  readonly streams: number;
  /** Of each stream. */
  readonly tokens: number;
  /** How often each stream is repeated. */
  readonly times: number;
}

/** Measures complete responses, then streams at full speed: their CPU time, and the latency of both. */
export async function measureWholeAndStreamed(
  candidate: Candidate,
  context: { pin: Pin; signal: AbortSignal },
  { connections, durationMs, streams, tokens, times }: WholeAndStreamed,
) {
  const whole = await closedLoop({
    ...chatCall(candidate, 'burst-200', false),
    ...context,
    connections,
    durationMs,
    watch: candidate.pids,
    check: { text: textOf(COMPLETION_TOKENS), processes: candidate.processes },
  });
  const streamed = await streamLoad({
    ...chatCall(candidate, `burst-${tokens}`, true),
    ...context,
    streams,
    times,
    watch: candidate.pids,
    check: { tokens, processes: candidate.processes },
  });
  const figures = {
    ...(whole.cpuSeconds !== null && { cpu_s_per_1000_requests: (whole.cpuSeconds / whole.responses) * 1_000 }),
    p50_ms: whole.latency?.median ?? Number.NaN,
    p99_ms: whole.latency?.p99 ?? Number.NaN,
    ...(streamed.cpuSeconds !== null && { cpu_s_per_1m_tokens: (streamed.cpuSeconds / streamed.tokens) * 1e6 }),
    ttft_p50_ms: streamed.firstToken?.median ?? Number.NaN,
    ttft_p99_ms: streamed.firstToken?.p99 ?? Number.NaN,
  };
  return { figures, loads: [whole, streamed] };
}
