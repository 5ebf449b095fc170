import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ReceivedResponse } from './check-response.ts';
import { createRecorder } from './recorder.ts';

describe('createRecorder', () => {
  it('counts only tokens and gaps inside the measurement window', () => {
    const recorder = createRecorder({ call: { url: '', isStream: true }, check: {}, watch: [] });
    recorder.recordTokens(5, 1);
    recorder.open();
    recorder.recordTokens(3, null);
    recorder.recordTokens(2, 20);
    recorder.close();
    recorder.recordTokens(7, 1);
    const { tokens, gaps } = recorder.result();
    expect([tokens, gaps?.count, gaps?.min]).toEqual([5, 1, expect.closeTo(20, 1)]);
  });

  it('reports the time from the start of the window to the last request that was sent', () => {
    const recorder = createRecorder({ call: { url: '' }, check: {}, watch: [] });
    const now = vi.spyOn(performance, 'now');
    for (const [at, step] of [
      [100, recorder.open],
      [350, recorder.recordSent],
      [600, recorder.recordSent],
      [900, recorder.close],
    ] as const) {
      now.mockReturnValue(at);
      step();
    }
    now.mockRestore();
    expect(recorder.result()).toMatchObject({ sendingMs: 500, elapsedMs: 800 });
  });

  it('has no result before the measurement window closes', () => {
    const recorder = createRecorder({ call: { url: '' }, check: {}, watch: [] });
    recorder.open();
    expect(() => recorder.result()).toThrow('before its measurement window closed');
  });

  it('reports nothing but zeros for a load without responses', () => {
    const recorder = createRecorder({ call: { url: '' }, check: {}, watch: [] });
    recorder.open();
    recorder.close();
    expect(recorder.result()).toMatchObject({
      ...{ responses: 0, responsesPerSecond: 0, latency: null, firstToken: null, gaps: null, tokens: 0, tokensPerSecond: 0 },
      ...{ rejections: { count: 0, latency: null }, statuses: {}, wrong: { count: 0, reasons: {} }, unfinished: 0 },
      ...{ responsesByProcess: {}, cpuSeconds: null },
    });
  });
});

describe('the outcome of a response', () => {
  const response = (changes: Partial<ReceivedResponse> = {}): ReceivedResponse => ({
    ...{ status: 200, process: undefined, length: 5, tokens: 0, text: undefined, isAtEnd: false, isCutOff: false },
    ...changes,
  });
  function resultOf(record: (recorder: ReturnType<typeof createRecorder>) => void) {
    const recorder = createRecorder({ call: { url: '' }, check: { rejections: [503], length: 5 }, watch: [] });
    recorder.open();
    record(recorder);
    recorder.close();
    return recorder.result();
  }

  it('counts correct responses, their latency and their process', () => {
    const result = resultOf(({ recordResponse }) => {
      recordResponse(response({ process: 'run-1/7' }), 10);
      recordResponse(response({ process: 'run-1/8' }), 20);
      recordResponse(response({ process: 'run-1/8/a-hash' }), 30);
      recordResponse(response(), 40);
    });
    expect(result).toMatchObject({ responses: 4, statuses: { 200: 4 }, responsesByProcess: { 7: 1, 8: 2 } });
    expect([result.latency?.count, result.rejections.count, result.wrong.count]).toEqual([4, 0, 0]);
  });

  it('counts rejections separately, with their own latency', () => {
    const result = resultOf(({ recordResponse }) => {
      recordResponse(response({ status: 503 }), 10);
      recordResponse(response({ status: 503 }), 20);
      recordResponse(response(), 30);
    });
    expect(result).toMatchObject({ responses: 1, statuses: { 200: 1, 503: 2 }, rejections: { count: 2 }, wrong: { count: 0 } });
    expect([result.latency?.count, result.rejections.latency?.count]).toEqual([1, 2]);
  });

  it('counts wrong responses and failed requests by their reason, without latency', () => {
    const result = resultOf(({ recordResponse, recordFailure }) => {
      recordResponse(response({ length: 6 }), 10);
      recordResponse(response({ status: 500 }), 10);
      recordFailure('ECONNREFUSED');
      recordFailure('ECONNREFUSED');
    });
    expect(result.wrong).toEqual({
      count: 4,
      reasons: { '6 bytes instead of 5': 1, 'status 500': 1, ECONNREFUSED: 2 },
    });
    expect([result.responses, result.latency, result.statuses]).toEqual([0, null, { 200: 1, 500: 1 }]);
  });

  it('counts cancelled requests as neither correct nor wrong', () => {
    const result = resultOf(({ recordResponse, recordUnfinished }) => {
      recordResponse(response({ isCutOff: true }), 10);
      recordUnfinished();
    });
    expect([result.unfinished, result.responses, result.wrong.count, result.rejections.count]).toEqual([2, 0, 0, 0]);
  });

  it('counts the first token of each stream, even before the window opens', () => {
    const recorder = createRecorder({ call: { url: '', isStream: true }, check: {}, watch: [] });
    recorder.recordFirstToken(10);
    recorder.open();
    recorder.recordFirstToken(20);
    recorder.close();
    expect(recorder.result().firstToken).toMatchObject({ count: 2, min: expect.closeTo(10, 1) });
  });

  it('requires the end mark of streams only', () => {
    const recorder = createRecorder({ call: { url: '', isStream: true }, check: {}, watch: [] });
    recorder.open();
    recorder.recordResponse(response(), 1);
    recorder.close();
    expect(recorder.result().wrong.reasons).toEqual({ 'the stream ended early': 1 });
  });
});

describe('the measurement window', () => {
  afterEach(() => vi.restoreAllMocks());

  it('yields rates per second and the CPU share of the generator between its opening and first closing', () => {
    const at = vi.spyOn(performance, 'now');
    const cpu = vi.spyOn(process, 'cpuUsage');
    const utilization = vi.spyOn(performance, 'eventLoopUtilization');
    const recorder = createRecorder({ call: { url: '' }, check: {}, watch: [] });
    at.mockReturnValue(1_000);
    cpu.mockReturnValue({ user: 100_000, system: 50_000 });
    recorder.open();
    for (let index = 0; index < 5; index += 1)
      recorder.recordResponse(
        { ...{ status: 200, process: undefined, length: 0, tokens: 0 }, ...{ text: undefined, isAtEnd: true, isCutOff: false } },
        1,
      );
    recorder.recordTokens(30, null);
    at.mockReturnValue(3_000);
    cpu.mockReturnValue({ user: 900_000, system: 250_000 });
    recorder.close();
    at.mockReturnValue(9_000);
    recorder.close();
    utilization.mockReturnValue({ idle: 0, active: 0, utilization: 0.25 });
    expect(recorder.result()).toMatchObject({
      ...{ elapsedMs: 2_000, responsesPerSecond: 2.5, tokensPerSecond: 15 },
      ...{ cpuSeconds: null, generator: { cpuShare: 0.5, eventLoopUtilization: 0.25 } },
    });
  });

  it.runIf(process.platform === 'linux')('yields the CPU time of the watched processes', () => {
    const recorder = createRecorder({ call: { url: '' }, check: {}, watch: [process.pid] });
    recorder.open();
    recorder.close();
    const { cpuSeconds } = recorder.result();
    expect(cpuSeconds).toBeGreaterThanOrEqual(0);
    expect(cpuSeconds).toBeLessThan(10);
  });

  it('must open before it closes', () => {
    const recorder = createRecorder({ call: { url: '' }, check: {}, watch: [] });
    recorder.close();
    expect(() => recorder.result()).toThrow('before its measurement window closed');
  });
});
