import type { HostName, PlatformHostName } from './platform-hosts.ts';

export type FailureCase =
  | { readonly kind: 'link'; readonly between: readonly [HostName, HostName] }
  | { readonly kind: 'host'; readonly host: PlatformHostName };

const GATEWAYS = ['gateway-1', 'gateway-2'] as const;
const MODELS = ['model-1', 'model-2'] as const;
const WORKERS = ['worker-1', 'worker-2', 'worker-3'] as const;

const pairsOf = (ones: readonly HostName[], others: readonly HostName[]): FailureCase[] =>
  ones.flatMap((one) => others.map((other) => ({ kind: 'link', between: [one, other] }) as const));

/** Every link between two hosts that communicate, and every host. */
export const FAILURE_CASES: readonly FailureCase[] = [
  ...pairsOf(['client'], GATEWAYS),
  ...pairsOf(GATEWAYS, MODELS),
  ...pairsOf(GATEWAYS, WORKERS),
  ...pairsOf(['gateway-1'], ['gateway-2']),
  ...pairsOf(WORKERS, MODELS),
  ...pairsOf(WORKERS, ['postgres']),
  ...pairsOf(MODELS, ['postgres']),
  ...pairsOf(MODELS, ['provider']),
  ...[...GATEWAYS, ...MODELS, ...WORKERS, 'postgres' as const].map((host) => ({ kind: 'host', host }) as const),
];

/** The cases that `npm run test:deploy` runs by default: the platform can detect these failures only by silence. */
export const REPRESENTATIVE_CASES: readonly string[] = [
  'link gateway-1 – model-1',
  'link worker-1 – postgres',
  'host worker-1',
  'host postgres',
];

/** E.g. `link gateway-1 – model-1` or `host worker-2`. */
export const titleOf = (failure: FailureCase): string =>
  failure.kind === 'host' ? `host ${failure.host}` : `link ${failure.between.join(' – ')}`;
