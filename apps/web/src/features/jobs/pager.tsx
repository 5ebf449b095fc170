import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Button } from '../../design/button.tsx';

interface PagerProps {
  label: string;
  /** What is shown, e.g. "Prompts 51 to 100 of 2,000". */
  words: string;
  /** Null where there is no such page. */
  toPrevious: (() => void) | null;
  toNext: (() => void) | null;
}

export function Pager({ label, words, toPrevious, toNext }: PagerProps) {
  return (
    <nav aria-label={label} className="flex flex-wrap items-center justify-between gap-3 border-t border-border px-5 py-3">
      <p className="tabular text-sm text-text-2">{words}</p>
      <div className="flex gap-2">
        <Button aria-disabled={!toPrevious} onClick={() => toPrevious?.()} className="aria-disabled:opacity-50">
          <ChevronLeft aria-hidden size={16} /> Previous
        </Button>
        <Button aria-disabled={!toNext} onClick={() => toNext?.()} className="aria-disabled:opacity-50">
          Next <ChevronRight aria-hidden size={16} />
        </Button>
      </div>
    </nav>
  );
}
