import { describe, expect, it } from 'vitest';
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

  it('has no result before the measurement window closes', () => {
    const recorder = createRecorder({ call: { url: '' }, check: {}, watch: [] });
    recorder.open();
    expect(() => recorder.result()).toThrow('before its measurement window closed');
  });
});
