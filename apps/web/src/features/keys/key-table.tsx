import { type ApiKey, type Caller, isEnvironmentKey } from '@prodigon/contracts';
import { clsx } from 'clsx';
import { Ban, CircleCheck, CirclePause, Pencil, RotateCw, TimerOff, Undo2 } from 'lucide-react';
import { IconButton } from '../../design/button.tsx';
import { Spending } from './budget-bars.tsx';
import { limitLabels } from './key-budgets.ts';
import { type KeyRights, keyRights } from './key-rights.ts';
import {
  expiryLabel,
  formatMinute,
  hasNamesake,
  isRestorable,
  KEY_STATE_LABELS,
  type KeyState,
  keyState,
  lastUsedLabel,
  parentName,
} from './key-status.ts';

export interface KeyActions {
  onEdit: (key: ApiKey) => void;
  onRotate: (key: ApiKey) => void;
  onRevoke: (key: ApiKey) => void;
  onRestore: (key: ApiKey) => void;
}

interface KeyTableProps extends KeyActions {
  shown: readonly ApiKey[];
  /** All keys, among them the parents of those shown. */
  keys: readonly ApiKey[];
  caller: Caller;
  now: number;
}

/** The row of a key, which takes the focus when the button that had it disappears. */
export const rowIdOf = (keyId: string) => `key-${keyId}`;

export function KeyTable({ shown, keys, caller, now, ...actions }: KeyTableProps) {
  return (
    <table className="w-full table-fixed">
      <thead className="text-left text-sm text-text-2">
        <tr className="border-b border-border">
          <th scope="col" className="py-2 pr-4 pl-5 font-medium">
            Key
          </th>
          <th scope="col" className="w-[19%] py-2 pr-4 font-medium max-lg:hidden">
            Use and expiry
          </th>
          <th scope="col" className="w-[21%] py-2 pr-4 font-medium max-lg:hidden">
            Limits
          </th>
          <th scope="col" className="w-[24%] py-2 pr-4 font-medium max-sm:hidden">
            Spending
          </th>
          <th scope="col" className="w-30 py-2 pr-3 font-medium">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-border">
        {shown.map((key) => (
          <KeyRow
            key={key.id}
            apiKey={key}
            state={keyState(key, keys, now)}
            parent={parentName(key, keys)}
            isAmbiguous={hasNamesake(key, shown)}
            caller={caller}
            now={now}
            {...actions}
          />
        ))}
      </tbody>
    </table>
  );
}

interface KeyRowProps extends KeyActions {
  apiKey: ApiKey;
  state: KeyState;
  parent: string | null;
  /** Whether another row has the same name and owner. */
  isAmbiguous: boolean;
  caller: Caller;
  now: number;
}

function KeyRow({ apiKey, state, parent, isAmbiguous, caller, now, ...actions }: KeyRowProps) {
  const { id, name, owner, role } = apiKey;
  return (
    <tr id={rowIdOf(id)} tabIndex={-1} data-key={name} data-state={state} className="align-top text-sm">
      <th scope="row" className="py-3 pr-4 pl-5 text-left font-normal">
        <span className="block text-base font-semibold wrap-anywhere">
          {name}
          {caller.key?.id === id && <span className="ml-2 text-sm font-normal text-text-2">this browser</span>}
        </span>
        <span className="block text-text-2 wrap-anywhere">
          {owner} · {role}
        </span>
        {isAmbiguous && <span className="block text-text-2 wrap-anywhere">{id}</span>}
        <StateBadge state={state} isFixed={isEnvironmentKey(apiKey.id)} />
        <div className="mt-2 flex flex-col gap-2 sm:hidden">
          <Spending apiKey={apiKey} />
        </div>
        <div className="mt-2 flex flex-col gap-2 lg:hidden">
          <Dates apiKey={apiKey} now={now} />
          <Limits apiKey={apiKey} parent={parent} />
        </div>
      </th>
      <td className="py-3 pr-4 max-lg:hidden">
        <Dates apiKey={apiKey} now={now} />
      </td>
      <td className="py-3 pr-4 max-lg:hidden">
        <Limits apiKey={apiKey} parent={parent} />
      </td>
      <td className="py-3 pr-4 max-sm:hidden">
        <Spending apiKey={apiKey} />
      </td>
      <td className="py-2 pr-3">
        <RowActions apiKey={apiKey} rights={keyRights(apiKey, caller)} now={now} {...actions} />
      </td>
    </tr>
  );
}

const STATES = {
  active: { Icon: CircleCheck, color: 'text-ok' },
  expired: { Icon: TimerOff, color: 'text-warn' },
  revoked: { Icon: Ban, color: 'text-text-2' },
  suspended: { Icon: CirclePause, color: 'text-warn' },
};

function StateBadge({ state, isFixed }: { state: KeyState; isFixed: boolean }) {
  const { Icon, color } = STATES[state];
  return (
    <>
      <span className={clsx('mt-1 inline-flex items-center gap-1.5 font-medium', color)}>
        <Icon aria-hidden size={15} className="shrink-0" /> {KEY_STATE_LABELS[state]}
      </span>
      {state === 'suspended' && <span className="block text-text-2">The key that created it is not valid</span>}
      {isFixed && <span className="block text-text-2">Set in API_KEYS, fixed</span>}
    </>
  );
}

function Dates({ apiKey, now }: { apiKey: ApiKey; now: number }) {
  const { last_used_at, expires_at, previous_expires_at } = apiKey;
  const hasPrevious = previous_expires_at !== null && Date.parse(previous_expires_at) > now;
  // A key of API_KEYS does not expire, and its last use is not recorded.
  if (isEnvironmentKey(apiKey.id)) return null;
  return (
    <div className="tabular text-text-2">
      <p title={last_used_at === null ? undefined : formatMinute(last_used_at)}>{lastUsedLabel(apiKey, now)}</p>
      <p title={expires_at === null ? undefined : formatMinute(expires_at)}>{expiryLabel(apiKey, now)}</p>
      {hasPrevious && <p>Previous value valid until {formatMinute(previous_expires_at)}</p>}
    </div>
  );
}

const MODELS_SHOWN_MAX = 3;

function Limits({ apiKey: { limits, models }, parent }: { apiKey: ApiKey; parent: string | null }) {
  const labels = limitLabels(limits);
  const shown = models?.slice(0, MODELS_SHOWN_MAX) ?? [];
  const hidden = (models?.length ?? 0) - shown.length;
  return (
    <ul className="tabular text-text-2">
      {labels.length === 0 && parent === null && <li>Platform limits</li>}
      {labels.map((label) => (
        <li key={label}>{label}</li>
      ))}
      {parent !== null && <li className="wrap-anywhere">Limits and budget of {parent}</li>}
      <li className="wrap-anywhere" title={models?.join(', ')}>
        {models === null ? 'All models' : `Only ${shown.join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`}
      </li>
    </ul>
  );
}

interface RowActionsProps extends KeyActions {
  apiKey: ApiKey;
  rights: KeyRights;
  now: number;
}

function RowActions({ apiKey, rights, now, onEdit, onRotate, onRevoke, onRestore }: RowActionsProps) {
  const { name, revoked_at } = apiKey;
  const isRevoked = revoked_at !== null;
  if (isRevoked && !isRestorable(apiKey, now)) return null;
  return (
    <div className="flex justify-end">
      {!isRevoked && rights.canEdit && (
        <IconButton label={`Edit ${name}`} onClick={() => onEdit(apiKey)}>
          <Pencil aria-hidden size={16} />
        </IconButton>
      )}
      {!isRevoked && rights.canRotate && (
        <IconButton label={`Rotate ${name}`} onClick={() => onRotate(apiKey)}>
          <RotateCw aria-hidden size={16} />
        </IconButton>
      )}
      {/* One button for both, so that it keeps the focus when its meaning changes. */}
      {rights.canRevoke && (
        <IconButton
          label={`${isRevoked ? 'Restore' : 'Revoke'} ${name}`}
          onClick={() => (isRevoked ? onRestore : onRevoke)(apiKey)}
        >
          {isRevoked ? <Undo2 aria-hidden size={16} /> : <Ban aria-hidden size={16} />}
        </IconButton>
      )}
    </div>
  );
}
