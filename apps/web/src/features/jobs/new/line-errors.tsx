import type { ErrorDetail } from '@prodigon/contracts';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatCount } from '../../../design/format.ts';

interface LineErrorsProps {
  title: string;
  errors: readonly ErrorDetail[];
  /** Of which `errors` are the first. */
  count: number;
  actions?: ReactNode;
}

/** Which lines cannot be used, and why. */
export function LineErrors({ title, errors, count, actions }: LineErrorsProps) {
  return (
    <section aria-label={title} className="rounded-md border border-bad">
      <div className="flex flex-wrap items-center justify-between gap-3 px-5 py-3">
        <h2 className="flex items-center gap-2 font-semibold text-bad">
          <CircleAlert aria-hidden size={18} className="shrink-0" /> {title}
        </h2>
        {actions}
      </div>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
        tabIndex={0}
        aria-label="Bad lines"
        className="max-h-80 overflow-y-auto border-t border-border focus-visible:-outline-offset-2"
      >
        <table className="w-full text-sm">
          <thead className="text-left text-text-2">
            <tr>
              <th scope="col" className="w-20 py-2 pr-4 pl-5 font-medium">
                Line
              </th>
              <th scope="col" className="py-2 pr-5 font-medium">
                What is wrong
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-border border-t border-border">
            {errors.map(({ line, path, message }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is made anew as a whole.
              <tr key={place}>
                <td className="tabular py-1.5 pr-4 pl-5 align-top text-text-2">{line === undefined ? '–' : formatCount(line)}</td>
                <td className="py-1.5 pr-5 wrap-anywhere">
                  {path && <code className="mr-1 font-mono text-xs text-text-2">{path}</code>} {message}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {count > errors.length && (
        <p className="tabular border-t border-border px-5 py-2 text-sm text-text-2">
          And {formatCount(count - errors.length)} more: mend these first.
        </p>
      )}
    </section>
  );
}
