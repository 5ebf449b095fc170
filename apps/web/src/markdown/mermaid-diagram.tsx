import { lazyPart } from '../design/lazy-part.tsx';
import { CodeBlock } from './code-block.tsx';

/** Draws any diagram of Mermaid, which the first diagram downloads. */
export const MermaidDiagram = lazyPart(() => import('./diagrams/mermaid-view.tsx'), {
  skeleton: ({ source }: { source: string }) => <CodeBlock code={source} language="mermaid" isFinished />,
  failure: 'skeleton',
});
