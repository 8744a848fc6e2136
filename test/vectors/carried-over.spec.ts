import { describe, expect, it } from '@jest/globals';
import {
  fromBase64url,
  fromHex,
  randomBytes,
  toBase64url,
  toHex,
} from '../../src/protocol/encoding/bytes.js';
import { carryOver } from '../../src/protocol/handoff/carry-over.js';
import { boxKey } from '../../src/protocol/crypto/keys.js';
import { KIND, parseContext, ROLE, type Kind, type Role } from '../../src/protocol/envelope/envelope.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { openCarriedOver } from '../../src/protocol/handoff/open-carried-over.js';
import { openHandoff, type HandoffInput } from '../../src/protocol/handoff/open-handoff.js';
import { openExportedHandoff } from '../../src/protocol/handoff/open-own-handoff.js';
import { readOwnChain } from '../../src/protocol/consent/own-chain.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { sealEnvelope } from '../../src/protocol/envelope/seal-envelope.js';
import type { ConsentGiven } from '../../src/protocol/schemas/statements.js';
import { hashText, readUnverified, verifySigned } from '../../src/protocol/encoding/signed.js';
import { readVectors } from '../support/log/vectors.js';

interface Stated {
  readonly jws: string;
  readonly proof: string;
}
const { handoff } = readVectors('handoff.json') as {
  handoff: {
    readonly ctx: string;
    readonly body: string;
    readonly record: object;
    readonly recipients: readonly { role: number; seed: string; wrap: string; wrapHash: string }[];
    readonly given: Stated;
    readonly released: Stated;
  };
};
const vector = readVectors('carried-over.json') as Record<
  'laterSeed' | 'laterKeyId' | 'cek' | 'ctx' | 'wrap' | 'body',
  string
>;
const voted = readVectors('notices.json') as { notices: Record<string, Record<string, string>> };
const { trust, entries, keys, ids } = readVectors('registry.json') as {
  trust: { network: string; roots: string[] };
  entries: { jws: string }[];
  keys: { rootA: { publicKey: string } };
  ids: { orgA: string };
};
const { policy, logs } = readVectors('log.json') as { policy: string; logs: { consent: { log: string } } };

const registry = followRegistry(
  emptyRegistry(trust),
  entries.map(({ jws }) => jws),
);
const opener = {
  log: logs.consent.log,
  registry,
  policy: parsePolicy(policy),
  charter: { notices: voted.notices },
};
const later = boxKey(fromHex(vector.laterSeed));
const first = handoff.recipients.find(({ role }) => role === ROLE.receiver);
const own = boxKey(fromHex(first?.seed ?? ''));
const input: HandoffInput = {
  statements: [handoff.given, handoff.released],
  role: ROLE.receiver,
  ctx: fromHex(handoff.ctx),
  wrap: fromHex(first?.wrap ?? ''),
  wrapHashes: handoff.recipients.map(({ wrapHash }) => fromHex(wrapHash)),
  body: fromHex(handoff.body),
};
const { referral, consent } = parseContext(input.ctx);
const carried = { ctx: fromHex(vector.ctx), wrap: fromHex(vector.wrap), body: fromHex(vector.body) };
const gone = new Uint8Array(0);

function sealed(
  change: {
    kind?: Kind;
    referral?: Uint8Array;
    consent?: Uint8Array;
    cek?: Uint8Array;
    roles?: readonly Role[];
  } = {},
) {
  const { roles = [ROLE.receiver], cek = fromHex(vector.cek), ...other } = change;
  const recipients = roles.map((role) => ({ role, publicKey: later.publicKey }));
  const of = { kind: KIND.carriedOver, referral, consent, ...other };
  const { ctx, wraps, body } = sealEnvelope({ ...of, recipients, content: () => cek });
  return { ctx, wrap: wraps[0] as Uint8Array, body };
}

describe('a handoff that was carried over to a later epoch', () => {
  it('opens by the later key, to the bytes of the vector', () => {
    const cek = openCarriedOver(carried, later, { referral, consent, role: ROLE.receiver });
    expect(toHex(cek)).toBe(vector.cek);
    expect(toHex(later.id)).toBe(vector.laterKeyId);
    const opened = openHandoff({ ...input, wrap: gone, carried }, later, opener);
    expect({ ...opened.record }).toMatchObject(handoff.record);
  });

  it('is opened where it was taken along, by the key alone, before and after', () => {
    const [first, second] = [handoff.given.jws, handoff.released.jws];
    const given = readUnverified(first).payload as ConsentGiven;
    const person = { sign: fromBase64url(given.person), boxId: fromBase64url(given.personBox) };
    const chain = readOwnChain(logs.consent.log, [first, second], person);
    expect({ ...openExportedHandoff(input, own, chain).record }).toMatchObject(handoff.record);
    const taken = { ...input, wrap: gone, carried };
    expect({ ...openExportedHandoff(taken, later, chain).record }).toMatchObject(handoff.record);
    expect(() => openExportedHandoff(taken, own, chain)).toThrow('refused: ctx-recipients');
    expect(() => openExportedHandoff(input, later, chain)).toThrow('refused: ctx-recipients');
  });

  it('is a new envelope each time, and can be carried on from there', () => {
    const { ctx, wraps, body } = carryOver(input, { own, later: later.publicKey }, opener);
    const again = { ctx, wrap: wraps[0] as Uint8Array, body };
    expect(toHex(again.ctx)).not.toBe(vector.ctx);
    const last = boxKey(randomBytes(32));
    const from = { ...input, wrap: gone, carried: again };
    const on = carryOver(from, { own: later, later: last.publicKey }, opener);
    const second = { ctx: on.ctx, wrap: on.wraps[0] as Uint8Array, body: on.body };
    expect({ ...openHandoff({ ...from, carried: second }, last, opener).record }).toMatchObject(
      handoff.record,
    );
  });

  it.each([
    ['of another kind', 'ctx-kind', sealed({ kind: KIND.message })],
    ['of another referral', 'ctx-referral', sealed({ referral: randomBytes(16) })],
    ['of another consent', 'ctx-consent', sealed({ consent: randomBytes(32) })],
    ['for two', 'ctx-recipients', sealed({ roles: [ROLE.receiver, ROLE.person] })],
    ['for the other service', 'ctx-recipients', sealed({ roles: [ROLE.sender] })],
    ['with a key of another length', 'carried-key', sealed({ cek: randomBytes(31) })],
    ['with another key, which the body does not know', 'commitment', sealed({ cek: randomBytes(32) })],
    [
      'with a changed body',
      'commitment',
      { ...carried, body: carried.body.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) },
    ],
  ])('is refused: %s', (_, check, each) => {
    const open = () => openHandoff({ ...input, wrap: gone, carried: each }, later, opener);
    expect(open).toThrow(expect.objectContaining({ check }));
  });

  it('is refused beside a wrap that is still there, and by a key that is not the later one', () => {
    const beside = () => openHandoff({ ...input, carried }, later, opener);
    expect(beside).toThrow(expect.objectContaining({ check: 'digest' }));
    const early = () => openHandoff({ ...input, wrap: gone, carried }, own, opener);
    expect(early).toThrow(expect.objectContaining({ check: 'ctx-recipients' }));
  });

  it('is not carried on where it does not open', () => {
    const wrapHashes = input.wrapHashes.map(() => randomBytes(32));
    expect(() => carryOver({ ...input, wrapHashes }, { own, later: later.publicKey }, opener)).toThrow(
      expect.objectContaining({ check: 'digest' }),
    );
  });
});

describe('a confirmation', () => {
  it('is the one of the vectors', () => {
    const { jws, payload, statement } = readVectors('confirmation.json') as {
      jws: string;
      payload: object;
      statement: string;
    };
    const { consents } = readVectors('statements.json') as {
      consents: { statements: { name: string; jws: string }[] }[];
    };
    const confirmed = consents.flatMap(({ statements }) => statements).find(({ name }) => name === statement);
    const root = registry.organisations.get(ids.orgA);
    expect(toHex(root?.key ?? gone)).toBe(keys.rootA.publicKey);
    const verified = verifySigned(jws, 'confirmation+jws', new Map(root ? [[root.kid, root.key]] : []));
    expect({ ...verified.payload }).toEqual(payload);
    expect(verified.payload.statement).toBe(toBase64url(hashText(confirmed?.jws ?? '')));
  });
});
