import { describeParity, OUTCOMES } from './openai-parity.test-support.ts';

describeParity('in one process', Object.keys(OUTCOMES));
describeParity('over HTTP/2', ['a long text', 'a refusal', 'annotations', 'log probabilities', 'parallel calls']);
