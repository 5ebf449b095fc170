import type { Task } from '@prodigon/contracts/workshop';
import { useState } from 'react';
import { Button } from '../../design/button.tsx';
import { lazyPart } from '../../design/lazy-part.tsx';
import { Notice } from '../../design/notice.tsx';
import { useShowHint, useTaskAction } from '../workshop/workshop-queries.ts';
import { focusPart, takeFocus } from './focus-part.ts';
import { InlineCode } from './inline-code.tsx';

const ConfirmDialog = lazyPart(async () => ({ default: (await import('../../design/dialog.tsx')).ConfirmDialog }), {
  failure: 'overlay',
});

const HINT_LEVELS = 3;

interface CheckHintsProps {
  task: Task;
  check: string;
}

/** The hints for a check, one after the other, and then the solution. */
export function CheckHints({ task, check }: CheckHintsProps) {
  const showHint = useShowHint(task.id);
  const shown = task.hints[check] ?? [];
  const idOf = (level: number) => `hint-${check}-${level}`;
  const show = () => showHint.mutate(check, { onSuccess: () => focusPart(idOf(shown.length + 1)) });
  return (
    <div className="flex flex-col gap-2">
      <ol aria-label="Hints" className="flex flex-col gap-2 empty:hidden">
        {shown.map((hint, index) => (
          <li
            key={hint}
            ref={takeFocus}
            id={idOf(index + 1)}
            tabIndex={-1}
            className="rounded-sm border border-border bg-surface px-3 py-2 wrap-anywhere"
          >
            <span className="font-semibold">Hint {index + 1}.</span> <InlineCode>{hint}</InlineCode>
          </li>
        ))}
      </ol>
      {showHint.error && (
        <Notice severity="bad" title="Could not show the hint">
          {showHint.error.message}
        </Notice>
      )}
      {shown.length < HINT_LEVELS ? (
        <div>
          <Button onClick={showHint.isPending ? undefined : show}>
            Show hint {shown.length + 1} of {HINT_LEVELS}
          </Button>
        </div>
      ) : (
        <Solution task={task} />
      )}
    </div>
  );
}

function Solution({ task }: { task: Task }) {
  const [isConfirming, setConfirming] = useState(false);
  const action = useTaskAction(task.id);
  return (
    <div>
      <Button onClick={() => setConfirming(true)}>Use the solution</Button>
      {action.error && (
        <Notice severity="bad" title="Could not copy the solution">
          {action.error.message}
        </Notice>
      )}
      {isConfirming && (
        <ConfirmDialog
          title="Replace your copy with the solution?"
          action="Use the solution"
          onConfirm={() => action.mutate('applySolution')}
          onClose={() => setConfirming(false)}
        >
          Prodigon copies the solution over {task.own_folder}, and keeps a backup of your code beside it. Run the checks
          afterwards, and compare the solution with the starter.
        </ConfirmDialog>
      )}
    </div>
  );
}
