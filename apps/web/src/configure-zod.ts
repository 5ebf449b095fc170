import { config } from 'zod';

/**
 * The content security policy forbids `eval`, and zod would try it once to see. Imported before
 * everything else, since schemas look at this when they are made.
 */
config({ jitless: true });
