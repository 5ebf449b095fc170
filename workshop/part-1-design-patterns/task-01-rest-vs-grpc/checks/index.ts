import type { Check } from '@prodigon/lab/exercise';
import { CANCELLATION_CHECKS } from './cancellation.ts';
import { CHANNEL_CHECKS } from './channels.ts';
import { DEADLINE_CHECKS } from './deadlines.ts';
import { ERROR_CHECKS } from './errors.ts';
import { REPLICA_CHECKS } from './replicas.ts';
import { VALUE_CHECKS } from './values.ts';

const checks: readonly Check[] = [
  ...VALUE_CHECKS,
  ...CHANNEL_CHECKS,
  ...DEADLINE_CHECKS,
  ...ERROR_CHECKS,
  ...CANCELLATION_CHECKS,
  ...REPLICA_CHECKS,
];
export default checks;
