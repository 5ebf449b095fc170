import { AppError, type ErrorCode } from '@prodigon/contracts';
import { z } from 'zod';

const uuidSchema = z.uuid();
const idParameter = (description: string) => z.string().meta({ format: 'uuid', description });

export const conversationParamsSchema = z.object({ sessionId: idParameter('Id of the conversation') });
export const messageParamsSchema = conversationParamsSchema.extend({ messageId: idParameter('Id of the message') });

/** Returns an id in lower case. Throws the code for anything that is not a UUID, as for an object that does not exist. */
export function uuidOf(text: string, code: ErrorCode = 'NOT_FOUND'): string {
  const parsed = uuidSchema.safeParse(text);
  if (!parsed.success) throw new AppError(code);
  return parsed.data.toLowerCase();
}

export const conversationIdOf = ({ sessionId }: { sessionId: string }): string => uuidOf(sessionId, 'CONVERSATION_NOT_FOUND');
