import type { CheckResult, Task } from '@prodigon/contracts/workshop';
import type { ReactNode } from 'react';
import { Button, CopyButton } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useShowHint } from '../workshop/workshop-queries.ts';
import { SequenceView } from './sequence-view.tsx';

const HINT_LEVELS = 3;

interface CheckFailureProps {
  task: Task;
  result: CheckResult;
}

/** A failed check: its sequence diagram, the expected and the observed behavior, a command that repeats it, and hints. */
export function CheckFailure({ task, result }: CheckFailureProps) {
  const { title, seed, diagram, expected, saw, where, input, replay } = result;
  return (
    <section
      aria-label={`Failed check: ${title}`}
      className="flex flex-col gap-3 rounded-md border border-border bg-bg px-4 py-3"
    >
      <h3 className="font-semibold wrap-anywhere">
        {title} <span className="tabular text-sm font-normal text-text-3">seed {seed}</span>
      </h3>
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
      <Hints task={task} check={result.check} />
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

function Hints({ task, check }: { task: Task; check: string }) {
  const showHint = useShowHint(task.id);
  const shown = task.hints[check] ?? [];
  return (
    <div className="flex flex-col gap-2">
      <ol aria-label="Hints" aria-live="polite" className="flex flex-col gap-2 empty:hidden">
        {shown.map((hint, index) => (
          <li key={hint} className="rounded-sm border border-border bg-surface px-3 py-2 text-sm">
            <span className="font-semibold">Hint {index + 1}.</span> {hint}
          </li>
        ))}
      </ol>
      {showHint.error && (
        <Notice severity="bad" title="Could not show the hint">
          {showHint.error.message}
        </Notice>
      )}
      {shown.length < HINT_LEVELS && (
        <div>
          <Button onClick={() => showHint.mutate(check)} disabled={showHint.isPending}>
            Show hint {shown.length + 1} of {HINT_LEVELS}
          </Button>
        </div>
      )}
    </div>
  );
}
