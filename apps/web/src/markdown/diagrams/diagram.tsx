import { CodeBlock } from '../code-block.tsx';

export default function Diagram({ source }: { source: string }) {
  return <CodeBlock code={source} language="mermaid" isFinished />;
}
