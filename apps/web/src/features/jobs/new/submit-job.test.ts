import { describe, expect, it } from 'vitest';
import { lineErrors } from './submit-job.ts';

describe('lineErrors', () => {
  it('maps errors of prompts to the lines of the source', () => {
    const first = [
      { line: 2, input: { prompt: 'Why?' } },
      { line: 5, input: { prompt: 'How?' } },
    ];
    const details = [
      { path: 'custom_id', message: 'Is the same as in line 1', line: 9 },
      { path: 'prompts[1]', message: 'Too long' },
      { path: 'max_tokens', message: 'Must be at most 5' },
    ];
    expect(lineErrors(details, first)).toEqual([
      { path: 'custom_id', message: 'Is the same as in line 1', line: 9 },
      { path: 'prompt', message: 'Too long', line: 5 },
    ]);
  });
});
