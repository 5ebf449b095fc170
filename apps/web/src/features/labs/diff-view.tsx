import type { TaskFile } from '@prodigon/contracts/workshop';
import { clsx } from 'clsx';
import { Button } from '../../design/button.tsx';
import { Dialog, DialogTitle } from '../../design/dialog.tsx';
import { Notice } from '../../design/notice.tsx';
import { useTaskFiles } from '../workshop/workshop-queries.ts';
import { type DiffLine, diffLines, toHunks } from './line-diff.ts';

interface DiffDialogProps {
  task: string;
  onClose: () => void;
}

/** A dialog with the differences between the learner's copy and the starter. */
export default function DiffDialog({ task, onClose }: DiffDialogProps) {
  const { data, error, refetch } = useTaskFiles(task);
  const changed = data?.files.filter(({ starter, own }) => starter !== own) ?? [];
  return (
    <Dialog placement="wide" onClose={onClose}>
      <div className="flex items-center justify-between gap-4 pb-4">
        <DialogTitle>Your copy and the starter</DialogTitle>
        <Button onClick={onClose}>Close</Button>
      </div>
      <div className="min-h-0 overflow-y-auto">
        {error && (
          <Notice severity="bad" title="Could not load the files" actions={<Button onClick={() => void refetch()}>Retry</Button>}>
            {error.message}
          </Notice>
        )}
        {!data && !error && <p className="text-text-2">Loading…</p>}
        {data && changed.length === 0 && <p className="text-text-2">Your copy in {data.folder} is identical to the starter.</p>}
        {changed.map((file) => (
          <FileDiff key={file.path} file={file} />
        ))}
      </div>
    </Dialog>
  );
}

function FileDiff({ file: { path, starter, own } }: { file: TaskFile }) {
  const hunks = toHunks(diffLines(starter ?? '', own ?? ''));
  const note = starter === null ? ' (new file)' : own === null ? ' (deleted)' : '';
  return (
    <section aria-label={path} className="mb-5 overflow-hidden rounded-md border border-border">
      <h3 className="border-b border-border bg-surface px-4 py-2 font-mono text-sm font-semibold">
        {path}
        {note}
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it. */}
      {/* biome-ignore lint/a11y/useSemanticElements: it groups a scrolling table, not form fields. */}
      <div role="group" aria-label={`Changes of ${path}`} tabIndex={0} className="overflow-x-auto">
        <table className="w-full font-mono text-xs leading-5">
          {hunks.map((hunk, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: hunks have no identity but their position.
            <tbody key={index} className="border-border not-first:border-t-4 not-first:border-double">
              {hunk.map((line) => (
                <Line key={`${line.before} ${line.after}`} line={line} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
    </section>
  );
}

const MARKS = { same: ' ', added: '+', removed: '−' } as const;
const LABELS = { same: undefined, added: 'Added', removed: 'Removed' } as const;

function Line({ line: { kind, text, before, after } }: { line: DiffLine }) {
  return (
    <tr className={clsx(kind === 'added' && 'bg-ok/10', kind === 'removed' && 'bg-bad/10')}>
      <td className="tabular w-10 px-2 text-end text-text-3 select-none">{before}</td>
      <td className="tabular w-10 px-2 text-end text-text-3 select-none">{after}</td>
      <td className={clsx('w-4 select-none', kind === 'added' && 'text-ok', kind === 'removed' && 'text-bad')}>
        <span aria-hidden="true">{MARKS[kind]}</span>
        {LABELS[kind] && <span className="sr-only">{LABELS[kind]}</span>}
      </td>
      <td className="pe-4 whitespace-pre">{text || ' '}</td>
    </tr>
  );
}
