import { AppError, type ErrorCode } from '@prodigon/contracts';
import { z } from 'zod';

const uuidSchema = z.uuid();
const idParameter = (description: string) => z.string().meta({ format: 'uuid', description });

export const conversationParamsSchema = z.object({ id: idParameter('Id of the conversation') });
export const messageParamsSchema = conversationParamsSchema.extend({ messageId: idParameter('Id of the message') });

/** Returns an id in lower case. Throws the code for anything that is not a UUID, as for an object that does not exist. */
export function uuidOf(text: string, code: ErrorCode = 'NOT_FOUND'): string {
  const parsed = uuidSchema.safeParse(text);
  if (!parsed.success) throw new AppError(code);
  return parsed.data.toLowerCase();
}

export const conversationIdOf = ({ id }: { id: string }): string => uuidOf(id, 'CONVERSATION_NOT_FOUND');
