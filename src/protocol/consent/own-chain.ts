import { equalBytes, fromBase64url } from '../encoding/bytes.js';
import { thumbprint } from '../crypto/keys.js';
import { refuse } from '../encoding/errors.js';
import type { ChainStatement, ConsentGiven, HandoffReleased } from '../schemas/statements.js';
import { readUnverified, requirePayload, verifySigned } from '../encoding/signed.js';
import { requireDay, requireLink, type Linked } from './statements.js';

/** Public halves of the keys of a person's code. */
export interface OwnKeys {
  /** Raw Ed25519. */
  readonly sign: Uint8Array;
  readonly boxId: Uint8Array;
}

/** What the statements of the person's own consent say. */
export interface OwnChain extends Linked {
  readonly released?: HandoffReleased;
  /** The last day for content, renewals counted in. */
  readonly keepUntil: string;
  /** Every statement in its order. */
  readonly said: readonly ChainStatement[];
}

/**
 * Reads the statements of a person's consent, who follows no registry: that it is their consent, that each
 * names the one before, and what they signed themselves. Whether the services' signatures hold is for `relais
 * verify`: the server controls all the rest.
 */
export function readOwnChain(log: string, texts: readonly string[], own: OwnKeys): OwnChain {
  const [first = refuse('chain'), ...later] = texts;
  let chain = begin(log, first, own);
  for (const text of later) chain = follow(log, chain, text, own);
  return chain;
}

function begin(log: string, text: string, own: OwnKeys): OwnChain {
  const given = readStatement(text, own);
  if (given.log !== log) refuse('log');
  if (given.kind !== 'consent.given' || given.prev !== null) refuse('chain');
  if (!isOwn(given, own)) refuse('person');
  const { keepUntil, day: lastDay } = given;
  return { given, givenText: text, state: 'given', head: text, lastDay, keepUntil, said: [given] };
}

function isOwn({ person, personBox }: ConsentGiven, { sign, boxId }: OwnKeys): boolean {
  return equalBytes(fromBase64url(person), sign) && equalBytes(fromBase64url(personBox), boxId);
}

function follow(log: string, chain: OwnChain, text: string, own: OwnKeys): OwnChain {
  const next = readStatement(text, own);
  if (next.log !== log) refuse('log');
  requireLink(chain, next);
  requireDay(chain, next);
  const head = next.kind === 'consent.withdrawn' ? chain.head : text;
  return { ...moved(chain, next), head, lastDay: next.day, said: [...chain.said, next] };
}

function moved(chain: OwnChain, next: ChainStatement): OwnChain {
  switch (next.kind) {
    case 'handoff.released':
      if (chain.state !== 'given' || next.fields !== chain.given.fields) refuse('chain');
      return { ...chain, state: 'released', released: next };
    case 'handoff.received':
      if (chain.state !== 'released') refuse('chain');
      return { ...chain, state: 'received' };
    case 'consent.renewed':
      return next.keepUntil > chain.keepUntil ? { ...chain, keepUntil: next.keepUntil } : refuse('dates');
    case 'consent.withdrawn':
      return { ...chain, state: 'withdrawn' };
    case 'consent.invalidated':
      return { ...chain, state: 'invalidated' };
    default:
      return refuse('chain');
  }
}

/** What says that the person themselves has signed it is held to their key. */
function readStatement(text: string, { sign }: OwnKeys): ChainStatement {
  const { header, payload } = readUnverified(text);
  const kid = thumbprint(sign);
  const statement =
    header.kid === kid
      ? verifySigned(text, 'consent-statement+jws', new Map([[kid, sign]])).payload
      : requirePayload('consent-statement+jws', payload);
  if (statement.kind === 'erasure.done') refuse('chain');
  const isByPerson = statement.kind === 'consent.withdrawn' && statement.by === 'person';
  return isByPerson && header.kid !== kid ? refuse('signer') : statement;
}
