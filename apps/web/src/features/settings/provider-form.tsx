import { AppError, type ProviderChange, type ProviderState } from '@prodigon/contracts';
import { type FormEvent, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { Field } from '../../design/form-controls.tsx';
import { providerTitle } from '../models/provider-title.ts';
import { keyHint } from './provider-labels.ts';

interface ProviderFormProps {
  provider: ProviderState;
  /** Rejects with an `AppError` when the settings were not stored. */
  onSave: (change: ProviderChange) => Promise<void>;
  onCancel: () => void;
}

/** The key and the address of a provider. The key leaves the form only with the request. */
export function ProviderForm({ provider, onSave, onCancel }: ProviderFormProps) {
  const { name, key_variable, base_url_variable, base_url, has_key } = provider;
  const hasAddress = base_url_variable !== null;
  const [isSaving, setSaving] = useState(false);
  const [failure, setFailure] = useState<AppError | null>(null);
  const errorOf = (field: string) => failure?.details?.find(({ path }) => path === field)?.message;
  const isAboutField = errorOf('api_key') !== undefined || errorOf('base_url') !== undefined;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const textIn = (field: string) => String(data.get(field) ?? '').trim() || undefined;
    const [api_key, address] = [textIn('api_key'), textIn('base_url')];
    setSaving(true);
    setFailure(null);
    try {
      await onSave({ ...(api_key && { api_key }), ...(address && { base_url: address }) });
    } catch (thrown) {
      setFailure(AppError.from(thrown));
      setSaving(false);
    }
  };

  return (
    <form
      aria-label={`Set up ${providerTitle(name)}`}
      onSubmit={(event) => void submit(event)}
      className="mt-3 flex max-w-xl flex-col gap-4"
    >
      {hasAddress && (
        <Field label="Base URL" hint="Including the API version, e.g. http://127.0.0.1:8080/v1" error={errorOf('base_url')}>
          {(control) => (
            <input
              {...control}
              name="base_url"
              type="url"
              required
              maxLength={2_048}
              spellCheck={false}
              defaultValue={base_url ?? ''}
              className="field font-mono text-sm"
            />
          )}
        </Field>
      )}
      {key_variable !== null && (
        <Field label="API key" hint={keyHint(provider)} error={errorOf('api_key')}>
          {(control) => (
            <input
              {...control}
              name="api_key"
              type="password"
              autoComplete="off"
              required={!hasAddress && !has_key}
              maxLength={4_096}
              className="field font-mono text-sm"
            />
          )}
        </Field>
      )}
      {failure && !isAboutField && (
        <p role="alert" className="text-sm text-bad">
          Not saved: {failure.message}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" variant="primary" disabled={isSaving}>
          {isSaving ? 'Testing…' : 'Test and save'}
        </Button>
        <Button variant="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
