import { Injectable } from '@nestjs/common';
import { concat, equalBytes, fromBase64url, toBase64url, utf8 } from '../../../protocol/encoding/bytes.js';
import { hmacSha256 } from '../../../protocol/crypto/kdf.js';
import { parseStrict } from '../../../protocol/encoding/json.js';
import { DomainError } from '../errors/index.js';
import { ServerSecret } from './secrets.js';

const MAC = 16;
/** Whatever list it is, its cursor is the parameter of this name. */
const AFTER = { parameter: 'after' } as const;

/**
 * Opaque cursors for keyset pages. Bound by HMAC to `scope`, which names the caller, the list and its filter:
 * a cursor of one list or caller says nothing in another.
 */
@Injectable()
export class Cursors {
  private readonly key: Uint8Array;

  constructor(secret: ServerSecret) {
    this.key = secret.keyFor('cursors');
  }

  /** `position` holds the sort key of the last item shown. */
  encode(scope: readonly string[], position: readonly string[]): string {
    const text = utf8(JSON.stringify(position));
    return toBase64url(concat(this.mac(scope, text), text));
  }

  /**
   * The position after which to go on; undefined without a cursor, `input_invalid` for one of another list.
   */
  decode(scope: readonly string[], cursor: string | undefined): string[] | undefined {
    if (cursor === undefined) return undefined;
    const bytes = read(cursor);
    const text = bytes.slice(MAC);
    if (!equalBytes(bytes.slice(0, MAC), this.mac(scope, text)))
      throw new DomainError('input_invalid', AFTER);
    return parseStrict(text) as string[];
  }

  /**
   * One page of a list and, where there is more, the cursor of the next. `read` gives so many items after a
   * place (empty at the start); `place` is where an item stands, by what the list is sorted by.
   */
  async page<T>(
    scope: readonly string[],
    { after, limit }: { readonly after?: string; readonly limit: number },
    list: {
      readonly read: (after: readonly string[], limit: number) => Promise<readonly T[]>;
      readonly place: (item: T) => readonly string[];
    },
  ): Promise<{ items: readonly T[]; next?: string }> {
    const found = await list.read(this.decode(scope, after) ?? [], limit + 1);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return { items, ...(last !== undefined && { next: this.encode(scope, list.place(last)) }) };
  }

  private mac(scope: readonly string[], text: Uint8Array): Uint8Array {
    return hmacSha256(this.key, concat(utf8(`${JSON.stringify(scope)}\n`), text)).slice(0, MAC);
  }
}

function read(cursor: string): Uint8Array {
  try {
    return fromBase64url(cursor.slice(0, 1000));
  } catch {
    throw new DomainError('input_invalid', AFTER);
  }
}
