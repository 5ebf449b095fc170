import type { SystemOverview } from '@prodigon/contracts';
import type { ReactNode } from 'react';
import { classes } from '../../design/classes.ts';

const TOPOLOGIES: Record<SystemOverview['topology'], string> = {
  monolith: 'One process',
  services: 'A process per service',
};

/** The facts of the whole system. Greyed when they are old, never zeroed. */
export function SystemFacts({ overview, isStale }: { overview: SystemOverview; isStale: boolean }) {
  const { active, max } = overview.streams;
  return (
    <dl className={classes('grid gap-3 sm:grid-cols-3', isStale && 'text-text-3')}>
      <Fact label="Active streams" note={`of ${max.toLocaleString('en')} at most`}>
        <span className="tabular">{active.toLocaleString('en')}</span>
        <span aria-hidden="true" className="mt-2 mb-1 block h-1.5 overflow-hidden rounded-full bg-surface-2">
          <span className="block h-full rounded-full bg-accent-fill" style={{ width: `${(active / max) * 100}%` }} />
        </span>
      </Fact>
      <Fact label="Topology" note={`${overview.environment}, Node ${overview.node_version.replace(/^v/, '')}`}>
        {TOPOLOGIES[overview.topology]}
      </Fact>
      <Fact label="Default model" note={`Prodigon ${overview.version}`}>
        {overview.default_model ?? 'none available'}
      </Fact>
    </dl>
  );
}

function Fact({ label, note, children }: { label: string; note: string; children: ReactNode }) {
  return (
    <div className="flex flex-col rounded-md border border-border p-5">
      <dt className="text-sm text-text-2">{label}</dt>
      <dd className="mt-1 text-xl font-semibold tracking-tight wrap-anywhere">{children}</dd>
      <dd className="tabular mt-auto pt-2 text-sm text-text-3">{note}</dd>
    </div>
  );
}
