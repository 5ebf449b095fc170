import type { ErrorCode } from '@prodigon/contracts';
import type { Failure } from './answer.ts';

const TITLES: Partial<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'An API key is needed',
  UNKNOWN_MODEL: 'No such model',
  VALIDATION_ERROR: 'The question was not accepted',
  PAYLOAD_TOO_LARGE: 'The conversation is too large',
  RATE_LIMITED: 'Too many requests just now',
  INFERENCE_ERROR: 'The model provider failed',
  SERVICE_UNAVAILABLE: 'No answer can be had just now',
  DEADLINE_EXCEEDED: 'The answer took too long',
};

export interface FailureWords {
  title: string;
  detail: string;
}

/** Failures that a code alone tells too little about, known by what the platform says of them. */
const KNOWN: readonly { code: ErrorCode; message: RegExp; words: FailureWords }[] = [
  {
    code: 'INFERENCE_ERROR',
    message: /refused the platform.s key/,
    words: {
      title: 'The model provider refused the platform’s key',
      detail:
        'Asking again will not help. Whoever runs this platform has to check the provider’s key in the file .env and start it again. Until then, choose a model of another provider.',
    },
  },
  {
    code: 'SERVICE_UNAVAILABLE',
    message: /failed several times in a row/,
    words: {
      title: 'This model has failed too often just now',
      detail: 'It failed several times in a row, so it is left alone for a moment. You can choose another model meanwhile.',
    },
  },
];

/** A failure in plain words: what happened, and what can be done about it or what the platform said. */
export function wordsFor({ code, message, retryAfterSeconds }: Failure): FailureWords {
  const known = KNOWN.find((each) => each.code === code && each.message.test(message))?.words;
  const { title, detail } = known ?? { title: TITLES[code] ?? 'The answer failed', detail: message };
  if (!retryAfterSeconds) return { title, detail };
  return { title, detail: `${detail.replace(/ Try again.*$/, '')} Try again in ${Math.ceil(retryAfterSeconds)} s.` };
}

/** Whether asking the same again may help. */
export function mayRetry({ code, retryable }: Failure): boolean {
  return retryable || code === 'UNAUTHENTICATED';
}
