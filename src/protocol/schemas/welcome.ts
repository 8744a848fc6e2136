import Type, { type Static } from 'typebox';
import { Exact, GoodKey, Id, Name } from './types.js';

/** What an invitation code opens: enough for a new device to join the right network and no other. */
export const Welcome = Exact({
  issuer: Type.String({ minLength: 1, maxLength: 300 }),
  network: Id,
  policy: Type.String({ maxLength: 65536 }),
  organisation: Exact({ id: Id, name: Name, key: GoodKey }),
  checkpoint: Type.String({ maxLength: 65536 }),
});
export type Welcome = Static<typeof Welcome>;
