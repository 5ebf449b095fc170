/** Preloaded with `--expose-gc`, makes a process report its memory on SIGUSR2. */
process.on('SIGUSR2', () => {
  // The second collection frees objects that finalizers released after the first one.
  for (let round = 0; round < 2; round += 1) (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`\nuses ${heapUsed + external} bytes\n`);
});
