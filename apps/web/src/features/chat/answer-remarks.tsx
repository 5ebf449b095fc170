import { CornerDownRight, TriangleAlert } from 'lucide-react';
import type { Answer } from './answer.ts';
import { fallbackWords } from './fallback-words.ts';

/** What the reader did not ask for and should know: that another model answered, or that theirs will not for long. */
export function AnswerRemarks({ answer: { fallbacks, warning } }: { answer: Answer }) {
  if (fallbacks.length === 0 && warning === null) return null;
  return (
    <ul aria-label="Remarks" className="flex flex-col gap-1 text-sm text-text-2">
      {fallbacks.map((fallback) => (
        <li key={`${fallback.from} ${fallback.to}`} className="flex gap-2 wrap-anywhere">
          <CornerDownRight aria-hidden size={16} className="mt-0.5 shrink-0 text-text-3" />
          {fallbackWords(fallback)}
        </li>
      ))}
      {warning !== null && (
        <li className="flex gap-2 wrap-anywhere">
          <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0 text-warn" />
          {warning}
        </li>
      )}
    </ul>
  );
}
