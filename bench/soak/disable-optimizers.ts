import { setFlagsFromString } from 'node:v8';

// Loaded before the program. V8 keeps lists in the heap that link optimized code to object shapes. They grow by some
// hundred kilobytes in a quarter of an hour, for hours, and would pass for a leak.
for (const compiler of ['turbofan', 'maglev']) setFlagsFromString(`--no-${compiler}`);
