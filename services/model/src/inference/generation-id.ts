import { z } from 'zod';

/** The id of a generation, which becomes the prefix of frame ids. */
export const generationIdSchema = z.string().min(1).max(128);
