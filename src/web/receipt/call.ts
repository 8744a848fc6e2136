/** The worker's first word. */
export const READY = 'ready';

/** What the page asks of the worker. */
export interface Call {
  readonly id: number;
  readonly name: string;
  readonly given: readonly unknown[];
}

/** What it answers: a value, or why not. */
export type Answer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly reason: string };
