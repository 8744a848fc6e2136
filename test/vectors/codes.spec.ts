import { describe, expect, it } from '@jest/globals';
import { fromBase64url, fromHex, toBase64url, toHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import {
  deriveInvitation,
  derivePaper,
  deriveReceipt,
  newCode,
  parseCode,
  requireCode,
  withCheckSymbols,
} from '../../src/protocol/encoding/codes.js';
import { openGrant, openExportedGrant } from '../../src/protocol/crypto/grant-open.js';
import { grantInfo, sealGrant } from '../../src/protocol/crypto/grant-seal.js';
import { openBase } from '../../src/protocol/crypto/hpke-open.js';
import { sealBaseDeterministic } from '../../src/protocol/crypto/hpke-seal.js';
import { boxKey, boxKeyId, epochKeys, signingKey } from '../../src/protocol/crypto/keys.js';
import { openWelcome } from '../../src/protocol/crypto/welcome-open.js';
import { sealWelcome } from '../../src/protocol/crypto/welcome-seal.js';
import { commitTo } from '../../src/protocol/envelope/envelope.js';
import { Refused } from '../../src/protocol/encoding/errors.js';
import type { Payload } from '../../src/protocol/schemas/signed.js';
import { verifySigned } from '../../src/protocol/encoding/signed.js';
import { normaliseWord, normaliseWord01 } from '../../src/protocol/encoding/typed.js';
import { readVectors } from '../support/log/vectors.js';

interface KeyVector {
  readonly seed: string;
  readonly publicKey: string;
  readonly kid: string;
  readonly keyId: string;
}
interface Derived {
  readonly use: 'receipt' | 'invitation' | 'paper' | 'guardian';
  readonly code: string;
  readonly canonical: string;
  readonly word: string | null;
  readonly sign: KeyVector;
  readonly box: KeyVector;
  readonly read?: KeyVector;
  readonly welcomeKey?: string;
}
const codes = readVectors('codes.json') as {
  same: { input: string; canonical: string }[];
  checks: { data: string; code: string }[];
  oneWrong: { input: string; suggestion: string }[];
  twoWrong: { input: string; suggestion: string | null }[];
  refused: { name: string; input: string }[];
  wordNormalisation: { word: string; normalised: string; utf8: string }[];
  wordNormalisation01: { word: string; normalised: string; utf8: string }[];
  derived: Derived[];
  invitation: {
    code: string;
    atServer: { kid: string };
    welcome: { key: string; text: string; sealed: string };
    deviceRequest: { jws: string; device: { box: KeyVector } };
    refused: { name: string; sealed: string }[];
  };
};

interface GrantVector {
  readonly service: string;
  readonly epoch: string;
  readonly info: string;
  readonly encapsulationSeed: string;
  readonly sealed: string;
}
const keys = readVectors('keys.json') as {
  epochs: { name: string; service: string; epoch: string; seed: string; box: KeyVector; sign: KeyVector }[];
  devices: Record<string, { sign: KeyVector; box: KeyVector }>;
  wrongKeyId: { publicKey: string; keyId: string };
  grant: GrantVector & {
    shown: { boxKeyId: string; signKey: string };
    device: string;
    by: string;
    jws: string;
  };
  paperGrant: GrantVector & { paperCode: string };
  refused: { name: string; check: string; grant: Payload<'key-grant+jws'> }[];
};

describe('the codes of the vectors', () => {
  it.each(codes.same.map((c) => [c.input, c.canonical]))('read %s', (input, canonical) => {
    expect(parseCode(input)).toEqual({ canonical });
  });

  it('carry the check symbols', () => {
    for (const { data, code } of codes.checks) expect(withCheckSymbols(data)).toBe(code);
  });

  it('offer back what one wrong symbol would explain', () => {
    for (const { input, suggestion } of [...codes.oneWrong, ...codes.twoWrong])
      expect(parseCode(input)).toEqual({ suggestion });
  });

  it.each(codes.refused.map((c) => [c.name, c.input]))('are refused: %s', (_, input) => {
    expect(() => parseCode(input)).toThrow(Refused);
  });

  it.each([
    ['today', codes.wordNormalisation, normaliseWord],
    ['in version 0.1', codes.wordNormalisation01, normaliseWord01],
  ] as const)('normalise the word as %s', (_, words, normalise) => {
    for (const { word, normalised, utf8: bytes } of words) {
      expect(normalise(word)).toBe(normalised);
      expect(toHex(utf8(normalise(word)))).toBe(bytes);
    }
  });

  it.each(codes.derived.map((c) => [`${c.use}${c.word === null ? '' : ' with a word'}`, c] as const))(
    'derive the keys of %s',
    async (_, c) => {
      const canonical = requireCode(c.code);
      expect(canonical).toBe(c.canonical);
      if (c.use === 'invitation') {
        const { sign, welcomeKey } = deriveInvitation(canonical);
        expect([toHex(sign.seed), sign.kid, toHex(welcomeKey)]).toEqual([
          c.sign.seed,
          c.sign.kid,
          c.welcomeKey,
        ]);
        return;
      }
      const derived =
        c.use === 'receipt' ? await deriveReceipt(canonical, c.word ?? '') : derivePaper(canonical, c.use);
      expect([toHex(derived.sign.publicKey), derived.sign.kid]).toEqual([c.sign.publicKey, c.sign.kid]);
      expect([toHex(derived.box.seed), toHex(derived.box.id)]).toEqual([c.box.seed, c.box.keyId]);
      if ('read' in derived) expect(derived.read.kid).toBe(c.read?.kid);
    },
  );

  it('are made fresh, and read back', () => {
    const made = Array.from({ length: 50 }, newCode);
    expect(new Set(made).size).toBe(50);
    for (const code of made) expect(code).toMatch(/^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/);
    for (const code of made) expect(parseCode(code)).toHaveProperty('canonical');
    expect(() => requireCode(`${(made[0] ?? '').slice(0, -1)}${made[0]?.endsWith('0') ? '1' : '0'}`)).toThrow(
      Refused,
    );
  });
});

describe('the invitation of the vectors', () => {
  const { sign, welcomeKey } = deriveInvitation(requireCode(codes.invitation.code));

  it('opens its welcome, and no changed one', () => {
    const welcome = openWelcome(welcomeKey, fromHex(codes.invitation.welcome.sealed));
    expect(JSON.parse(codes.invitation.welcome.text)).toEqual({ ...welcome });
    expect(openWelcome(welcomeKey, sealWelcome(welcomeKey, welcome))).toEqual(welcome);
    for (const { sealed } of codes.invitation.refused)
      expect(() => openWelcome(welcomeKey, fromHex(sealed))).toThrow(Refused);
    const other = sealWelcome(welcomeKey, { ...welcome, network: 'elsewhere' });
    expect(() => openWelcome(welcomeKey, other)).toThrow(Refused);
  });

  it('signs the new device’s keys', () => {
    expect(sign.kid).toBe(codes.invitation.atServer.kid);
    const { jws, device } = codes.invitation.deviceRequest;
    const { payload } = verifySigned(jws, 'device-request+jws', new Map([[sign.kid, sign.publicKey]]));
    expect(payload.boxId).toBe(toBase64url(fromHex(device.box.keyId)));
  });
});

describe('the keys of the vectors', () => {
  it.each(keys.epochs.map((epoch) => [epoch.name, epoch] as const))('derive epoch %s', (_, epoch) => {
    const { box, sign } = epochKeys(fromHex(epoch.seed));
    expect([toHex(box.seed), toHex(box.publicKey), toHex(box.id)]).toEqual([
      epoch.box.seed,
      epoch.box.publicKey,
      epoch.box.keyId,
    ]);
    expect([toHex(sign.seed), toHex(sign.publicKey), sign.kid]).toEqual([
      epoch.sign.seed,
      epoch.sign.publicKey,
      epoch.sign.kid,
    ]);
  });

  it('have ids that fit', () => {
    const { publicKey, keyId } = keys.wrongKeyId;
    expect(toHex(boxKeyId(fromHex(publicKey)))).not.toBe(keyId);
  });

  const { grant } = keys;
  const to = boxKey(fromHex(keys.devices[grant.device]?.box.seed ?? ''));
  const shown = {
    service: grant.service,
    epoch: grant.epoch,
    boxId: fromHex(grant.shown.boxKeyId),
    signKey: fromHex(grant.shown.signKey),
  };

  it('are granted to a device', () => {
    const signer = signingKey(fromHex(keys.devices[grant.by]?.sign.seed ?? ''));
    const { payload } = verifySigned(grant.jws, 'key-grant+jws', new Map([[signer.kid, signer.publicKey]]));
    const opened = openGrant(payload, shown, to);
    expect(toHex(opened.box.id)).toBe(grant.shown.boxKeyId);
    expect(openExportedGrant(payload, to)).toEqual(opened);
    const other = { ...shown, signKey: to.id };
    expect(() => openGrant(payload, other, to)).toThrow(expect.objectContaining({ check: 'grant-seed' }));
    const info = grantInfo({ ...shown, deviceBoxId: to.id });
    expect(toHex(info)).toBe(grant.info);
    const sealed = sealBaseDeterministic(to.publicKey, info, opened.seed, fromHex(grant.encapsulationSeed));
    expect(toHex(sealed)).toBe(grant.sealed);
    const fresh = sealGrant(opened.seed, { ...shown, deviceBoxId: to.id }, to.publicKey);
    expect(openGrant({ ...payload, sealed: toBase64url(fresh) }, shown, to).seed).toEqual(opened.seed);
  });

  it('are granted to a paper code', () => {
    const { paperGrant } = keys;
    const paper = derivePaper(requireCode(paperGrant.paperCode));
    const seed = openBase(paper.box.seed, fromHex(paperGrant.info), fromHex(paperGrant.sealed));
    const epoch = keys.epochs.find((e) => e.service === paperGrant.service && e.epoch === paperGrant.epoch);
    expect(toHex(seed)).toBe(epoch?.seed);
  });

  it.each(keys.refused.map((c) => [c.name, c] as const))('are not taken from a grant: %s', (_, c) => {
    expect(() => openGrant(c.grant, shown, to)).toThrow(expect.objectContaining({ check: c.check }));
  });
});

describe('the commitments of the vectors', () => {
  const commitments = readVectors('commitments.json') as Record<
    'cases' | 'different',
    { what: 'fields' | 'consentRecord'; salt: string; text: string; hash: string; inJson: string }[]
  >;

  it('are over the text as it stands', () => {
    for (const c of [...commitments.cases, ...commitments.different]) {
      const made = commitTo(c.what === 'fields' ? 'fields' : 'consent-record', fromHex(c.salt), c.text);
      expect([toHex(made), fromBase64url(c.inJson)]).toEqual([c.hash, made]);
    }
  });
});
