import type { CheckResult, Task } from '@prodigon/contracts/workshop';
import { Check, Circle, CircleDashed, X } from 'lucide-react';
import { Button } from '../../design/button.tsx';
import { CheckFailure } from './check-failure.tsx';

const STATUSES = {
  passed: { Icon: Check, label: 'Passed:', className: 'text-ok' },
  failed: { Icon: X, label: 'Failed:', className: 'text-bad' },
  skipped: { Icon: CircleDashed, label: 'Skipped:', className: 'text-text-3' },
} as const;
const NOT_RUN = { Icon: Circle, label: 'Not run:', className: 'text-text-3' } as const;

interface CheckRowProps {
  task: Task;
  id: string;
  title: string;
  result: CheckResult | undefined;
  isOpen: boolean;
  canRun: boolean;
  onToggle: () => void;
  onRun: () => void;
}

/** A check with its result. A failed one opens to its failure. */
export function CheckRow({ task, id, title, result, isOpen, canRun, onToggle, onRun }: CheckRowProps) {
  const { Icon, label, className } = result ? STATUSES[result.status] : NOT_RUN;
  return (
    <li data-check={id} data-status={result?.status} className="text-sm">
      <div className="flex items-center gap-2">
        <Icon aria-label={label} size={16} className={`shrink-0 ${className}`} />
        {result?.status === 'failed' ? (
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={onToggle}
            className="target min-w-0 flex-1 rounded-sm text-start font-medium text-bad underline-offset-3 hover:underline aria-expanded:underline"
          >
            {title}
          </button>
        ) : (
          <span className="min-w-0 flex-1">{title}</span>
        )}
        {canRun && (
          <Button variant="quiet" onClick={onRun} aria-label={`Run the check: ${title}`}>
            Run
          </Button>
        )}
      </div>
      {isOpen && result?.status === 'failed' && <CheckFailure task={task} result={result} />}
    </li>
  );
}
