import { createRandom, shuffle } from '../random.ts';

/**
 * Returns the order of the arms in each block. Every second block repeats the order before it in reverse (A B C, C B A), so that
 * a linear drift of the machine affects all arms alike. The seed determines the order of the first block of each pair.
 */
export function orderBlocks<Each>(arms: readonly Each[], blocks: number, seed: number): Each[][] {
  const random = createRandom(seed);
  const orders: Each[][] = [];
  for (let block = 0; block < blocks; block += 1)
    orders.push(block % 2 === 0 ? shuffle(arms, random) : (orders[block - 1] ?? []).toReversed());
  return orders;
}
