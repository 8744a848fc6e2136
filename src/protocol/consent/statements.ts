import { fromBase64url, toBase64url } from '../encoding/bytes.js';
import { thumbprint } from '../crypto/keys.js';
import { checkText, refuse } from '../encoding/errors.js';
import type { RegisteredServiceKey, Registry } from '../registry/registry.js';
import type { ChainStatement, ConsentGiven, HandoffReleased } from '../schemas/statements.js';
import { hashText, readHeader, readUnverified, verifySigned } from '../encoding/signed.js';

export type ConsentState = 'given' | 'released' | 'received' | 'withdrawn' | 'invalidated';

/** What one consent's statements add up to. */
export interface Chain {
  readonly given: ConsentGiven;
  readonly givenText: string;
  readonly released?: HandoffReleased;
  /** The sending service's epoch that signed the release; none in a self-referral. */
  readonly sender?: RegisteredServiceKey | undefined;
  readonly state: ConsentState;
  /** Text of the statement that the next one names, a withdrawal excepted. */
  readonly head: string;
  readonly keepUntil: string;
  readonly lastDay: string;
}

/** What a further statement is held to, whoever signed it. */
export type Linked = Pick<Chain, 'given' | 'givenText' | 'state' | 'head' | 'lastDay'>;

interface Signer {
  readonly epoch: RegisteredServiceKey | undefined;
  readonly isPerson: boolean;
  readonly isFrom: boolean;
  readonly isTo: boolean;
}

type Next<K extends ChainStatement['kind']> = Extract<ChainStatement, { kind: K }>;

/**
 * Verifies the statements of one consent, in chain order. Signatures are checked against every service key
 * that the registry shows; whether a key was revoked at that moment is judged by the anchors, not here.
 */
export function verifyChain(log: string, texts: readonly string[], registry: Registry): Chain {
  const [first, ...later] = texts;
  const text = first ?? refuse('chain');
  let chain = checkText(text, () => begin(log, text, registry));
  for (const next of later) chain = extend(log, chain, next, registry);
  return chain;
}

function begin(log: string, text: string, registry: Registry): Chain {
  const { kid, payload: given } = verifyStatement(text, registry, personOf(readUnverified(text).payload));
  if (given.log !== log) refuse('log', '/log');
  if (given.kind !== 'consent.given' || given.prev !== null) refuse('chain');
  const isPerson = kid === thumbprint(fromBase64url(given.person));
  const isFrom = registry.serviceKeys.get(kid)?.service.id === given.from;
  if (given.from === null ? !isPerson : !isFrom) refuse('signer');
  if (given.sendUntil < given.day) refuse('dates', '/sendUntil');
  if (given.keepUntil < given.sendUntil) refuse('dates', '/keepUntil');
  return {
    given,
    givenText: text,
    state: 'given',
    head: text,
    keepUntil: given.keepUntil,
    lastDay: given.day,
  };
}

/** One statement more. */
export function extend(log: string, chain: Chain, text: string, registry: Registry): Chain {
  return checkText(text, () => extended(log, chain, text, registry));
}

function extended(log: string, chain: Chain, text: string, registry: Registry): Chain {
  const { kid, payload: next } = verifyStatement(text, registry, chain.given.person);
  if (next.log !== log) refuse('log', '/log');
  requireLink(chain, next);
  requireDay(chain, next);
  const moved = apply(chain, next, signerOf(chain, kid, registry), registry);
  return { ...moved, head: next.kind === 'consent.withdrawn' ? chain.head : text, lastDay: next.day };
}

/**
 * A withdrawal names consent.given, so that no concurrent act makes it stale; every other statement names the
 * head.
 */
export function requireLink(chain: Linked, next: ChainStatement): void {
  if (next.consent !== chain.given.consent) refuse('chain', '/consent');
  if (next.referral !== chain.given.referral) refuse('chain', '/referral');
  const isWithdrawal = next.kind === 'consent.withdrawn';
  if (chain.state === 'withdrawn' || (chain.state === 'invalidated' && !isWithdrawal)) refuse('chain');
  if (next.prev !== toBase64url(hashText(isWithdrawal ? chain.givenText : chain.head)))
    refuse('chain', '/prev');
}

/**
 * Days never fall along the chain; a withdrawal's is held to the consent alone, as it is no less true for
 * coming late.
 */
export function requireDay(chain: Linked, next: ChainStatement): void {
  const earliest = next.kind === 'consent.withdrawn' ? chain.given.day : chain.lastDay;
  if (next.day < earliest) refuse('dates', '/day');
}

function apply(chain: Chain, next: ChainStatement, signer: Signer, registry: Registry): Chain {
  switch (next.kind) {
    case 'handoff.released':
      return release(chain, next, signer, registry);
    case 'handoff.received':
      if (!signer.isTo) refuse('signer');
      if (chain.state !== 'released') refuse('chain');
      if (next.day > chain.given.sendUntil) refuse('dates', '/day');
      return { ...chain, state: 'received' };
    case 'consent.renewed':
      if (!signer.isFrom && !signer.isPerson) refuse('signer');
      if (next.keepUntil <= chain.keepUntil) refuse('dates', '/keepUntil');
      return { ...chain, keepUntil: next.keepUntil };
    case 'consent.withdrawn':
      if (!mayWithdraw(chain, next, signer)) refuse('signer');
      return { ...chain, state: 'withdrawn' };
    case 'consent.invalidated':
      if (!signer.isFrom) refuse('signer');
      return { ...chain, state: 'invalidated' };
    default:
      return refuse('chain');
  }
}

function release(chain: Chain, next: Next<'handoff.released'>, signer: Signer, registry: Registry): Chain {
  if (!signer.isFrom) refuse('signer');
  if (chain.state !== 'given') refuse('chain');
  if (next.fields !== chain.given.fields) refuse('fields', '/fields');
  if (next.day > chain.given.sendUntil) refuse('dates', '/day');
  const keys = [...registry.serviceKeys.values()];
  if (!keys.some((key) => key.service.id === chain.given.to && key.boxId === next.toKey))
    refuse('to-key', '/toKey');
  return { ...chain, state: 'released', released: next, sender: signer.epoch };
}

function mayWithdraw(chain: Chain, { by, means }: Next<'consent.withdrawn'>, signer: Signer): boolean {
  if (by === 'person') return means === 'own-code' && signer.isPerson;
  if (means !== 'on-word') return false;
  return by === 'source' ? chain.given.from !== null && signer.isFrom : signer.isTo;
}

function signerOf({ given }: Chain, kid: string, registry: Registry): Signer {
  const epoch = registry.serviceKeys.get(kid);
  const isPerson = kid === thumbprint(fromBase64url(given.person));
  return {
    epoch,
    isPerson,
    isFrom: given.from === null ? isPerson : epoch?.service.id === given.from,
    isTo: epoch?.service.id === given.to,
  };
}

/**
 * The signer may be any service that the registry shows, or the person of this consent; nobody else's key is
 * looked at.
 */
function verifyStatement(text: string, registry: Registry, person: string | undefined) {
  const claimed = readHeader(text).kid;
  const key = registry.serviceKeys.get(claimed)?.key ?? (person && fromBase64url(person));
  const keyring = new Map(key ? [[claimed, key]] : []);
  const { kid, payload } = verifySigned(text, 'consent-statement+jws', keyring);
  return payload.kind === 'erasure.done' ? refuse('chain') : { kid, payload };
}

/** In a self-referral the person's key stands in the statement itself. */
function personOf(payload: unknown): string | undefined {
  const person = (payload as { person?: unknown } | null)?.person;
  return typeof person === 'string' && person.length === 43 ? person : undefined;
}
