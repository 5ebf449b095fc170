import { matrixOf } from '@prodigon/testing';
import { describeParity, OUTCOMES } from './openai-parity.test-support.ts';

const names = matrixOf(Object.keys(OUTCOMES), (name) => name === 'a refusal');

describeParity('over HTTP/2', names);
describeParity('over HTTP/1.1', names);
