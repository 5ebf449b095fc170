import { Paperclip } from 'lucide-react';
import { useRef } from 'react';
import { IconButton } from '../../../design/button.tsx';

/** Chooses files to attach. */
export function AttachButton({ onChoose }: { onChoose: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label="Attach files" onClick={() => input.current?.click()}>
        <Paperclip aria-hidden size={18} />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Files to attach"
        className="hidden"
        onChange={({ currentTarget }) => {
          onChoose([...(currentTarget.files ?? [])]);
          // The same file can be chosen again.
          currentTarget.value = '';
        }}
      />
    </>
  );
}
