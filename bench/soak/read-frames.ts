/** `openai` as on `/v1`, `tokens` as the default profile of `/api/v1`. */
export type StreamFormat = 'openai' | 'tokens';

export interface ReadFrames {
  readonly text: string;
  /** How it ended: told to be whole, told to have failed, or not told. */
  readonly end: 'done' | 'error' | 'nothing';
  /** What it said of its failure; empty without one. */
  readonly error: string;
}

const ERROR_MARK = '[ERROR]';

/** Everything that a streamed answer said, from its bytes as text. */
export function readFrames(face: StreamFormat, body: string): ReadFrames {
  const frames = body.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []));
  let text = '';
  for (const [index, frame] of frames.entries()) {
    const isLast = index === frames.length - 1;
    if (frame === '[DONE]') return { text, end: isLast ? 'done' : 'nothing', error: '' };
    if (face === 'tokens' && frame.startsWith(ERROR_MARK)) return { text, end: isLast ? 'error' : 'nothing', error: frame };
    const value = JSON.parse(frame);
    if (face === 'openai' && value.error) return { text, end: isLast ? 'error' : 'nothing', error: value.error.message };
    text += face === 'tokens' ? value : (value.choices[0]?.delta.content ?? '');
  }
  return { text, end: 'nothing', error: '' };
}
