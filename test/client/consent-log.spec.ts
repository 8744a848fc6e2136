import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Device, fetchProofs, openReferral, acknowledge } from '../../src/client/index.js';
import { referSomebody } from '../../src/cli/demo/referral.js';
import { randomBytes } from '../../src/protocol/encoding/bytes.js';
import type { SigningKey } from '../../src/protocol/crypto/keys.js';
import { formatCheckpoint, parseCheckpoint, type Checkpoint } from '../../src/protocol/log/checkpoint.js';
import { formatNote, signNote } from '../../src/protocol/log/note.js';
import { readLogKey } from '../../src/server/log/log-keys.js';
import { deceived, lying } from '../support/machines/liar.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

interface ProofsAnswer {
  checkpoint: string;
  consistency: string[];
  statements: { jws: string; proof: string }[];
}

/**
 * The provisional proofs of one device are all of one log, which only grows: whoever signs it cannot show it
 * two.
 */
describe('the consent log, as a device is shown it', () => {
  let server: FoundedServer;
  let logKey: SigningKey;
  let first: string;
  let early: ProofsAnswer;

  beforeAll(async () => {
    server = await givenNetwork();
    first = await send();
    early = await answerTo(first);
    const key = await readLogKey(server.data, checkpointOf(early.checkpoint).origin);
    if (!key) throw new Error('the log has no key');
    logKey = key;
  });
  afterAll(() => server.stop());

  const receiver = (): Device => server.network.clinique.worker;

  async function send(): Promise<string> {
    const { referral } = await referSomebody(server.network, { calledName: 'Sam' });
    await fetchProofs(server.network.laRuelle.worker, referral);
    return referral;
  }

  function answerTo(referral: string, device = receiver()): Promise<ProofsAnswer> {
    return device.session.json({ method: 'GET', path: `/v1/referrals/${referral}/proofs` });
  }

  /** The device after it has seen the log as it is now. */
  async function experienced(): Promise<Device> {
    const device = await Device.start(receiver().state);
    await fetchProofs(device, first);
    return device;
  }

  /** What the log's own key signs, were it in the wrong hands. */
  function forged(change: (honest: Checkpoint) => Partial<Checkpoint>, note: string): string {
    const honest = checkpointOf(note);
    const text = formatCheckpoint({ ...honest, ...change(honest) });
    return formatNote(text, [signNote(text, honest.origin, logKey)]);
  }

  it('is asked for from the tree that was seen last, also after a restart', async () => {
    const device = await experienced();
    const { size } = checkpointOf(device.state.network.consentCheckpoint ?? '');
    const second = await send();
    const asked: (string | null)[] = [];
    const restarted = await Device.start(device.state, {
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        if (url.pathname.endsWith('/proofs')) asked.push(url.searchParams.get('from'));
        return fetch(input, init);
      },
    });
    await acknowledge(restarted, second);
    expect((await openReferral(restarted, second)).record['calledName']).toBe('Sam');
    expect(asked[0]).toBe(String(size));
    expect(Number(asked.at(-1))).toBeGreaterThan(Number(size));
  });

  it('is the same for any number of questions at once, while it grows', async () => {
    const device = await experienced();
    const sent = await Promise.all(
      Array.from({ length: 6 }, () => referSomebody(server.network, { calledName: 'Sam' })),
    );
    const proven = await Promise.all(sent.map(({ referral }) => fetchProofs(device, referral)));
    expect(proven.map((statements) => statements.length)).toEqual(sent.map(() => 2));
  });

  it('does not shrink', async () => {
    await send();
    const { state } = await experienced();
    const device = await deceived(
      state,
      (body, path) => path.endsWith('/proofs') && Object.assign(body, early),
    );
    await expect(fetchProofs(device, first)).rejects.toMatchObject({ check: 'rollback' });
  });

  it('is not another of the same size, nor one that grew out of another', async () => {
    const { state } = await experienced();
    const other = (): Partial<Checkpoint> => ({ root: randomBytes(32) });
    const larger = ({ size }: Checkpoint): Partial<Checkpoint> => ({
      size: size + 64n,
      root: randomBytes(32),
    });
    await send();
    for (const fork of [other, larger]) {
      const device = await deceived(state, (body, path) => {
        if (!path.endsWith('/proofs')) return;
        const { checkpoint, statements } = body as unknown as ProofsAnswer;
        const note = forged(fork, checkpoint);
        const swapped = statements.map(({ jws, proof }) => ({ jws, proof: proof.replace(checkpoint, note) }));
        Object.assign(body, { checkpoint: note, statements: swapped });
      });
      await expect(fetchProofs(device, first)).rejects.toMatchObject({ check: 'consistency' });
      expect(device.state.network.consentCheckpoint).toBe(state.network.consentCheckpoint);
    }
  });

  it('is the one that each proof is of: none is under a tree that was not compared', async () => {
    const { state } = await experienced();
    await send();
    const device = await deceived(state, (body, path) => {
      if (path.endsWith('/proofs')) Object.assign(body, { statements: early.statements });
    });
    await expect(fetchProofs(device, first)).rejects.toMatchObject({ check: 'proof' });
  });

  it('is no other log’s, whoever’s signature that bears', async () => {
    const registry = await receiver().transport.bytes(
      `/log/registry/${(await receiver().today()).slice(0, 4)}/checkpoint`,
    );
    const note = Buffer.from(registry ?? []).toString();
    const device = await Device.start(receiver().state, {
      fetch: lying((body, path) => {
        if (path.endsWith('/proofs')) Object.assign(body, { checkpoint: note, consistency: [] });
      }),
    });
    await expect(fetchProofs(device, first)).rejects.toMatchObject({ check: 'checkpoint' });
  });
});

function checkpointOf(note: string): Checkpoint {
  return parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
}
