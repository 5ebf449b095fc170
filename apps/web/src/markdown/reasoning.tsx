import { ChevronRight } from 'lucide-react';

/** The reasoning of a model, closed until the user opens it. */
export function Reasoning({ text }: { text: string }) {
  return (
    <details className="group text-sm text-text-2">
      <summary className="target inline-flex cursor-pointer list-none items-center gap-1 rounded-sm pr-2 hover:text-text">
        <ChevronRight aria-hidden size={16} className="transition-transform group-open:rotate-90" />
        Reasoning
      </summary>
      <p dir="auto" className="ms-2 border-s-2 border-border ps-4 whitespace-pre-wrap wrap-anywhere">
        {text}
      </p>
    </details>
  );
}
