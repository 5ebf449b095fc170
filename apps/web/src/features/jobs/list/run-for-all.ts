import { AppError } from '@prodigon/contracts';

const AT_ONCE = 4;

/** Does something with each target, a few at a time, and tells where it did not work. */
export async function runForAll<Target>(
  targets: readonly Target[],
  action: (target: Target) => Promise<unknown>,
): Promise<{ target: Target; error: AppError }[]> {
  const failures: { target: Target; error: AppError }[] = [];
  const queue = [...targets];
  const work = async () => {
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      try {
        await action(target);
      } catch (thrown) {
        failures.push({ target, error: AppError.from(thrown) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}
