import { describe, expect, it } from 'vitest';
import type { ResponseCheck } from '../load-plan.ts';
import { createResponseCheck, type ReceivedResponse } from './check-response.ts';

const RESPONSE: ReceivedResponse = {
  status: 200,
  process: undefined,
  length: 5,
  tokens: 0,
  text: 'hello',
  isAtEnd: false,
  isCutOff: false,
};
const FOREIGN = 'response from a process that is not under test';

const checkOf = (check: ResponseCheck, changes: Partial<ReceivedResponse> = {}) =>
  createResponseCheck(check, false)({ ...RESPONSE, ...changes });
const checkStream = (check: ResponseCheck, changes: Partial<ReceivedResponse> = {}) =>
  createResponseCheck(check, true)({ ...RESPONSE, isAtEnd: true, ...changes });

describe('a response', () => {
  it('is correct with status 200 by default', () => {
    expect(checkOf({})).toBe('correct');
    expect(checkOf({}, { status: 201 })).toBe('status 201');
  });

  it('is correct with one of the expected statuses only', () => {
    expect(checkOf({ statuses: [201, 202] }, { status: 202 })).toBe('correct');
    expect(checkOf({ statuses: [201] })).toBe('status 200');
  });

  it('is rejected with one of the expected rejections', () => {
    expect(checkOf({ rejections: [429, 503] }, { status: 503 })).toBe('rejected');
    expect(checkOf({ rejections: [429] }, { status: 503 })).toBe('status 503');
  });

  it('has the expected length', () => {
    expect(checkOf({ length: 5 })).toBe('correct');
    expect(checkOf({ length: 0 })).toBe('5 bytes instead of 0');
  });

  it('contains the expected text', () => {
    expect(checkOf({ text: 'ell' })).toBe('correct');
    expect(checkOf({ text: 'howdy' })).toBe('the expected text is missing');
    expect(checkOf({ text: 'hello' }, { text: undefined })).toBe('the expected text is missing');
  });

  it('comes from a process under test', () => {
    const processes = { runId: 'run-1', pids: [7, 8] };
    expect(checkOf({ processes }, { process: 'run-1/8' })).toBe('correct');
    expect(checkOf({ processes }, { process: 'run-1/9' })).toBe(FOREIGN);
    expect(checkOf({ processes }, { process: 'run-0/8' })).toBe(FOREIGN);
    expect(checkOf({ processes })).toBe(FOREIGN);
    const configured = { ...processes, configurationHash: 'abc' };
    expect(checkOf({ processes: configured }, { process: 'run-1/8/abc' })).toBe('correct');
    expect(checkOf({ processes: configured }, { process: 'run-1/8/abd' })).toBe(FOREIGN);
    expect(checkOf({ processes: configured }, { process: 'run-1/8' })).toBe(FOREIGN);
    expect(checkOf({ processes, rejections: [503] }, { status: 503 })).toBe(FOREIGN);
  });

  it('needs neither tokens nor an end mark', () => {
    expect(checkOf({ tokens: 3 })).toBe('correct');
  });

  it('is cut off when everything before the cancellation was correct', () => {
    expect(checkOf({ length: 9 }, { isCutOff: true })).toBe('cut off');
    expect(checkOf({}, { status: 500, isCutOff: true })).toBe('status 500');
  });
});

describe('a stream', () => {
  it('is correct with its end mark and the expected number of tokens', () => {
    expect(checkStream({})).toBe('correct');
    expect(checkStream({ tokens: 0 })).toBe('correct');
    expect(checkStream({ tokens: 3 }, { tokens: 2 })).toBe('2 tokens instead of 3');
  });

  it('is wrong without its end mark', () => {
    expect(checkStream({ tokens: 3 }, { tokens: 2, isAtEnd: false })).toBe('the stream ended early');
  });
});
