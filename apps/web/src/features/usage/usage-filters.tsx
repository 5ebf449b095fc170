import { ALL_OWNERS } from '@prodigon/contracts';
import { useQuery } from '@tanstack/react-query';
import { callerQuery, keysQuery } from '../../api/keys-api.ts';

interface FilterSelectProps {
  label: string;
  /** The label of the option that does not restrict anything. */
  all: string;
  options: readonly { id: string; label: string }[];
  /** Null for everything. */
  value: string | null;
  onChange: (value: string | null) => void;
}

/** A filter, unless there is only one thing to choose. */
export function FilterSelect({ label, all, options, value, onChange }: FilterSelectProps) {
  if (options.length < 2 && value === null) return null;
  // What has no usage in this period stays selected.
  const shown = value === null || options.some(({ id }) => id === value) ? options : [...options, { id: value, label: value }];
  return (
    <select
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || null)}
      className="field w-auto max-w-56 text-sm"
    >
      <option value="">{all}</option>
      {shown.map((option) => (
        <option key={option.id} value={option.id}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

interface OwnerFilterProps {
  /** Null for the owner of this browser tab. */
  owner: string | null;
  onOwner: (owner: string | null) => void;
}

/** Returns the caller and, for admins, the other owners with keys. */
export function useOwners() {
  const { data: caller } = useQuery(callerQuery);
  const isAdmin = caller?.role === 'admin';
  const { data: list } = useQuery({ ...keysQuery, enabled: isAdmin });
  const owners = isAdmin ? list?.keys.map((key) => key.owner) : [];
  return { caller, others: [...new Set(owners)].filter((name) => name !== caller?.owner).sort() };
}

/** Lets admins see the usage of other owners, as far as they have keys. */
export function OwnerFilter({ owner, onOwner }: OwnerFilterProps) {
  const { caller, others } = useOwners();
  if (caller?.role !== 'admin' || (others.length === 0 && owner === null)) return null;
  const options = [{ id: ALL_OWNERS, label: 'All owners' }, ...others.map((name) => ({ id: name, label: name }))];
  return <FilterSelect label="Owner" all={`${caller.owner} (you)`} options={options} value={owner} onChange={onOwner} />;
}
