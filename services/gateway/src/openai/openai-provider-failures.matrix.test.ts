import { FAULTS, matrixOf } from '@prodigon/testing';
import { REMOTE_TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { REPRESENTATIVE_FAULTS } from '../generation/provider-failures.test-support.ts';
import { describeOpenAiProviderFailures } from './openai-provider-failures.test-support.ts';

const faults = matrixOf(Object.keys(FAULTS), (model) => REPRESENTATIVE_FAULTS.has(model));

for (const topology of REMOTE_TOPOLOGIES) describeOpenAiProviderFailures(topology, (model) => faults.includes(model));
