import { type FormEvent, useId } from 'react';
import { Button } from '../design/button.tsx';
import { Modal } from '../design/modal.tsx';
import { storedApiKey, useAccess } from './access-store.ts';

/** Shown when the gateway answers that it wants a key. */
export function ApiKeyDialog() {
  const { isKeyNeeded, acceptKey, dismiss } = useAccess();
  const inputId = useId();
  if (!isKeyNeeded) return null;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const apiKey = String(new FormData(event.currentTarget).get('api-key')).trim();
    if (apiKey) acceptKey(apiKey);
  };
  return (
    <Modal
      label="API key"
      onClose={dismiss}
      className="m-auto w-[min(26rem,calc(100vw-2rem))] rounded-lg border border-border p-6"
    >
      <form onSubmit={submit}>
        <h2 className="text-lg font-semibold">This gateway asks for an API key</h2>
        <p className="mt-2 text-text-2">
          {storedApiKey() ? 'It did not accept the key you gave. ' : ''}
          Give one of the keys its operator set in <code className="font-mono text-sm">API_KEYS</code>. It stays in this tab, is
          sent to this gateway only, and is forgotten when you close the tab.
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
          <Button look="quiet" onClick={dismiss}>
            Not now
          </Button>
          <Button type="submit" look="primary">
            Use this key
          </Button>
        </div>
      </form>
    </Modal>
  );
}
