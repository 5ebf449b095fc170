import { createStack } from '@prodigon/stack';

/** Runs the stack in the folder `LAB_TEST_FOLDER` as `prodigon start` does. */
const stack = createStack({
  ...{ topology: 'monolith', rootDirectory: process.env.LAB_TEST_FOLDER ?? '', env: process.env, fromSource: true },
  // Tests must not create users.
  findServiceUser: () => ({ user: null }),
});
await stack.start();
