import { ErrorBoundary } from '../../design/error-boundary.tsx';
import { lazyPart } from '../../design/lazy-part.tsx';

/** Until the renderer has downloaded, or if that fails, a response shows its source. */
const Markdown = lazyPart(async () => ({ default: (await import('../../markdown/markdown.tsx')).Markdown }), {
  skeleton: ({ text }) => <Source text={text} />,
  failure: 'skeleton',
});

interface ResponseTextProps {
  text: string;
  resetKey: string;
  isComplete: boolean;
}

/** A response that fails to render shows its source, and hides neither the others nor the actions below it. */
export function ResponseText({ text, resetKey, isComplete }: ResponseTextProps) {
  return (
    <ErrorBoundary resetKey={resetKey} fallback={<Source text={text} />}>
      <Markdown text={text} isComplete={isComplete} />
    </ErrorBoundary>
  );
}

function Source({ text }: { text: string }) {
  return (
    <p dir="auto" className="text-prose whitespace-pre-wrap wrap-anywhere">
      {text}
    </p>
  );
}

/** Starts the download of the renderer. */
export const preloadMarkdown = (): void => void Markdown.preload();
