/** Published sizes of the consent log are multiples of this, so that they do not count. */
export const PUBLISHED_STEP = 64n;

/** Until a charter says otherwise. */
export const DEFAULT_DELAY_SECONDS = 3600;

const SPREAD = 0.2;

export interface PublicationState {
  /** Leaves since the last publication that are not pads. */
  readonly unpublished: bigint;
  readonly registrySize: bigint;
  readonly anchoredSize: bigint | null;
  readonly secondsSince: number;
  readonly delaySeconds: number;
  /** 0 to 1, drawn at the last publication. */
  readonly jitter: number;
}

/**
 * Whether the consent log publishes now: there is something new, and the delay, give or take a fifth, is
 * over.
 */
export function isDue(state: PublicationState): boolean {
  const hasNews = state.unpublished > 0n || state.registrySize !== state.anchoredSize;
  const delay = state.delaySeconds * (1 - SPREAD + 2 * SPREAD * state.jitter);
  return hasNews && state.secondsSince >= delay;
}

/** Pads that a publication needs before its last leaf, an anchor, so that the size is a multiple of 64. */
export function padsToPublish(size: bigint): number {
  return Number((PUBLISHED_STEP - ((size + 1n) % PUBLISHED_STEP)) % PUBLISHED_STEP);
}
