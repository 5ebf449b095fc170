import { FAULTS, matrixOf } from '@prodigon/testing';
import { REMOTE_TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { describeProviderFailures, REPRESENTATIVE_FAULTS } from './provider-failures.test-support.ts';

const faults = matrixOf(Object.keys(FAULTS), (model) => REPRESENTATIVE_FAULTS.has(model));

for (const topology of REMOTE_TOPOLOGIES) describeProviderFailures(topology, (model) => faults.includes(model));
