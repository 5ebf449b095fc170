import { RefreshCw } from 'lucide-react';
import { IconButton } from '../../design/button.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import type { Answer } from './answer.ts';
import { factsOf } from './response-stats.ts';

interface AnswerFooterProps {
  answer: Answer;
  /** Null for answers that later ones build on. */
  onRegenerate: (() => void) | null;
}

export function AnswerFooter({ answer, onRegenerate }: AnswerFooterProps) {
  return (
    <footer className="-ml-2 flex flex-wrap items-center gap-x-2 text-xs text-text-3">
      <div className="flex">
        {answer.text && <CopyButton text={() => answer.text} label="Copy answer" />}
        {onRegenerate && (
          <IconButton label="Regenerate answer" onClick={onRegenerate}>
            <RefreshCw aria-hidden size={16} />
          </IconButton>
        )}
      </div>
      <ul aria-label="About this answer" className="tabular flex flex-wrap gap-x-4 max-sm:pl-2">
        {factsOf(answer).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </footer>
  );
}
