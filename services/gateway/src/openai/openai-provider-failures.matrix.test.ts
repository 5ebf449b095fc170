import { REMOTE_TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { REPRESENTATIVE_FAULTS } from '../generation/provider-failures.test-support.ts';
import { describeOpenAiProviderFailures } from './openai-provider-failures.test-support.ts';

for (const topology of REMOTE_TOPOLOGIES) {
  describeOpenAiProviderFailures(topology, (model) => !REPRESENTATIVE_FAULTS.has(model));
}
