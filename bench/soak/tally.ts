import type { Verdict } from './verdict.ts';

const EXAMPLES_MAX = 20;

/** The names are keys of the committed result. */
export interface ActivityCounts {
  right: number;
  refused: number;
  'broken off': number;
  left: number;
  wrong: number;
  /** Rejected or broken off while no fault affected the platform. */
  in_calm: number;
}

export interface Tally {
  add(activity: string, verdict: Verdict, wasCalm: boolean): void;
  readonly byActivity: Readonly<Record<string, ActivityCounts>>;
  /** Reasons of the first wrong responses. */
  readonly wrong: readonly string[];
  /** The number of rejected and broken-off responses by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Returns the sum over all activities. */
  sum(kind: keyof ActivityCounts): number;
}

/** Creates counters of verdicts by activity. */
export function createTally(): Tally {
  const byActivity: Record<string, ActivityCounts> = {};
  const wrong: string[] = [];
  const reasons: Record<string, number> = {};
  return {
    add(activity, verdict, wasCalm) {
      byActivity[activity] ??= { right: 0, refused: 0, 'broken off': 0, left: 0, wrong: 0, in_calm: 0 };
      const counts = byActivity[activity];
      const { kind } = verdict;
      counts[kind] += 1;
      if (kind === 'wrong' && wrong.length < EXAMPLES_MAX) wrong.push(`${new Date().toISOString()} ${activity}: ${verdict.why}`);
      if (kind !== 'refused' && kind !== 'broken off') return;
      const reason = `${activity}, ${kind}: ${verdict.why}${wasCalm ? ', in calm' : ''}`;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      if (wasCalm) counts.in_calm += 1;
    },
    byActivity,
    wrong,
    reasons,
    sum: (kind) => Object.values(byActivity).reduce((total, counts) => total + counts[kind], 0),
  };
}
