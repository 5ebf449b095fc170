import { config } from 'zod';

/**
 * Zod probes for `eval`, which the content security policy blocks and reports. Import this module first,
 * because schemas read the setting when they are created.
 */
config({ jitless: true });
