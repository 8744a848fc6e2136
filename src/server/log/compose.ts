import { anchorLeaf, padLeaf, padOpening } from '../../protocol/log/leaves.js';
import { arrange, randomPads, type PendingLeaf } from './batch.js';
import { entriesOf, type Head, type Heads } from './heads.js';
import { padsToPublish } from './publication.js';

export interface PadMaterial {
  /** Yearless name of the consent log. */
  readonly name: string;
  readonly seed: Uint8Array;
}

export interface BatchPlan {
  readonly heads: Pick<Heads, 'consent' | 'registry'>;
  readonly pending: readonly PendingLeaf[];
  /** Nothing that was committed before the registry was read is left in the outbox. */
  readonly isDrained: boolean;
  readonly isPublishing: boolean;
}

export interface Batch {
  readonly leaves: readonly Uint8Array[];
  readonly positions: readonly { readonly id: string; readonly index: bigint }[];
  readonly anchoredSize: bigint | null;
  /** Leaves that are not pads. */
  readonly news: bigint;
}

/**
 * Whether an anchor may stand after this batch: a revoked key's statements that were accepted before its
 * revocation must stand before the anchor that shows it (docs/protocol/log.md, *When a statement is valid*),
 * so not while some of them are in the outbox.
 */
export function mayAnchor(
  { consent, registry }: Pick<Heads, 'consent' | 'registry'>,
  isDrained: boolean,
): boolean {
  return isDrained || !isRevocationNew(consent, registry);
}

function isRevocationNew(consent: Head, registry: Head): boolean {
  return (registry.revokedSize ?? 0n) > (consent.anchoredSize ?? 0n);
}

/**
 * Leaves of one batch of the consent log: the first leaf of all is an anchor; statements shuffled with a few
 * pads; an anchor at once when the registry has a new revocation; and for a publication pads and an anchor up
 * to a multiple of 64.
 */
export function composeBatch(plan: BatchPlan, material: PadMaterial): Batch {
  const { consent, registry } = plan.heads;
  const builder = new BatchBuilder(consent, material);
  if (consent.size === 0n) builder.anchor(registry);
  for (const slot of arrange(plan.pending, plan.pending.length > 0 ? randomPads() : 0)) builder.add(slot);
  if (plan.isPublishing) builder.padForPublication();
  const isRevoking = isRevocationNew(consent, registry) && plan.isDrained && consent.size > 0n;
  if (plan.isPublishing || isRevoking) builder.anchor(registry);
  return builder.batch();
}

class BatchBuilder {
  private readonly leaves: Uint8Array[] = [];
  private readonly positions: Batch['positions'][number][] = [];
  private anchoredSize: bigint | null;
  private news = 0n;

  constructor(
    private readonly head: Head,
    private readonly material: PadMaterial,
  ) {
    this.anchoredSize = head.anchoredSize;
  }

  add(slot: PendingLeaf | null): void {
    if (!slot) {
      this.pad();
      return;
    }
    this.positions.push({ id: slot.id, index: this.next() });
    this.leaves.push(slot.leaf);
    this.news++;
  }

  anchor(registry: Head): void {
    this.leaves.push(anchorLeaf(registry.root));
    this.anchoredSize = entriesOf(registry);
    this.news++;
  }

  padForPublication(): void {
    for (let pads = padsToPublish(this.next()); pads > 0; pads--) this.pad();
  }

  batch(): Batch {
    return {
      leaves: this.leaves,
      positions: this.positions,
      anchoredSize: this.anchoredSize,
      news: this.news,
    };
  }

  private pad(): void {
    this.leaves.push(padLeaf(this.material.name, padOpening(this.material.seed, this.next())));
  }

  private next(): bigint {
    return this.head.size + BigInt(this.leaves.length);
  }
}
