import { Injectable } from '@nestjs/common';
import { fromBase64url, toBase64url } from '../../../protocol/encoding/bytes.js';
import { DomainError } from '../../common/errors/index.js';
import { SealedTexts } from '../sealed-texts.js';

/** Everything up to it has been seen. */
export interface Place {
  readonly xid: string;
  readonly id: string;
  /** When that was true at the latest (ISO 8601). */
  readonly at: string;
}

/** Before every event of the same transaction id. */
export const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Places in a service's feed as opaque cursors. They are sealed, not only signed: transaction ids would tell
 * how much the whole network writes. Good for any device of the service, so that a new one can go on where an
 * old one stopped.
 */
@Injectable()
export class Places {
  constructor(private readonly texts: SealedTexts) {}

  encode(service: string, { xid, id, at }: Place): string {
    return toBase64url(this.texts.seal(JSON.stringify([xid, id, at]), `events ${service}`));
  }

  /** @throws DomainError input_invalid for a cursor of another service, or of none */
  decode(service: string, cursor: string): Place {
    const text = this.texts.read(bytesOf(cursor), `events ${service}`);
    if (text === undefined) throw new DomainError('input_invalid', { parameter: 'after' });
    const [xid, id, at] = JSON.parse(text) as [string, string, string];
    return { xid, id, at };
  }
}

function bytesOf(cursor: string): Uint8Array {
  try {
    return fromBase64url(cursor);
  } catch {
    throw new DomainError('input_invalid', { parameter: 'after' });
  }
}
