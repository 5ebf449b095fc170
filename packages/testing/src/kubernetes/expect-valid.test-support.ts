import { expect } from 'vitest';
import type { KubernetesObject } from './kubernetes-objects.ts';

/** Expects that objects match the JSON schemas of their kinds. */
export async function expectValid(objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) {
    const models = await import(/* @vite-ignore */ `kubernetes-models/${object.apiVersion}/${object.kind}`);
    expect(() => new models[object.kind](object).validate(), `${object.kind} ${object.metadata.name}`).not.toThrow();
  }
}
