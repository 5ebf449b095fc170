import type { CheckResult, Task } from '@prodigon/contracts/workshop';
import type { ReactNode } from 'react';
import { CopyButton } from '../../design/button.tsx';
import { CheckHints } from './check-hints.tsx';
import { SequenceView } from './sequence-view.tsx';

interface CheckFailureProps {
  task: Task;
  result: CheckResult;
}

/** A failed check: its sequence diagram, the expected and the observed behavior, a command that repeats it, and hints. */
export function CheckFailure({ task, result }: CheckFailureProps) {
  const { title, seed, diagram, expected, saw, where, input, replay } = result;
  return (
    <section aria-label={`Failed check: ${title}`} className="my-2 flex flex-col gap-3 border-s-2 border-bad/40 ps-3">
      <p className="tabular text-text-3">Seed {seed}</p>
      {diagram && <SequenceView diagram={diagram} />}
      <dl className="flex flex-col gap-2 text-sm">
        <Entry label="Expected">{expected}</Entry>
        <Entry label="Observed">{saw}</Entry>
        <Entry label="Where to look">{where}</Entry>
        <Entry label="Input" isCode>
          {input}
        </Entry>
      </dl>
      <div>
        <p className="text-sm text-text-3">Repeat this case</p>
        <div className="mt-1 flex items-start gap-1 rounded-sm bg-surface-2 py-1 ps-2">
          <code className="min-w-0 flex-1 py-1 font-mono text-xs wrap-anywhere">{replay}</code>
          <CopyButton text={() => replay} label="Copy command" />
        </div>
      </div>
      <CheckHints task={task} check={result.check} />
    </section>
  );
}

function Entry({ label, isCode = false, children }: { label: string; isCode?: boolean; children: ReactNode }) {
  if (children === null) return null;
  return (
    <div>
      <dt className="text-text-3">{label}</dt>
      <dd className={isCode ? 'font-mono text-xs whitespace-pre-wrap wrap-anywhere' : 'wrap-anywhere'}>{children}</dd>
    </div>
  );
}
