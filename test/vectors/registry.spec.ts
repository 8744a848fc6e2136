import { describe, expect, it } from '@jest/globals';
import { fromHex, toHex } from '../../src/protocol/encoding/bytes.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import { emptyRegistry, followRegistry } from '../../src/protocol/registry/registry.js';
import { isSignerAtAnchors } from '../../src/protocol/registry/registry-keys.js';
import { extend, verifyChain } from '../../src/protocol/consent/statements.js';
import { hashText, verifySigned, type Keyring } from '../../src/protocol/encoding/signed.js';
import type { SignedTyp } from '../../src/protocol/schemas/signed.js';
import { readVectors } from '../support/log/vectors.js';

interface Refusal {
  readonly name: string;
  readonly check: string;
  readonly jws: string;
}
interface RegistryVectors {
  readonly trust: { network: string; roots: string[] };
  readonly entries: readonly { jws: string; hash: string; typ: SignedTyp; payload: object }[];
  readonly refused: readonly (Refusal & { index: number; before?: string[] })[];
}
interface StatementVectors {
  readonly log: string;
  readonly keys: readonly { kid: string; publicKey: string }[];
  readonly consents: readonly {
    name: string;
    statements: { jws: string; hash: string; payload: object }[];
  }[];
  readonly erasure: readonly { jws: string; payload: object }[];
  readonly consentWord: { jws: string; hash: string };
  readonly acceptedByChoice: readonly { jws: string }[];
  readonly refused: readonly (Refusal & { typ: SignedTyp })[];
  readonly refusedKeys: readonly { name: string; publicKey: string; kid: string; jws: string }[];
  readonly refusedChains: readonly { name: string; check: string; statements: string[] }[];
  readonly signerAtAnchor: readonly { name: string; kid: string; index: number; valid: boolean }[];
}

const vectors = readVectors('registry.json') as RegistryVectors;
const statements = readVectors('statements.json') as StatementVectors;
const { anchors } = readVectors('log.json') as { anchors: Record<string, number> };
const texts = vectors.entries.map((entry) => entry.jws);
const registry = followRegistry(emptyRegistry(vectors.trust), texts);
const keyring: Keyring = new Map(statements.keys.map(({ kid, publicKey }) => [kid, fromHex(publicKey)]));

describe('the registry of the vectors', () => {
  it('is accepted entry by entry, as in one go', () => {
    const stepwise = texts.reduce(
      (state, text) => followRegistry(state, [text]),
      emptyRegistry(vectors.trust),
    );
    expect(stepwise).toEqual(registry);
    expect(registry.entries).toEqual(texts);
    expect(registry.charters[0]?.signers).toEqual(vectors.trust.roots);
    for (const entry of vectors.entries) expect(toHex(hashText(entry.jws))).toBe(entry.hash);
  });

  it.each(vectors.refused.map((refusal) => [refusal.name, refusal] as const))('refuses: %s', (_, refusal) => {
    const before = followRegistry(registry_(refusal.index), refusal.before ?? []);
    expect(() => followRegistry(before, [refusal.jws])).toThrow(
      expect.objectContaining({ check: refusal.check }),
    );
  });
});

function registry_(size: number) {
  return followRegistry(emptyRegistry(vectors.trust), texts.slice(0, size));
}

describe('the statements of the vectors', () => {
  it.each(statements.consents.map((consent) => [consent.name, consent.statements] as const))(
    'form a chain: %s',
    (_, chain) => {
      expect(chain.map(({ jws }) => toHex(hashText(jws)))).toEqual(chain.map(({ hash }) => hash));
      const jwss = chain.map(({ jws }) => jws);
      const whole = verifyChain(statements.log, jwss, registry);
      expect(whole.given).toEqual(chain[0]?.payload);
      const begun = verifyChain(statements.log, jwss.slice(0, 1), registry);
      expect(jwss.slice(1).reduce((c, jws) => extend(statements.log, c, jws, registry), begun)).toEqual(
        whole,
      );
    },
  );

  it.each(statements.refusedChains.map((c) => [c.name, c] as const))('refuse the chain: %s', (_, refused) => {
    expect(() => verifyChain(statements.log, refused.statements, registry)).toThrow(
      expect.objectContaining({ check: refused.check }),
    );
  });

  it.each(statements.refused.map((c) => [c.name, c] as const))('refuse the object: %s', (_, refused) => {
    expect(() => verifySigned(refused.jws, refused.typ, keyring)).toThrow(
      expect.objectContaining({ check: refused.check }),
    );
  });

  it.each(statements.refusedKeys.map((c) => [c.name, c] as const))(
    'refuse the key: %s',
    (_, { publicKey, kid, jws }) => {
      expect(() => verifySigned(jws, 'consent-statement+jws', new Map([[kid, fromHex(publicKey)]]))).toThrow(
        Refused,
      );
    },
  );

  it('are accepted with white space in the payload, and as lists of erasures', () => {
    for (const { jws } of [...statements.acceptedByChoice, ...statements.erasure])
      expect(verifySigned(jws, 'consent-statement+jws', keyring).payload.kind).toBeDefined();
    const word = verifySigned(statements.consentWord.jws, 'consent-word+jws', keyring);
    expect(word.payload.log).toBe(statements.log);
  });

  it.each(statements.signerAtAnchor.map((c) => [c.name, c] as const))(
    'judge the signer at the anchors: %s',
    (_, c) => {
      const at = Object.keys(anchors).map(Number);
      const before = at.filter((index) => index < c.index).at(-1);
      const after = at.find((index) => index > c.index);
      const key = registry.serviceKeys.get(c.kid);
      const size = (index: number | undefined) => (index === undefined ? undefined : anchors[index]);
      expect(key && isSignerAtAnchors(key, size(before), size(after))).toBe(c.valid);
    },
  );
});
