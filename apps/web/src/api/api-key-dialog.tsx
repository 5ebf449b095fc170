import { type FormEvent, useId } from 'react';
import { Button } from '../design/button.tsx';
import { Dialog, DialogTitle } from '../design/dialog.tsx';
import { storedApiKey, useApiKey } from './api.ts';

/** Asks for an API key. Rendered after the gateway returned 401. */
export default function ApiKeyDialog() {
  const { saveKey, dismiss } = useApiKey();
  const inputId = useId();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const apiKey = String(new FormData(event.currentTarget).get('api-key')).trim();
    if (apiKey) saveKey(apiKey);
  };
  return (
    <Dialog placement="center" onClose={dismiss}>
      <form onSubmit={submit}>
        <DialogTitle>API key required</DialogTitle>
        <p className="mt-2 text-text-2">
          {storedApiKey() ? 'The gateway rejected this key. ' : ''}
          Enter an API key of this platform. The key is sent only to this gateway and deleted when you close the tab. Admins
          create keys under Settings, API keys, or with <code className="font-mono text-sm">./prodigon keys create</code>.
        </p>
        <label htmlFor={inputId} className="mt-4 block text-sm font-medium">
          API key
        </label>
        <input
          id={inputId}
          name="api-key"
          type="password"
          autoComplete="off"
          required
          className="mt-1 h-11 w-full rounded-sm border border-control bg-bg px-3 font-mono text-sm"
        />
        <div className="mt-6 flex justify-end gap-2">
          <Button variant="quiet" onClick={dismiss}>
            Cancel
          </Button>
          <Button type="submit" variant="primary">
            Save key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
