import { describe, expect, it } from '@jest/globals';
import { fromHex, utf8 } from '../../src/protocol/encoding/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { leafHash, rootOf } from '../../src/protocol/log/merkle.js';
import { cosignNote, parseVkey } from '../../src/protocol/log/note.js';
import { formatPolicy, parsePolicy } from '../../src/protocol/log/policy.js';
import { openCheckpoint } from '../../src/protocol/log/proof.js';
import {
  considerCheckpoint,
  cosignaturesOf,
  readCheckpoint,
  witnessName,
} from '../../src/protocol/log/witness.js';
import { verifySigned } from '../../src/protocol/encoding/signed.js';
import vectors from './witness.json' with { type: 'json' };

const { network, logs, witnesses, policies, checkpoints, addCheckpoint, time, cosignatures, witnessed } =
  vectors;
const hashes = Array.from({ length: 128 }, (_, i) => leafHash(utf8(`leaf ${i}`)));
const [before, after] = checkpoints as [(typeof checkpoints)[0], (typeof checkpoints)[0]];

describe('the vectors of witnesses', () => {
  it('register a witness under its organisation’s name', () => {
    for (const { organisation, name, seed, vkey, url, coordinatorSeed, coordinator, entry } of witnesses) {
      const signer = signingKey(fromHex(coordinatorSeed));
      expect(signer.kid).toBe(coordinator);
      const { payload } = verifySigned(entry, 'witness+jws', new Map([[coordinator, signer.publicKey]]));
      expect(payload).toMatchObject({ network, organisation, from: '2026-11-25' });
      expect(payload.url ?? null).toBe(url);
      expect(witnessName(network, organisation)).toBe(name);
      expect(parseVkey(vkey)).toMatchObject({ name, publicKey: signingKey(fromHex(seed)).publicKey });
    }
  });

  it('make one policy for each registry, to the byte', () => {
    const logKeys = logs.map(({ vkey }) => parseVkey(vkey));
    for (const { witnesses: n, text } of policies) {
      const named = witnesses.slice(0, n).map(({ organisation, vkey, url }) => ({
        organisation,
        key: parseVkey(vkey),
        url: url ?? undefined,
      }));
      expect(formatPolicy(logKeys, named.reverse())).toBe(text);
    }
  });

  it('ask a witness, which cosigns what continues', () => {
    const [log] = logs;
    const last = readCheckpoint(before.note);
    expect(last.root).toEqual(rootOf(hashes.slice(0, 64)));
    const answer = considerCheckpoint(utf8(addCheckpoint), [parseVkey(log?.vkey ?? '')], () => last);
    expect(answer).toMatchObject({ status: 200, text: after.text, checkpoint: { root: rootOf(hashes) } });
    for (const [i, { name, line }] of cosignatures.entries()) {
      const key = signingKey(fromHex(witnesses[i]?.seed ?? ''));
      expect(cosignNote(after.text, name, key, BigInt(time))).toBe(`${line}\n`);
      expect(cosignaturesOf(after.text, [line], [parseVkey(witnesses[i]?.vkey ?? '')])).toHaveLength(1);
    }
  });

  it('meet the quorum with two of three', () => {
    const policy = parsePolicy(policies[3]?.text ?? '');
    const { signatures } = openCheckpoint(witnessed, policy);
    expect(signatures.filter((signature) => signature.time === BigInt(time))).toHaveLength(3);
    const two = openCheckpoint(witnessed.replace(`${cosignatures[0]?.line}\n`, ''), policy).signatures;
    const one = openCheckpoint(`${after.note}${cosignatures[0]?.line}\n`, policy).signatures;
    expect([policy.isMet(signatures), policy.isMet(two), policy.isMet(one)]).toEqual([true, true, false]);
  });
});
