import type { ExportedMessage } from './active-path.ts';

const LABELS = { user: 'Question', assistant: 'Response', system: 'System', tool: 'Tool' } as const;
const STATUS_LABELS = {
  streaming: 'in progress',
  done: '',
  stopped: 'stopped',
  interrupted: 'interrupted',
  failed: 'failed',
} as const;

type DescribedMessage = Pick<ExportedMessage, 'role' | 'model' | 'status' | 'created_at'>;

/** Returns the heading of a message in a document, and its time in UTC, model and status. */
export function describeMessage({ role, model, status, created_at }: DescribedMessage): { label: string; details: string[] } {
  const time = `${created_at.slice(0, 16).replace('T', ' ')} UTC`;
  return { label: LABELS[role], details: [time, model ?? '', STATUS_LABELS[status]].filter((detail) => detail !== '') };
}
