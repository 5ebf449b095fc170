import { describe, expect, it } from 'vitest';
import { END_EVENT, tokenEvent } from '../../test-server.test-support.ts';
import { OPENAI_STREAM } from '../load-plan.ts';
import { createTokenCounter } from './token-counter.ts';

const STREAM = Buffer.from(
  [tokenEvent(''), tokenEvent('Grüße'), tokenEvent('"content":"x'), tokenEvent('\n\n'), tokenEvent('.'), END_EVENT].join(''),
);

describe('createTokenCounter', () => {
  it('counts each token once, at every chunk boundary', () => {
    for (let cut = 0; cut <= STREAM.length; cut += 1) {
      const counter = createTokenCounter(OPENAI_STREAM);
      const count = counter.read(STREAM.subarray(0, cut)) + counter.read(STREAM.subarray(cut));
      expect([count, counter.isAtEnd()], `cut at ${cut}`).toEqual([4, true]);
    }
  });

  it('counts tokens that arrive byte by byte', () => {
    const counter = createTokenCounter(OPENAI_STREAM);
    let count = 0;
    for (const byte of STREAM) count += counter.read(Buffer.of(byte));
    expect(count).toBe(4);
  });
});
