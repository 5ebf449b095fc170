import { useMemo } from 'react';
import { CodeBlock } from '../code-block.tsx';
import { FlowchartView } from './flowchart-view.tsx';
import { parseFlowchart } from './parse-flowchart.ts';
import { parseSequence } from './parse-sequence.ts';
import { SequenceDiagramView } from './sequence-view.tsx';

/**
 * Draws Mermaid's sequence diagrams and flowcharts as plain SVG in the colors of the theme. Mermaid's own renderer injects style
 * sheets, which the content security policy blocks. Other diagrams stay source.
 */
export default function Diagram({ source }: { source: string }) {
  const sequence = useMemo(() => parseSequence(source), [source]);
  const chart = useMemo(() => (sequence ? null : parseFlowchart(source)), [source, sequence]);
  if (!sequence && !chart) return <CodeBlock code={source} language="mermaid" isFinished />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    // biome-ignore lint/a11y/useSemanticElements: it groups a scrolling picture, not form fields.
    <div role="group" aria-label="Diagram" tabIndex={0} className="diagram">
      {sequence && <SequenceDiagramView sequence={sequence} />}
      {chart && <FlowchartView chart={chart} />}
    </div>
  );
}
