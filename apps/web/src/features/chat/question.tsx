import { clsx } from 'clsx';
import { FileText, Image } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { CodeBlock } from '../../markdown/code-block.tsx';
import { isLongQuestion, questionParts } from './question-parts.ts';
import type { TranscriptQuestion } from './state/transcript-turns.ts';

interface QuestionProps {
  question: Pick<TranscriptQuestion, 'content' | 'attachments'>;
  /** Below the question. */
  children?: ReactNode;
}

/** The question as typed. Code fences are rendered, and long questions are collapsed, so that the response stays in view. */
export function Question({ question: { content, attachments }, children }: QuestionProps) {
  const [isExpanded, setExpanded] = useState(false);
  const isLong = isLongQuestion(content);
  return (
    <div className="flex flex-col items-end gap-1">
      {attachments.length > 0 && (
        <ul aria-label="Attachments" className="flex max-w-[85%] flex-wrap justify-end gap-2">
          {attachments.map(({ name, media_type, id }, index) => {
            const Icon = media_type.startsWith('image/') ? Image : FileText;
            return (
              <li
                key={id ?? `${name} ${index}`}
                className="flex max-w-64 items-center gap-2 rounded-md border border-border px-3 py-1.5 text-sm text-text-2"
              >
                <Icon aria-hidden size={16} className="shrink-0 text-text-3" />
                <span className="truncate">{name}</span>
              </li>
            );
          })}
        </ul>
      )}
      <div className="max-w-[85%] min-w-0 rounded-lg bg-surface-2 px-4 py-2.5">
        <div className={clsx('relative', isLong && !isExpanded && 'fade-out max-h-78 overflow-hidden')}>
          {questionParts(content).map((part, index) =>
            part.type === 'code' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a question never change.
              <div key={index} className="prose my-2 *:mb-0">
                <CodeBlock code={part.text} language={part.language} isFinished />
              </div>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a question never change.
              <p key={index} dir="auto" className="text-prose whitespace-pre-wrap wrap-anywhere">
                {part.text}
              </p>
            ),
          )}
        </div>
        {isLong && (
          <button
            type="button"
            aria-expanded={isExpanded}
            onClick={() => setExpanded(!isExpanded)}
            className="target rounded-sm text-sm font-medium text-accent hover:underline"
          >
            {isExpanded ? 'Show less' : 'Show more'}
          </button>
        )}
      </div>
      {children}
    </div>
  );
}
