import { useEffect, useState } from 'react';
import type { Answer } from './answer.ts';

const TICK_MS = 100;

/** What an answer is waiting for, and for how long, until its first word. */
export function AnswerProgress({ answer }: { answer: Answer }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const elapsed = answer.requestedAt === null ? 0 : Math.max(0, now - answer.requestedAt);
  return (
    <p className="flex items-center gap-2 text-text-2">
      <span aria-hidden="true" className="size-2 animate-[blink_1.2s_infinite] rounded-full bg-accent" />
      {answer.state === 'connecting' ? 'Connecting' : `Waiting for ${answer.model ?? 'the model'}`}
      <span className="tabular text-text-3">{(elapsed / 1_000).toFixed(1)} s</span>
    </p>
  );
}
