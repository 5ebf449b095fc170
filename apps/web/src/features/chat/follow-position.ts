/** What scrolling follows: `question` until the newest question reaches the top, `end` without a limit. */
export type Followed = 'question' | 'end';

export interface ScrollMetrics {
  scrollHeight: number;
  clientHeight: number;
  /** The distance of the newest question from the top of the content. */
  questionTop: number;
}

/** The space above the newest question. */
const MARGIN_PX = 16;

/**
 * The scroll position that shows the newest content. A response longer than the screen begins below its question, and the
 * reader scrolls: it does not move while it is read.
 */
export function followPosition(followed: Followed, { scrollHeight, clientHeight, questionTop }: ScrollMetrics): number {
  const end = Math.max(0, scrollHeight - clientHeight);
  return followed === 'end' ? end : Math.min(end, Math.max(0, questionTop - MARGIN_PX));
}
