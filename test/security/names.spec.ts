import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  coordinatorTasks,
  listMessages,
  proposeAgreement,
  publishProfile,
  readAgreement,
  sendMessage,
  strangeEntries,
  type Device,
} from '../../src/client/index.js';
import { fromBase64url, newId } from '../../src/protocol/encoding/bytes.js';
import { signingKey } from '../../src/protocol/crypto/keys.js';
import { textHash } from '../../src/protocol/registry/charter.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../src/protocol/schemas/example-profile.js';
import { readUnverified, sign } from '../../src/protocol/encoding/signed.js';
import type { DemoNetwork } from '../../src/cli/demo/network.js';
import { givenProposal } from '../support/network/agreements.js';
import { givenEpoch } from '../support/network/founders.js';
import { givenReferral, post } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { DECEIVING } from '../support/requests/odd-texts.js';

/** One of each kind; `protocol/encoding/plain-text` has them all. */
const KINDS = ['a NUL', 'a lone surrogate', 'an override', 'a space of no width', 'an escape of terminals'];
const SIGNS = DECEIVING.flatMap(([kind, text]) => (KINDS.includes(kind) ? [text] : []));
const MIXED = 'Clinique dυ Canal';

/** Whoever holds a coordinator's key can write past our own client: the server looks as well. */
describe('names and texts that deceive', () => {
  let server: FoundedServer;
  let network: DemoNetwork;

  beforeAll(async () => {
    server = await givenNetwork();
    network = server.network;
  });
  afterAll(() => server.stop());

  /** An epoch of the Clinique's service under another name, as its coordinator could sign it by hand. */
  async function renamed(name: string): Promise<string> {
    const { coordinator, service, founder } = network.clinique;
    const registry = await coordinator.registry();
    const ours = registry.entries.filter((text) => {
      const { header, payload } = readUnverified(text);
      return (
        header.typ === 'service-key+jws' && (payload as { service: { id: string } }).service.id === service
      );
    });
    const { organisation } = readUnverified(ours.at(-1) ?? '').payload as {
      organisation: { id: string; name: string };
    };
    const at = { network: coordinator.network, today: await coordinator.today() };
    const key = signingKey(fromBase64url(founder.device.coordinator ?? ''));
    const of = { organisation, service: { id: service, name }, coordinator: key };
    return givenEpoch(at, { ...of, previous: ours.at(-1) ?? null, number: 77 }).entry;
  }

  const postEntry = (by: Device, entry: string) => post(by, '/v1/registry/entries', { entries: [entry] });

  it('do not come into the registry by a new name of a service', async () => {
    for (const text of SIGNS)
      await expect(postEntry(network.clinique.coordinator, await renamed(text))).rejects.toMatchObject({
        code: 'statement_invalid',
      });
  });

  it('do not come into a profile, by the client or past it', async () => {
    const { coordinator, service } = network.clinique;
    const lastChecked = { ...SERVICE_PROFILE_EXAMPLE.lastChecked, on: await coordinator.today() };
    for (const text of SIGNS) {
      const profile = { ...SERVICE_PROFILE_EXAMPLE, lastChecked, description: { fr: text } };
      await expect(publishProfile(coordinator, service, profile)).rejects.toMatchObject({
        // what no reader takes at all, before what none shows
        check: /[\0\p{Cs}]/u.test(text) ? 'json' : 'text',
        pointer: '/description/fr',
      });
      await expect(
        post(coordinator, `/v1/services/${service}/profile`, { profile: JSON.stringify(profile) }),
      ).rejects.toMatchObject({ code: 'input_invalid' });
    }
  });

  it('do not come into the words of an agreement, by the client or past it', async () => {
    const { coordinator, founder } = network.laRuelle;
    const { text: _, ...proposal } = await givenProposal(server);
    for (const text of SIGNS) {
      await expect(proposeAgreement(coordinator, { ...proposal, text })).rejects.toMatchObject({
        check: 'text',
        pointer: '/text',
      });
      const wellFormed = text.toWellFormed();
      const terms = {
        network: coordinator.network,
        agreement: newId(),
        ...proposal,
        textHash: textHash(wellFormed),
      };
      const key = signingKey(fromBase64url(founder.device.coordinator ?? ''));
      const signature = sign('agreement+jws', terms, key);
      const isRight = wellFormed !== text;
      const sent = post(coordinator, '/v1/agreements', {
        text: isRight ? `${wellFormed}\u202e` : text,
        signature,
      });
      await expect(sent).rejects.toMatchObject({
        code: expect.stringMatching(/^(statement|input)_invalid$/) as unknown,
      });
    }
  });

  it('do not come into a message, and nothing is said before it is refused', async () => {
    const { referral } = await givenReferral(server, 'received');
    for (const text of SIGNS)
      await expect(sendMessage(network.laRuelle.worker, referral, text)).rejects.toMatchObject({
        check: 'text',
        pointer: '/text',
      });
    expect(await listMessages(network.laRuelle.worker, referral)).toEqual([]);
  });

  it('of several scripts are taken, and shown as such to whoever is about to sign', async () => {
    const unusual = [{ name: MIXED, warnings: ['mixed-script'] }];
    expect(await strangeEntries(network.clinique.coordinator)).toEqual([]);
    await postEntry(network.clinique.coordinator, await renamed(MIXED));
    const agreement = await proposeAgreement(network.clinique.coordinator, await givenProposal(server));
    expect(await readAgreement(network.laRuelle.coordinator, agreement)).toMatchObject({ unusual });
    expect(await coordinatorTasks(network.laRuelle.coordinator)).toContainEqual(
      expect.objectContaining({ kind: 'agreement-to-sign', agreement, unusual }),
    );
    expect(await strangeEntries(network.clinique.coordinator)).toContainEqual(
      expect.objectContaining({ typ: 'service-key+jws', unusual }),
    );
  });
});
