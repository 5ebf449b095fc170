import { fileURLToPath } from 'node:url';
import type { ThrownValue } from './learner-messages.ts';

export interface LearnerFolder {
  readonly path: string;
  /** The name of the folder in messages, e.g. `my/01`. */
  readonly label: string;
}

const STACK_FILE = /(file:\/\/[^\s()]+?|\/[^\s():]+):(\d+)(?::\d+)?/g;

/** Returns the first place of a stack trace in the learner's folder, e.g. `my/01/inference-client.ts:12`. */
export function findLearnerLine(stack: string, folder: LearnerFolder): string | null {
  for (const [, file = '', line] of stack.matchAll(STACK_FILE)) {
    const path = toPath(file);
    if (path?.startsWith(`${folder.path}/`)) return `${folder.label}${path.slice(folder.path.length)}:${line}`;
  }
  return null;
}

function toPath(file: string): string | null {
  if (!file.startsWith('file:')) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return null;
  }
}

/** Returns the value that the learner's code threw, with its place, e.g. `TypeError: x is undefined (my/01/a.ts:3)`. */
export function describeThrownValue(thrown: ThrownValue, folder: LearnerFolder): string {
  const message = shortenPaths(thrown.message, folder);
  if (!thrown.isError) return `the value ${message}, which is not an Error`;
  const place = findLearnerLine(thrown.stack, folder);
  return `${thrown.name}: ${message}${place ? ` (${place})` : ''}`;
}

export function shortenPaths(text: string, folder: LearnerFolder): string {
  return text.replaceAll(`file://${folder.path}`, folder.label).replaceAll(folder.path, folder.label);
}
