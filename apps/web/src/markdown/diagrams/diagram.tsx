import { useMemo } from 'react';
import { MermaidDiagram } from '../mermaid-diagram.tsx';
import { FlowchartView } from './flowchart-view.tsx';
import { parseFlowchart } from './parse-flowchart.ts';
import { parseSequence } from './parse-sequence.ts';
import { SequenceDiagramView } from './sequence-view.tsx';

/**
 * Draws the sequence diagrams and flowcharts of documents as plain SVG: in the colors of the services, with text that can be
 * searched, and without the download of Mermaid, which draws all others.
 */
export default function Diagram({ source }: { source: string }) {
  const sequence = useMemo(() => parseSequence(source), [source]);
  const chart = useMemo(() => (sequence ? null : parseFlowchart(source)), [source, sequence]);
  if (!sequence && !chart) return <MermaidDiagram source={source} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    // biome-ignore lint/a11y/useSemanticElements: it groups a scrolling picture, not form fields.
    <div role="group" aria-label="Diagram" tabIndex={0} className="diagram">
      {sequence && <SequenceDiagramView sequence={sequence} />}
      {chart && <FlowchartView chart={chart} />}
    </div>
  );
}
