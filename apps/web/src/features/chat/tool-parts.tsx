import type { ToolPart } from './state/chat-response.ts';

/** The tools that a model has called and their results, folded. */
export function ToolParts({ parts }: { parts: readonly ToolPart[] }) {
  if (parts.length === 0) return null;
  return (
    <div className="flex flex-col gap-1 text-sm text-text-2">
      {parts.map((part) => (
        <details key={`${part.type} ${part.id}`}>
          <summary className="disclosure">{part.type === 'tool_call' ? `Called ${part.name}` : 'Result'}</summary>
          <pre className="mt-1 max-h-80 overflow-auto rounded-md bg-surface p-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere">
            {part.type === 'tool_call' ? part.arguments : part.text}
          </pre>
        </details>
      ))}
    </div>
  );
}
