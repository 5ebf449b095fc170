import type { CreatedApiKey } from '@prodigon/contracts';
import { useState } from 'react';
import { useModels } from '../../api/models-query.ts';
import { Button, CopyButton } from '../../design/button.tsx';
import { DialogTitle } from '../../design/dialog.tsx';
import { SegmentedControl } from '../../design/form-controls.tsx';
import { keySnippets } from './key-snippets.ts';
import { formatMinute } from './key-status.ts';

const MODEL_UNKNOWN = 'prodigon-tutor';

/** Shows the value of a new or rotated key, which the platform never shows again, and a first request with it. */
export function KeyValue({ created, onClose }: { created: CreatedApiKey; onClose: () => void }) {
  const { list } = useModels();
  const model = created.models?.[0] ?? list?.default_model ?? MODEL_UNKNOWN;
  const snippets = keySnippets({ origin: location.origin, apiKey: created.key, model });
  const [shown, setShown] = useState('curl');
  const text = snippets.find(({ name }) => name === shown)?.text ?? '';
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <DialogTitle>Key of {created.name}</DialogTitle>
      <p className="text-text-2">
        Copy the key now. The platform stores only its hash and cannot show it again.
        {created.previous_expires_at !== null &&
          ` The previous value remains valid until ${formatMinute(created.previous_expires_at)}.`}
      </p>
      <div className="flex items-center gap-2 rounded-sm border border-control bg-surface py-1 pr-1 pl-3">
        <code data-key-value className="min-w-0 flex-1 font-mono text-sm wrap-anywhere">
          {created.key}
        </code>
        <CopyButton text={() => created.key} label="Copy key" isLabelShown />
      </div>
      <section aria-label="First request" className="flex min-w-0 flex-col gap-2">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <SegmentedControl
            label="Client"
            options={snippets.map(({ name }) => ({ value: name, label: name }))}
            value={shown}
            onChange={setShown}
          />
          <CopyButton text={() => text} label="Copy snippet" isLabelShown />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it. */}
        <pre tabIndex={0} className="overflow-x-auto rounded-sm border border-border bg-surface p-3 font-mono text-sm">
          <code>{text}</code>
        </pre>
      </section>
      <div className="flex justify-end">
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}
