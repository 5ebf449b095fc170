import { setFlagsFromString } from 'node:v8';

// Loaded before the program. Optimised code is listed at each shape of object that it relies on, in the heap: in a
// quarter of an hour that grows by some hundred kilobytes, for hours, and would pass for a leak.
for (const compiler of ['turbofan', 'maglev']) setFlagsFromString(`--no-${compiler}`);
