import {
  API_KEY_LIMITS,
  type ApiKey,
  type ApiKeyRole,
  AppError,
  type Caller,
  type CreateApiKeyRequestInput,
  type UpdateApiKeyRequest,
} from '@prodigon/contracts';
import { type FormEvent, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { DialogTitle } from '../../design/dialog.tsx';
import { Field } from '../../design/form-controls.tsx';
import {
  BUDGET_FIELDS,
  changesOf,
  errorsOf,
  fieldsOf,
  type KeyFieldErrors,
  type KeyFields,
  LIMIT_FIELDS,
  type NumberFieldName,
  parseKeyFields,
} from './key-fields.ts';
import { ModelChoice } from './model-choice.tsx';
import { NumberField } from './number-field.tsx';

const NUMBER_LABELS: Record<NumberFieldName, string> = {
  requests_per_min: 'Requests per minute',
  tokens_per_min: 'Tokens per minute',
  streams: 'Concurrent streams',
  usd_per_day: 'USD per day',
  usd_per_month: 'USD per month',
  tokens_per_day: 'Tokens per day',
  tokens_per_month: 'Tokens per month',
};

interface KeyFormProps {
  /** Null to create a key. */
  apiKey: ApiKey | null;
  caller: Caller;
  /** Both reject with an `AppError` if the platform stores nothing. */
  onCreate: (request: CreateApiKeyRequestInput) => Promise<void>;
  onUpdate: (changes: UpdateApiKeyRequest) => Promise<void>;
  onClose: () => void;
}

/** The content of the dialog that creates or edits a key. */
export function KeyForm({ apiKey, caller, onCreate, onUpdate, onClose }: KeyFormProps) {
  const isAdmin = caller.role === 'admin';
  const [before] = useState(() => fieldsOf(apiKey, caller.owner));
  const [fields, setFields] = useState(before);
  const [errors, setErrors] = useState<KeyFieldErrors>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const set = <Name extends keyof KeyFields>(name: Name, value: KeyFields[Name]) => {
    setFields({ ...fields, [name]: value });
    setErrors({ ...errors, [name]: undefined });
  };

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const isExpiryKept = apiKey !== null && fields.expires_at === before.expires_at;
    const parsed = parseKeyFields(fields, isExpiryKept ? 0 : Date.now());
    if ('errors' in parsed) return showErrors(form, parsed.errors);
    const { owner, role, ...request } = parsed.request;
    setSaving(true);
    setFailure(null);
    try {
      if (apiKey) await onUpdate(changesOf(before, fields, parsed.request));
      else await onCreate(isAdmin ? parsed.request : request);
    } catch (thrown) {
      const error = AppError.from(thrown);
      const fieldErrors = errorsOf(error);
      setSaving(false);
      if (Object.keys(fieldErrors).length > 0) showErrors(form, fieldErrors);
      else setFailure(error.message);
    }
  };
  const showErrors = (form: HTMLFormElement, found: KeyFieldErrors) => {
    setErrors(found);
    // The fields are marked in the next frame.
    requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };

  const numberField = (name: NumberFieldName, placeholder: string) => (
    <NumberField
      key={name}
      label={NUMBER_LABELS[name]}
      value={fields[name]}
      placeholder={placeholder}
      error={errors[name]}
      isAmount={name.startsWith('usd')}
      onChange={(value) => set(name, value)}
    />
  );
  const nameInput = (name: 'name' | 'owner', label: string, hint: string) => (
    <Field label={label} hint={hint} error={errors[name]}>
      {(control) => (
        <input
          {...control}
          value={fields[name]}
          maxLength={API_KEY_LIMITS.nameCharactersMax}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => set(name, event.target.value)}
          className="field"
        />
      )}
    </Field>
  );
  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="flex flex-col gap-5">
      <DialogTitle>{apiKey ? `Edit ${apiKey.name}` : 'Create an API key'}</DialogTitle>
      <div className="grid gap-4 sm:grid-cols-2">
        {nameInput('name', 'Name', 'For example, of the program or person that uses it')}
        {isAdmin && apiKey === null && nameInput('owner', 'Owner', 'Keys of one owner share jobs and usage')}
        {isAdmin && <RoleField value={fields.role} error={errors.role} onChange={(role) => set('role', role)} />}
        <Field label="Expires" hint="Optional" error={errors.expires_at}>
          {(control) => (
            <input
              {...control}
              type="datetime-local"
              value={fields.expires_at}
              onChange={(event) => set('expires_at', event.target.value)}
              className="field tabular"
            />
          )}
        </Field>
      </div>
      <fieldset>
        <legend className="mb-2 font-semibold">Limits</legend>
        <div className="grid gap-4 sm:grid-cols-3">{LIMIT_FIELDS.map((name) => numberField(name, 'Platform limit'))}</div>
      </fieldset>
      <fieldset>
        <legend className="mb-2 font-semibold">Budget</legend>
        <div className="grid gap-4 sm:grid-cols-2">{BUDGET_FIELDS.map((name) => numberField(name, 'No budget'))}</div>
        <p className="mt-2 text-sm text-text-3">A day and a month begin at midnight UTC.</p>
      </fieldset>
      <ModelChoice models={fields.models} error={errors.models} onChange={(models) => set('models', models)} />
      {failure !== null && (
        <p role="alert" className="text-sm text-bad">
          Not saved: {failure}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" variant="primary" disabled={isSaving}>
          {apiKey ? 'Save changes' : 'Create key'}
        </Button>
      </div>
    </form>
  );
}

interface RoleFieldProps {
  value: ApiKeyRole;
  error: string | undefined;
  onChange: (role: ApiKeyRole) => void;
}

function RoleField({ value, error, onChange }: RoleFieldProps) {
  return (
    <Field label="Role" hint="Admins manage all keys and the settings of providers" error={error}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChange(event.target.value as ApiKeyRole)} className="field">
          <option value="member">Member</option>
          <option value="admin">Admin</option>
        </select>
      )}
    </Field>
  );
}
