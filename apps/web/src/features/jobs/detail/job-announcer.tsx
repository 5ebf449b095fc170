import type { Job } from '@prodigon/contracts';
import { useEffect, useRef, useState } from 'react';
import { formatCount } from '../../../design/format.ts';
import { isOver, progressOf } from '../job-progress.ts';
import { jobWords } from '../job-words.ts';

/** Not every change is worth being read aloud. */
const SAID_EVERY_MS = 15_000;

/** Tells a screen reader how the job goes: now and then, and at once when it takes another turn. */
export function JobAnnouncer({ job }: { job: Job }) {
  const progress = progressOf(job);
  const words = `Job ${jobWords(job)}: ${formatCount(progress.count)} of ${formatCount(job.total_prompts)} prompts ${progress.words}${
    job.failed_prompts > 0 ? `, ${formatCount(job.failed_prompts)} failed` : ''
  }.`;
  const newest = useRef(words);
  newest.current = words;
  const [said, setSaid] = useState('');
  const turn = `${jobWords(job)} ${isOver(job)}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn is a reason to speak.
  useEffect(() => {
    const say = () => setSaid(newest.current);
    const first = setTimeout(say, 0);
    const timer = setInterval(say, SAID_EVERY_MS);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [turn]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
