import { type ApiKey, AppError, type Caller, type CreatedApiKey } from '@prodigon/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useApiKey } from '../../api/api.ts';
import { callerQuery, keysApi, keysQuery } from '../../api/keys-api.ts';
import { toAppError, usePolledQuery } from '../../api/query-client.ts';
import { useNow } from '../../design/browser-hooks.ts';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { Notice, StaleNotice } from '../../design/notice.tsx';
import { Panel } from '../../design/page.tsx';
import { Toast } from '../../design/toast.tsx';
import { KeyForm } from './key-form.tsx';
import { canCreateKeys } from './key-rights.ts';
import { isRestorable, keyState } from './key-status.ts';
import { KeyTable, rowIdOf } from './key-table.tsx';
import { KeyValue } from './key-value.tsx';
import { RotateKeyForm } from './rotate-key-form.tsx';

const POLL_INTERVAL_MS = 10_000;
const SAVE_TIMEOUT_MS = 15_000;

/** The API keys of the own owner, or of everyone for admins. */
export default function ApiKeysTab() {
  const { data: caller, error, refetch } = useQuery(callerQuery);
  const list = usePolledQuery(
    keysQuery.queryKey,
    (signal) => keysApi.list(signal),
    () => POLL_INTERVAL_MS,
  );
  const failure = error ? AppError.from(error) : list.failure;
  const retry = () => {
    void refetch();
    list.reload();
  };
  return (
    <>
      {failure && <StaleNotice title="Could not load API keys" failure={failure} receivedAt={list.receivedAt} onRetry={retry} />}
      {!failure && !(caller && list.value) && <p className="text-text-2">Loading…</p>}
      {caller && <CallerPanel caller={caller} />}
      {caller && list.value && <KeysPanel caller={caller} keys={list.value.keys} />}
    </>
  );
}

function CallerPanel({ caller: { owner, role, key, requires_key } }: { caller: Caller }) {
  const requireKey = useApiKey((state) => state.requireKey);
  return (
    <Panel title="This browser" aside={<Button onClick={requireKey}>{key ? 'Use another key' : 'Enter a key'}</Button>}>
      <p className="px-5 py-3 text-text-2 wrap-anywhere">
        {key ? (
          <>
            Requests use the key <strong className="font-semibold text-text">{key.name}</strong> of the owner{' '}
            <strong className="font-semibold text-text">{owner}</strong>, with the role {role}.
          </>
        ) : (
          <>
            Requests carry no key and belong to the owner <strong className="font-semibold text-text">{owner}</strong>.
          </>
        )}
        {!requires_key && (
          <>
            {' '}
            This platform allows calls without a key, as the owner local with the role admin. To require keys, create an admin key
            here, set <code className="font-mono text-sm">REQUIRE_API_KEY=on</code>, and restart the platform.
          </>
        )}
      </p>
    </Panel>
  );
}

type OpenDialog = { kind: 'create' } | { kind: 'edit' | 'rotate'; key: ApiKey } | { kind: 'value'; created: CreatedApiKey };

interface Confirmation {
  key: ApiKey;
  action: 'revoked' | 'restored';
}

function KeysPanel({ caller, keys }: { caller: Caller; keys: readonly ApiKey[] }) {
  const queryClient = useQueryClient();
  const now = useNow();
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [confirmation, setConfirmation] = useState<Confirmation | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [areAllShown, setAllShown] = useState(false);
  const current = keys.filter((key) => keyState(key, keys, now) === 'active' || isRestorable(key, now));
  const shown = areAllShown ? keys : current;
  const closeDialog = () => setDialog(null);

  /** Sends a change and reloads the list. Rejects with an `AppError`. */
  async function change<Result>(request: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    setFailure(null);
    setConfirmation(null);
    try {
      return await request(AbortSignal.timeout(SAVE_TIMEOUT_MS));
    } catch (thrown) {
      throw toAppError(thrown, SAVE_TIMEOUT_MS);
    } finally {
      await queryClient.invalidateQueries(keysQuery);
    }
  }
  const setRevoked = async (key: ApiKey, action: Confirmation['action']) => {
    try {
      await change((signal) => (action === 'revoked' ? keysApi.revoke(key.id, signal) : keysApi.restore(key.id, signal)));
      setConfirmation({ key, action });
    } catch (thrown) {
      setFailure(`${key.name} was not ${action}. ${AppError.from(thrown).message}`);
    }
  };
  const focusRow = ({ id }: ApiKey) => document.getElementById(rowIdOf(id))?.focus({ preventScroll: true });
  return (
    <>
      {failure !== null && (
        <div role="alert">
          <Notice severity="bad" title="Action failed" actions={<Button onClick={() => setFailure(null)}>Dismiss</Button>}>
            {failure}
          </Notice>
        </div>
      )}
      <Panel
        title="API keys"
        aside={
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
            {current.length < keys.length && (
              <label className="target inline-flex items-center gap-2 text-sm">
                <input
                  type="checkbox"
                  checked={areAllShown}
                  onChange={(event) => setAllShown(event.target.checked)}
                  className="size-4 accent-accent-fill"
                />
                Show invalid keys
              </label>
            )}
            {canCreateKeys(caller) && (
              <Button variant="primary" onClick={() => setDialog({ kind: 'create' })}>
                <Plus aria-hidden size={16} /> Create key
              </Button>
            )}
          </div>
        }
      >
        {shown.length === 0 ? (
          <p className="px-5 py-10 text-center text-text-2">
            No API keys yet. A key gives a program or a colleague access, with its own limits, budget and usage.
          </p>
        ) : (
          <KeyTable
            shown={shown}
            keys={keys}
            caller={caller}
            now={now}
            onEdit={(key) => setDialog({ kind: 'edit', key })}
            onRotate={(key) => setDialog({ kind: 'rotate', key })}
            onRevoke={(key) => void setRevoked(key, 'revoked')}
            onRestore={(key) => void setRevoked(key, 'restored')}
          />
        )}
      </Panel>
      {dialog && (
        // One dialog for the form and the value after it, so that the focus returns to the button that opened the form.
        <Dialog placement={dialog.kind === 'rotate' ? 'center' : 'form'} keepsOpen onClose={closeDialog}>
          {(dialog.kind === 'create' || dialog.kind === 'edit') && (
            <KeyForm
              apiKey={dialog.kind === 'edit' ? dialog.key : null}
              caller={caller}
              onCreate={async (request) => {
                const created = await change((signal) => keysApi.create(request, signal));
                setDialog({ kind: 'value', created });
              }}
              onUpdate={async (changes) => {
                if (dialog.kind === 'edit') await change((signal) => keysApi.update(dialog.key.id, changes, signal));
                closeDialog();
              }}
              onClose={closeDialog}
            />
          )}
          {dialog.kind === 'rotate' && (
            <RotateKeyForm
              apiKey={dialog.key}
              onRotate={async (overlapSeconds) => {
                const created = await change((signal) => keysApi.rotate(dialog.key.id, overlapSeconds, signal));
                setDialog({ kind: 'value', created });
              }}
              onClose={closeDialog}
            />
          )}
          {dialog.kind === 'value' && <KeyValue created={dialog.created} onClose={closeDialog} />}
        </Dialog>
      )}
      <div role="status">
        {confirmation && (
          <Toast
            action={
              confirmation.action === 'revoked' && (
                <Button
                  onClick={() => {
                    void setRevoked(confirmation.key, 'restored');
                    focusRow(confirmation.key);
                  }}
                >
                  Undo
                </Button>
              )
            }
            onDismiss={() => {
              setConfirmation(null);
              focusRow(confirmation.key);
            }}
          >
            {confirmation.key.name} was {confirmation.action}.
          </Toast>
        )}
      </div>
    </>
  );
}
