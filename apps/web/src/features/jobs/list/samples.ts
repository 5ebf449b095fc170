import type { CreateJobRequestInput } from '@prodigon/contracts';

const SUBJECTS = [
  'a message queue',
  'a lease',
  'idempotency',
  'backpressure',
  'a circuit breaker',
  'a fencing token',
  'a heartbeat',
  'a dead letter queue',
  'load shedding',
  'a write-ahead log',
  'eventual consistency',
  'a health check',
];
const QUESTIONS = [
  'What is %?',
  'When does % help?',
  'What does % cost?',
  'What goes wrong without %?',
  'What goes wrong with %?',
  'How would you test %?',
  'How would you measure %?',
  'Explain % to a new colleague.',
];

/** A batch that runs at once, offline, and a few seconds long: enough to be watched. */
export const SAMPLE_JOB: CreateJobRequestInput = {
  name: 'Sample: words of distributed systems',
  model: 'prodigon-sim?ttft_ms=300&tokens_per_s=60&tokens=40',
  prompts: QUESTIONS.flatMap((question) => SUBJECTS.map((subject) => question.replace('%', subject))),
};
