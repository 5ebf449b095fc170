import { JOB_FILE_FORMATS, JOB_LIMITS } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { FileText, Upload, X } from 'lucide-react';
import { type DragEvent, useId, useRef, useState } from 'react';
import { Button } from '../../../design/button.tsx';
import { formatCount } from '../../../design/format.ts';
import { Panel } from '../../../design/page.tsx';
import { TextArea } from '../../../design/text-area.tsx';
import type { PasteFormat } from './prompt-source.ts';
import type { NewJob } from './use-new-job.ts';

const FILE_TYPES = [...Object.values(JOB_FILE_FORMATS).map(({ extension }) => extension), '.ndjson'].join(',');
const FILE_LIMITS = `${formatCount(JOB_LIMITS.fileLinesMax)} prompts and ${JOB_LIMITS.fileBytesMax / 1024 / 1024} MB`;

/** A text field for prompts that also takes a dropped file. */
export function PromptsPanel({ form }: { form: NewJob }) {
  const { draft, change, file, chooseFile, format, validation, hasTriedSubmit } = form;
  const isMissing = hasTriedSubmit && validation.state === 'empty';
  const { isDragOver, ...dropTarget } = useDrop(chooseFile);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  return (
    <div {...dropTarget} className={clsx('rounded-md', isDragOver && 'outline-2 outline-offset-2 outline-accent')}>
      <Panel
        title="Prompts"
        aside={
          <>
            <input
              ref={input}
              type="file"
              accept={FILE_TYPES}
              aria-label="Prompt file"
              tabIndex={-1}
              className="sr-only"
              onChange={(event) => {
                chooseFile(event.target.files?.[0] ?? null);
                event.target.value = '';
              }}
            />
            <Button onClick={() => input.current?.click()}>
              <Upload aria-hidden size={16} /> {file ? 'Choose another file' : 'Choose file'}
            </Button>
          </>
        }
      >
        <div className="p-5">
          {file ? (
            <div className="flex items-center gap-4 rounded-md border border-border bg-surface p-4">
              <FileText aria-hidden size={28} className="shrink-0 text-accent" />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{file.name}</p>
                <p className="tabular text-sm text-text-3">
                  {formatSize(file)}
                  {format && ` · ${JOB_FILE_FORMATS[format].description}`}
                </p>
              </div>
              <Button variant="quiet" onClick={() => chooseFile(null)}>
                <X aria-hidden size={16} /> Remove
              </Button>
            </div>
          ) : (
            <>
              <label htmlFor={id} className="sr-only">
                Prompts, one per line
              </label>
              <TextArea
                id={id}
                rows={12}
                value={draft.text}
                spellCheck={false}
                aria-describedby={`${id}-hint`}
                aria-invalid={isMissing || undefined}
                placeholder={'One prompt per line, or JSON Lines:\n{"prompt": "What is a lease?", "custom_id": "row-1"}'}
                onChange={(text) => change({ text })}
                className="field resize-y font-mono text-sm"
              />
              <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 text-sm text-text-3">
                <p
                  id={`${id}-hint`}
                  role={isMissing ? 'alert' : undefined}
                  className={isMissing ? 'font-medium text-bad' : undefined}
                >
                  {isMissing
                    ? 'Enter prompts or choose a file.'
                    : `Paste text, or drop a .jsonl, .csv or .txt file with up to ${FILE_LIMITS}.`}
                </p>
                <label className="flex items-center gap-2">
                  Format
                  <select
                    value={draft.pasteFormat}
                    onChange={(event) => change({ pasteFormat: event.target.value as PasteFormat })}
                    className="target rounded-sm border border-control bg-bg px-2 text-text"
                  >
                    <option value="auto">Detect automatically</option>
                    <option value="txt">One prompt per line</option>
                    <option value="jsonl">JSON Lines</option>
                  </select>
                </label>
              </div>
            </>
          )}
        </div>
      </Panel>
    </div>
  );
}

function useDrop(onFile: (file: File) => void) {
  const [isDragOver, setDragOver] = useState(false);
  const hasFile = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  return {
    isDragOver,
    onDragOver: (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setDragOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setDragOver(false);
    },
    onDrop: (event: DragEvent) => {
      setDragOver(false);
      const file = event.dataTransfer.files[0];
      if (!file) return;
      event.preventDefault();
      onFile(file);
    },
  };
}

function formatSize({ size }: File): string {
  if (size < 1_000) return `${size} bytes`;
  return size < 1_000_000 ? `${(size / 1_000).toFixed(1)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}
