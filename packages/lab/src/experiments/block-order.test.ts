import { expect, it } from 'vitest';
import { orderBlocks } from './block-order.ts';

const ARMS = ['a', 'b', 'c'];

it('measures each arm once in each block', () => {
  for (const order of orderBlocks(ARMS, 9, 1)) expect(order.toSorted()).toEqual(ARMS);
});

it('reverses every second order, so that each pair of blocks balances a drift', () => {
  const orders = orderBlocks(ARMS, 10, 3);
  for (let block = 1; block < 10; block += 2) expect(orders[block]).toEqual(orders[block - 1]?.toReversed());
});

it('repeats the orders with the same seed, and starts with different arms', () => {
  expect(orderBlocks(ARMS, 20, 5)).toEqual(orderBlocks(ARMS, 20, 5));
  expect(orderBlocks(ARMS, 20, 5)).not.toEqual(orderBlocks(ARMS, 20, 6));
  expect(new Set(orderBlocks(ARMS, 20, 5).map(([first]) => first)).size).toBe(3);
});
