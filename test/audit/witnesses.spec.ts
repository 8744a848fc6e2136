import { beforeAll, describe, expect, it } from '@jest/globals';
import { verifyLogs } from '../../src/protocol/audit/verify-logs.js';
import { ALGORITHM, formatVkey, noteKey } from '../../src/protocol/log/note.js';
import { utf8 } from '../../src/protocol/encoding/bytes.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { whole, words } from '../support/log/audit.js';
import { inputOf, TestNetwork, TODAY, type OpenedCase } from '../support/log/public-log.js';
import { freshKey } from '../support/network/founders.js';
import { policyOf, type TestWitness } from '../support/log/test-log.js';

describe('an audit with witnesses', () => {
  const network = new TestNetwork();
  const noon = BigInt(Date.parse(`${TODAY}T12:00:00Z`) / 1000);
  const seuil = network.addWitness(network.source, noon);
  const noord = network.addWitness(network.target, noon + 60n);
  const { trust } = network;
  let opened: OpenedCase;

  beforeAll(async () => {
    network.anchor();
    const consent = whole(network);
    network.finish();
    opened = await network.open(consent);
    for (const [i, statement] of opened.statements.entries()) {
      const note = network.consent.checkpoint(undefined, i === 0 ? [noord, seuil] : [seuil, noord]);
      statement.proof = statement.proof.replace(/\n\n[^]*$/, `\n\n${note}`);
    }
  });

  const auditOf = async (witnesses: TestWitness[], policy?: string, pinned?: string) =>
    verifyLogs(
      inputOf(pinned ? { ...trust, policy: pinned } : trust, network.publish(witnesses, policy), [opened]),
    );

  it('is witnessed when the quorum has signed both logs', async () => {
    const report = await auditOf([seuil, noord]);
    expect([words(report), report.sound, report.witnessed]).toEqual([[], true, true]);
  });

  it('names a quorum that was not reached', async () => {
    const report = await auditOf([seuil]);
    expect(words(report)).toEqual(['quorum/too-few-witnesses', 'quorum/too-few-witnesses']);
    expect(report.witnessed).toBe(false);
  });

  it('names a policy that asks for fewer witnesses than the registry shows', async () => {
    const report = await auditOf([seuil, noord], network.policy.replace('witnesses 2', 'witnesses 1'));
    expect(words(report)).toEqual(['policy/not-as-registered', 'policy/not-as-registered']);
  });

  it('names a quorum that the auditor wrote down and that no longer signs', async () => {
    const other = new TestNetwork();
    const mine = other.addWitness(other.source);
    other.finish();
    const pinned = other.policy;
    const input = inputOf({ ...other.trust, policy: pinned }, other.publish([mine]));
    expect(words(await verifyLogs(input))).toEqual([]);
    const { kid } = mine.key;
    const payload = {
      network: other.network,
      organisation: other.source.id,
      key: kid,
      from: TODAY,
      reason: 'lost',
    };
    other.register(sign('revocation+jws', payload, other.source.coordinator));
    other.finish();
    expect(words(await verifyLogs(inputOf({ ...other.trust, policy: pinned }, other.publish())))).toEqual([
      'policy/not-as-registered',
      'quorum/too-few-witnesses',
      'policy/not-as-registered',
      'quorum/too-few-witnesses',
    ]);
  });

  it('asks as well for the quorum that the auditor wrote down, where the registry asks for less', async () => {
    const [other, more] = [new TestNetwork(), new TestNetwork()];
    const mine = other.addWitness(other.source);
    const stranger = { ...more.addWitness(more.source), name: `relais-${other.network}/witness/stranger` };
    other.finish();
    const vkey = formatVkey(noteKey(stranger.name, ALGORITHM.cosignature, stranger.key.publicKey));
    const pinned = other.policy.replace('quorum witnesses', `witness stranger ${vkey}\nquorum stranger`);
    const reportOf = (trusted: string) =>
      verifyLogs(inputOf({ ...other.trust, policy: trusted }, other.publish([mine])));
    expect(words(await reportOf(pinned))).toEqual([
      'quorum/too-few-trusted-witnesses',
      'quorum/too-few-trusted-witnesses',
    ]);
    expect(words(await reportOf(`# as of November\n${other.policy}`))).toEqual([]);
  });

  it('believes nobody about a log that is not there, whatever stands on paper', async () => {
    const other = new TestNetwork();
    other.finish();
    const files = other.publish();
    files.delete('registry/2026/checkpoint');
    const report = await verifyLogs(inputOf({ ...other.trust, policy: other.policy }, files));
    expect([report.sound, report.witnessed, report.missing]).toEqual([
      false,
      false,
      ['registry/2026/checkpoint'],
    ]);
  });

  it('names a signature line that nobody knows', async () => {
    const stranger = { name: `relais-${network.network}/witness/stranger`, key: freshKey(), time: noon };
    expect(words(await auditOf([seuil, noord, stranger]))).toEqual([
      'note/unknown-signer',
      'note/unknown-signer',
    ]);
  });

  it('judges a checkpoint by the witnesses of the registry that it stands on', async () => {
    const later = new TestNetwork();
    later.finish();
    const first = later.addWitness(later.source);
    const files = later.publish([first], later.policy);
    const before = new Map(files);
    before.set('consent/2026/checkpoint', utf8(later.consent.checkpoint()));
    before.set('consent/2026/policy', utf8(policyOf(later.consent, later.registry)));
    const report = await verifyLogs(inputOf(later.trust, before));
    expect([words(report), report.witnessed]).toEqual([[], false]);
    expect(words(await verifyLogs(inputOf(later.trust, files)))).toEqual([
      'policy/not-as-registered',
      'note/unknown-signer',
    ]);
  });

  it('names a statement dated after a witness saw it', async () => {
    const early = { ...seuil, time: noon - 2n * 86_400n };
    const note = network.consent.checkpoint(undefined, [early]);
    const [given] = opened.statements;
    const proof = (given?.proof ?? '').replace(/\n\n[^]*$/, `\n\n${note}`);
    const one = { ...opened, statements: [{ jws: given?.jws ?? '', proof }] };
    const report = await verifyLogs(inputOf(trust, network.publish([seuil, noord]), [one]));
    expect(words(report)).toEqual(['statement/day-after-cosignature']);
  });
});
