import { beforeAll, describe, expect, it } from '@jest/globals';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { ALGORITHM, formatVkey, noteKey } from '../../src/protocol/log/note.js';
import { whole, words } from '../support/audit.js';
import { inputOf, TestNetwork, TODAY, type OpenedCase } from '../support/public-log.js';
import type { TestWitness } from '../support/test-log.js';

describe('an audit with witnesses', () => {
  const network = new TestNetwork();
  const witness = (name: string, time: bigint): TestWitness => ({
    name: `relais-${network.network}/witness/${name}`,
    key: signingKey(new Uint8Array(32).fill(name.length)),
    time,
  });
  const noon = BigInt(Date.parse(`${TODAY}T12:00:00Z`) / 1000);
  const [seuil, noord] = [witness('seuil', noon), witness('noorden', noon + 60n)];
  const vkey = ({ name, key }: TestWitness): string =>
    formatVkey(noteKey(name, ALGORITHM.cosignature, key.publicKey));
  const policy = [
    ...network.policy.split('\n').slice(0, 2),
    `witness seuil ${vkey(seuil)}`,
    `witness noord ${vkey(noord)}`,
    'group committee all seuil noord',
    'quorum committee',
    '',
  ].join('\n');
  const trust = { ...network.trust, policy };
  let opened: OpenedCase;

  beforeAll(async () => {
    const consent = whole(network);
    network.finish();
    opened = await network.open(consent);
    for (const [i, statement] of opened.statements.entries()) {
      const note = network.consent.checkpoint(undefined, i === 0 ? [noord, seuil] : [seuil, noord]);
      statement.proof = statement.proof.replace(/\n\n[^]*$/, `\n\n${note}`);
    }
  });

  it('is witnessed when the quorum has signed both logs', async () => {
    const files = network.publish([seuil, noord], policy);
    const report = await verifyLogs(inputOf(trust, files, [opened]));
    expect([words(report), report.sound, report.witnessed]).toEqual([[], true, true]);
  });

  it('names a quorum that was not reached', async () => {
    const report = await verifyLogs(inputOf(trust, network.publish([seuil], policy), [opened]));
    expect(words(report)).toEqual(['quorum/too-few-witnesses', 'quorum/too-few-witnesses']);
    expect(report.witnessed).toBe(false);
  });

  it('names a policy that asks for fewer witnesses than the trusted one', async () => {
    const files = network.publish([seuil, noord], policy.replace('all', 'any'));
    expect(words(await verifyLogs(inputOf(trust, files)))).toEqual([
      'policy/not-as-trusted',
      'policy/not-as-trusted',
    ]);
  });

  it('names a signature line that nobody knows', async () => {
    const files = network.publish([seuil, noord, witness('strangers', noon)], policy);
    expect(words(await verifyLogs(inputOf(trust, files)))).toEqual([
      'note/unknown-signer',
      'note/unknown-signer',
    ]);
  });

  it('names a statement dated after a witness saw it', async () => {
    const early = network.consent.checkpoint(undefined, [witness('seuil', noon - 2n * 86_400n)]);
    const [given] = opened.statements;
    const one = {
      ...opened,
      statements: [
        { jws: given?.jws ?? '', proof: (given?.proof ?? '').replace(/\n\n[^]*$/, `\n\n${early}`) },
      ],
    };
    const report = await verifyLogs(inputOf(trust, network.publish([seuil, noord], policy), [one]));
    expect(words(report)).toEqual(['statement/day-after-cosignature']);
  });
});
