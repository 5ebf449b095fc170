import { AppError, type ProviderChange, type ProviderList, type ProviderState } from '@prodigon/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { refetchModels, useModels } from '../../api/models-query.ts';
import { providersQuery } from '../../api/providers-query.ts';
import { toAppError } from '../../api/query-client.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { ConfirmDialog } from '../../design/dialog.tsx';
import { Notice } from '../../design/notice.tsx';
import { Panel } from '../../design/page.tsx';
import { providerTitle } from '../models/provider-title.ts';
import { ProviderForm } from './provider-form.tsx';
import { providerStatus } from './provider-labels.ts';

/** Longer than the gateway's test of a provider. */
const SAVE_TIMEOUT_MS = 40_000;

/** The providers of the platform and, for clients on its machine, forms for their keys and addresses. */
export function ProvidersTab() {
  const queryClient = useQueryClient();
  const { data, error } = useQuery(providersQuery);
  const [openName, setOpenName] = useState<string | null>(null);
  const [saved, setSaved] = useState<string | null>(null);

  async function change(request: (signal: AbortSignal) => Promise<ProviderList>): Promise<void> {
    setSaved(null);
    try {
      queryClient.setQueryData(providersQuery.queryKey, await request(AbortSignal.timeout(SAVE_TIMEOUT_MS)));
    } catch (thrown) {
      throw toAppError(thrown, SAVE_TIMEOUT_MS);
    }
    setOpenName(null);
    refetchModels();
  }

  if (!data) {
    if (!error) return <p className="text-text-2">Loading…</p>;
    return (
      <Notice severity="bad" title="Could not load providers">
        {AppError.from(error).message}
      </Notice>
    );
  }
  return (
    <>
      {data.locked !== null && (
        <Notice severity="info" title="Providers cannot be changed here">
          {data.locked}
        </Notice>
      )}
      {saved !== null && <SavedNotice provider={saved} />}
      <Panel title="Providers">
        <ul className="divide-y divide-border">
          {data.providers.map((provider) => (
            <ProviderRow
              key={provider.name}
              provider={provider}
              isLocked={data.locked !== null}
              isOpen={provider.name === openName}
              onOpen={() => setOpenName(provider.name)}
              onClose={() => setOpenName(null)}
              onSave={async (settings) => {
                await change((signal) => api.saveProvider(provider.name, settings, signal));
                setSaved(provider.name);
              }}
              onRemove={() => change((signal) => api.removeProvider(provider.name, signal))}
            />
          ))}
        </ul>
        {data.locked === null && (
          <p className="border-t border-border px-5 py-3 text-sm text-text-2">
            The platform stores keys in its data folder, in files that only their owner can read, and never shows them again.
          </p>
        )}
      </Panel>
    </>
  );
}

function SavedNotice({ provider }: { provider: string }) {
  const { list } = useModels();
  return (
    <div role="status">
      <Notice
        severity="info"
        title={`${providerTitle(provider)} is ready`}
        actions={
          <ButtonLink href="/chat" variant="primary">
            Start a chat
          </ButtonLink>
        }
      >
        {list?.default_model ? `The default model is ${list.default_model}.` : 'Its models are available now.'}
      </Notice>
    </div>
  );
}

interface ProviderRowProps {
  provider: ProviderState;
  isLocked: boolean;
  isOpen: boolean;
  onOpen: () => void;
  onClose: () => void;
  onSave: (change: ProviderChange) => Promise<void>;
  onRemove: () => Promise<void>;
}

function ProviderRow({ provider, isLocked, isOpen, onOpen, onClose, onSave, onRemove }: ProviderRowProps) {
  const { name, source, has_key } = provider;
  const title = providerTitle(name);
  const [isConfirming, setConfirming] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const remove = () => {
    setFailure(null);
    onRemove().catch((thrown: unknown) => setFailure(AppError.from(thrown).message));
  };
  const canChange = !isLocked && source !== 'environment' && !isOpen;
  return (
    <li data-provider={name} className="px-5 py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h3 className="font-semibold">{title}</h3>
          <p className="text-sm text-text-2 wrap-anywhere">{providerStatus(provider)}</p>
        </div>
        {canChange && (
          <div className="flex gap-2">
            {source === 'stored' && (
              <Button variant="quiet" aria-label={`Remove ${title}`} onClick={() => setConfirming(true)}>
                Remove
              </Button>
            )}
            <Button aria-label={`${source === 'stored' ? 'Change' : 'Set up'} ${title}`} onClick={onOpen}>
              {source === 'stored' ? 'Change' : 'Set up'}
            </Button>
          </div>
        )}
      </div>
      {failure !== null && (
        <p role="alert" className="mt-2 text-sm text-bad">
          {failure}
        </p>
      )}
      {isConfirming && (
        <ConfirmDialog
          title={`Remove ${title}?`}
          action={`Remove ${title}`}
          onConfirm={remove}
          onClose={() => setConfirming(false)}
        >
          {has_key
            ? 'The platform deletes the key and cannot show it again. Chats and jobs can no longer use these models.'
            : 'Chats and jobs can no longer use these models.'}
        </ConfirmDialog>
      )}
      {isOpen && <ProviderForm provider={provider} onSave={onSave} onCancel={onClose} />}
    </li>
  );
}
