import type { Door } from './worker.js';

/** The worker's first word. */
export const READY = 'ready';

export interface Call {
  readonly id: number;
  readonly name: keyof Door;
  readonly given: readonly unknown[];
}

export type Answer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly reason: string };
