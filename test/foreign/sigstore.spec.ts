import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPublicKey } from 'node:crypto';
import { verifyCheckpoint, type LogCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js';
import { fetchFinalProofs, sendReferral } from '../../src/client/index.js';
import { fromHex, toBase64url } from '../../src/protocol/encoding/bytes.js';
import { statementLeaf } from '../../src/protocol/log/leaves.js';
import { openNote, parseVkey } from '../../src/protocol/log/note.js';
import { parseProof } from '../../src/protocol/log/proof.js';
import { sealWithFiles } from '../support/network/content.js';
import { until } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenPullWitness } from '../support/log/witness.js';

type Entry = Parameters<typeof verifyCheckpoint>[0];
type Authority = Parameters<typeof verifyCheckpoint>[1][number];

/**
 * The verifier of npm's own provenance reads C2SP notes, checkpoints and RFC 6962 proofs. It knows nothing of
 * us.
 */
describe('sigstore’s verifier of transparency logs', () => {
  let server: FoundedServer;
  let authority: Authority;
  let entry: Entry;

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique, trust } = server.network;
    const witness = await givenPullWitness(trust, clinique);
    const { sealed } = await sealWithFiles(server.network, []);
    await sendReferral(laRuelle.worker, sealed);
    await until(async () => {
      await witness.pull();
      return (await fetchFinalProofs(laRuelle.worker, sealed.referral)) !== undefined;
    });
    const [given] = (await fetchFinalProofs(laRuelle.worker, sealed.referral)) ?? [];
    const { index, hashes, checkpoint, extra } = parseProof(given?.proof ?? '');
    const key = parseVkey(trust.logs.consent[0] ?? '');
    authority = {
      baseURL: key.name,
      logID: Buffer.from(fromHex(key.id)),
      publicKey: createPublicKey({
        format: 'jwk',
        key: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(key.publicKey) },
      }),
      validFor: { start: new Date(0), end: new Date(8.64e15) },
    };
    const leaf = statementLeaf(laRuelle.worker.consentLog, extra ?? new Uint8Array(0), given?.jws ?? '');
    entry = {
      canonicalizedBody: Buffer.from(leaf),
      inclusionProof: {
        logIndex: String(index),
        hashes: hashes.map((hash) => Buffer.from(hash)),
        checkpoint: { envelope: checkpoint },
      },
    } as unknown as Entry;
    witness.remove();
  });
  afterAll(() => server.stop());

  const verify = (
    changed: Partial<Entry['inclusionProof']> = {},
    body = entry.canonicalizedBody,
  ): LogCheckpoint => {
    const given = {
      ...entry,
      canonicalizedBody: body,
      inclusionProof: { ...entry.inclusionProof, ...changed },
    };
    const checkpoint = verifyCheckpoint(given, [authority]);
    verifyMerkleInclusion(given, checkpoint);
    return checkpoint;
  };

  it('accepts a witnessed checkpoint and a proof of ours', () => {
    const { origin, logSize } = verify();
    expect(origin).toBe(authority.baseURL);
    expect(logSize % 64n).toBe(0n);
    expect(entry.inclusionProof.checkpoint.envelope).toContain('/witness/');
  });

  it('refuses another leaf, another place, another root', () => {
    const { logIndex, hashes, checkpoint } = entry.inclusionProof;
    const message = 'calculated root hash does not match inclusion proof';
    expect(() => verify({}, Buffer.alloc(33, 1))).toThrow(message);
    expect(() => verify({ logIndex: String(Number(logIndex) ^ 1) })).toThrow(message);
    expect(() => verify({ hashes: hashes.map((hash) => Buffer.from(hash).reverse()) })).toThrow(message);
    const envelope = checkpoint.envelope.replace(/\n64\n|\n128\n/, '\n192\n');
    expect(() => verify({ checkpoint: { envelope } })).toThrow('invalid checkpoint signature');
  });
});

/** The example of C2SP signed-note, made by Go's sumdb/note. */
it('Go’s example of a signed note opens here', () => {
  const key = parseVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
  const note =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
  expect(openNote(note, [key]).text).toBe('This is an example message.\n');
  expect(() => openNote(note.replace('example message', 'example massage'), [key])).toThrow('note-signature');
});
