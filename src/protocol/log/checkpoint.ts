import { fromBase64, toBase64 } from '../encoding/bytes.js';
import { refuse } from '../encoding/errors.js';

export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

const SIZE = /^(0|[1-9][0-9]*)$/;

/** The text of a checkpoint (C2SP tlog-checkpoint), as it is signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads a checkpoint's text. Extension lines are passed over; sizes from 2⁶³ on are refused. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size = '', root = '', ...extensions] = text.split('\n') as [string, ...string[]];
  if (origin === '' || !SIZE.test(size) || size.length > 19 || extensions.pop() !== '') refuse('checkpoint');
  if (extensions.includes('')) refuse('checkpoint');
  const rootBytes = fromBase64(root);
  const parsed = BigInt(size);
  if (rootBytes.length !== 32 || parsed >= 1n << 63n) refuse('checkpoint');
  return { origin, size: parsed, root: rootBytes };
}
