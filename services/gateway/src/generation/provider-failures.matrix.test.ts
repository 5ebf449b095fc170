import { REMOTE_TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { describeProviderFailures, REPRESENTATIVE_FAULTS } from './provider-failures.test-support.ts';

for (const topology of REMOTE_TOPOLOGIES) describeProviderFailures(topology, (model) => !REPRESENTATIVE_FAULTS.has(model));
