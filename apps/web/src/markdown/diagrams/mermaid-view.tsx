import { useEffect, useState, useSyncExternalStore } from 'react';
import { CodeBlock } from '../code-block.tsx';
import { DIAGRAM_CHARACTERS_MAX, type DrawnDiagram, drawMermaid } from './draw-mermaid.ts';

const darkScheme = matchMedia('(prefers-color-scheme: dark)');

/** A diagram as an image, in which neither scripts nor links nor downloads work. Source that Mermaid cannot draw stays source. */
export default function MermaidView({ source }: { source: string }) {
  const isDark = useSyncExternalStore(subscribeToTheme, isDarkTheme);
  const [drawn, setDrawn] = useState<{ key: string; diagram: DrawnDiagram | null }>();
  const key = `${isDark} ${source}`;
  useEffect(() => {
    let isCurrent = true;
    void drawMermaid(source, isDark).then((diagram) => {
      if (isCurrent) setDrawn({ key: `${isDark} ${source}`, diagram });
    });
    return () => {
      isCurrent = false;
    };
  }, [source, isDark]);
  const code = (
    <CodeBlock code={source} language="mermaid" isFinished note={noteFor(source, drawn?.key === key && !drawn.diagram)} />
  );
  const diagram = drawn?.diagram;
  if (!diagram) return code;
  return (
    <figure className="mermaid-diagram">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it. */}
      {/* biome-ignore lint/a11y/useSemanticElements: it groups a scrolling picture, not form fields. */}
      <div role="group" aria-label="Diagram" tabIndex={0} className="diagram">
        <img
          src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(diagram.svg)}`}
          alt="Diagram. Its source follows."
          width={Math.ceil(diagram.width)}
          height={Math.ceil(diagram.height)}
        />
      </div>
      <details>
        <summary className="disclosure">Source of the diagram</summary>
        {code}
      </details>
    </figure>
  );
}

function noteFor(source: string, hasFailed: boolean): string | undefined {
  if (source.length > DIAGRAM_CHARACTERS_MAX) return 'too long to draw';
  return hasFailed ? 'cannot be drawn' : undefined;
}

function isDarkTheme(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? darkScheme.matches : theme === 'dark';
}

function subscribeToTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  darkScheme.addEventListener('change', onChange);
  return () => {
    observer.disconnect();
    darkScheme.removeEventListener('change', onChange);
  };
}
