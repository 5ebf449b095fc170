/** `openai` is the format of `/v1`, `tokens` the default format of `/api/v1`. */
export type StreamFormat = 'openai' | 'tokens';

export interface ReadFrames {
  readonly text: string;
  /** How the stream ended: with `[DONE]`, with an error frame, or with neither. */
  readonly end: 'done' | 'error' | 'nothing';
  /** The error message; empty without an error frame. */
  readonly error: string;
}

const ERROR_MARK = '[ERROR]';

/** Parses the frames of a complete stream into its text and its end. */
export function readFrames(format: StreamFormat, body: string): ReadFrames {
  const frames = body.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []));
  let text = '';
  for (const [index, frame] of frames.entries()) {
    const isLast = index === frames.length - 1;
    if (frame === '[DONE]') return { text, end: isLast ? 'done' : 'nothing', error: '' };
    if (format === 'tokens' && frame.startsWith(ERROR_MARK)) return { text, end: isLast ? 'error' : 'nothing', error: frame };
    const value = JSON.parse(frame);
    if (format === 'openai' && value.error) return { text, end: isLast ? 'error' : 'nothing', error: value.error.message };
    text += format === 'tokens' ? value : (value.choices[0]?.delta.content ?? '');
  }
  return { text, end: 'nothing', error: '' };
}
