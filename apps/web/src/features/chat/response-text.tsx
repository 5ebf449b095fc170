import { ErrorBoundary } from '../../design/error-boundary.tsx';
import { Markdown } from '../../markdown/markdown.tsx';

interface ResponseTextProps {
  text: string;
  resetKey: string;
  isComplete: boolean;
}

/** A response that fails to render shows its source, and hides neither the others nor the actions below it. */
export function ResponseText({ text, resetKey, isComplete }: ResponseTextProps) {
  const source = (
    <p dir="auto" className="whitespace-pre-wrap wrap-anywhere">
      {text}
    </p>
  );
  return (
    <ErrorBoundary resetKey={resetKey} fallback={source}>
      <Markdown text={text} isComplete={isComplete} />
    </ErrorBoundary>
  );
}
