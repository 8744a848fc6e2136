import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AGREEMENT_TEMPLATES,
  endAgreement,
  listAgreements,
  mayRefer,
  proposeAgreement,
  readAgreement,
  servicesAlongAgreements,
  signAgreement,
  type Device,
  type Proposal,
} from '../../src/client/index.js';
import { newId } from '../../src/protocol/encoding/bytes.js';
import { textHash } from '../../src/protocol/registry/charter.js';
import { addDays } from '../../src/protocol/encoding/days.js';
import { sign } from '../../src/protocol/encoding/signed.js';
import { givenAgreement, givenProposal } from '../support/network/agreements.js';
import { asOwner, shiftClock } from '../support/machines/database.js';
import { givenSend, outcomesOf, postSend, storedOf } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

async function outcomeOfSend(server: FoundedServer): Promise<{ taken: number; refused: unknown }> {
  const { body } = await givenSend(server.network);
  return outcomesOf([postSend(server.network.laRuelle.worker, body)]);
}

const TAKEN = { taken: 1, refused: [] };
const REFUSED = { taken: 0, refused: ['agreement_required'] };

describe('a network that refers along agreements', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork(undefined, { reach: 'agreement' });
  });
  afterAll(() => server.stop());

  it('sends nothing without one, keeps nothing of it, and says on the device whom one could ask', async () => {
    const { laRuelle, clinique } = server.network;
    const { body } = await givenSend(server.network);
    expect(await outcomesOf([postSend(laRuelle.worker, body)])).toEqual(REFUSED);
    expect(await storedOf(server, body.referral)).toEqual({ handoffs: 0, wraps: 0, statements: 0 });
    const passage = { from: laRuelle.service, purpose: 'health-care', kind: 'referral' } as const;
    expect(await mayRefer(laRuelle.worker, { ...passage, to: clinique.service })).toBe(false);
    expect(await servicesAlongAgreements(laRuelle.worker, passage)).toEqual([]);
  });

  it('waits for every party, then sends along exactly what was agreed, until a party ends it', async () => {
    const { laRuelle, clinique } = server.network;
    const passage = { from: laRuelle.service, purpose: 'health-care', kind: 'referral' } as const;
    const id = await proposeAgreement(laRuelle.coordinator, await givenProposal(server));
    expect(await listAgreements(clinique.coordinator)).toMatchObject([
      { state: 'proposed', signers: [laRuelle.founder.public.id] },
    ]);
    expect(await outcomeOfSend(server)).toEqual(REFUSED);

    const read = await readAgreement(clinique.coordinator, id);
    expect(read.text).toBe(AGREEMENT_TEMPLATES.fr);
    await signAgreement(clinique.coordinator, read);
    expect(await outcomeOfSend(server)).toEqual(TAKEN);
    expect(await mayRefer(laRuelle.worker, { ...passage, to: clinique.service })).toBe(true);
    expect(await servicesAlongAgreements(laRuelle.worker, passage)).toEqual([clinique.service]);
    expect(await servicesAlongAgreements(laRuelle.worker, { ...passage, purpose: 'legal-aid' })).toEqual([]);
    for (const { worker } of [laRuelle, clinique]) {
      expect(await listAgreements(worker)).toMatchObject([{ state: 'active', endsSoon: true }]);
    }

    const last = await endAgreement(clinique.coordinator, id);
    expect(last).toBe(addDays(await clinique.coordinator.today(), 10));
    expect(await outcomeOfSend(server)).toEqual(TAKEN);
  });
});

describe('an agreement', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork(undefined, { reach: 'agreement' });
  });
  afterAll(() => server.stop());

  it('holds for its own purpose, direction, kind and days only', async () => {
    const { laRuelle, clinique } = server.network;
    const today = await laRuelle.worker.today();
    const others: Partial<Proposal>[] = [
      { purposes: ['legal-aid'] },
      { routes: [{ from: clinique.service, to: laRuelle.service }] },
      { kind: 'transfer' },
      { from: addDays(today, 30) },
    ];
    for (const other of others) await givenAgreement(server, other);
    expect(await outcomeOfSend(server)).toEqual(REFUSED);
  });

  it('is over after its last day, by the database’s clock', async () => {
    await givenAgreement(server, { until: await server.network.laRuelle.worker.today() });
    const { body } = await givenSend(server.network);
    expect(await outcomesOf([postSend(server.network.laRuelle.worker, body)])).toEqual(TAKEN);
    const { body: late } = await givenSend(server.network);
    await shiftClock(server.urls, '1 day');
    try {
      expect(await outcomesOf([postSend(server.network.laRuelle.worker, late)])).toEqual(REFUSED);
    } finally {
      await shiftClock(server.urls, '0 days');
    }
  });

  it('that a party does not sign is left unsigned for good', async () => {
    const { laRuelle, clinique } = server.network;
    const id = await proposeAgreement(laRuelle.coordinator, await givenProposal(server));
    const read = await readAgreement(clinique.coordinator, id);
    await endAgreement(clinique.coordinator, id);
    await expect(signAgreement(clinique.coordinator, read)).rejects.toMatchObject({
      code: 'statement_invalid',
    });
  });

  it('is shown to its parties, page by page, and its words to nobody else', async () => {
    const { laRuelle, clinique } = server.network;
    await givenAgreement(server);
    const list = (query: Record<string, string>) =>
      laRuelle.worker.session.json<{ items: { id: string }[]; next?: string }>({
        method: 'GET',
        path: '/v1/agreements',
        query,
      });
    const all = (await list({})).items.map(({ id }) => id);
    const seen: string[] = [];
    for (let page = await list({ limit: '2' }); ; page = await list({ limit: '2', after: page.next ?? '' })) {
      seen.push(...page.items.map(({ id }) => id));
      if (page.next === undefined) break;
    }
    expect(seen).toEqual(all);
    expect(all.length).toBe((await listAgreements(clinique.worker)).length);
    const unknown = clinique.worker.session.json({ method: 'GET', path: `/v1/agreements/${newId()}` });
    await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the server refuses of an agreement', () => {
  let server: FoundedServer;
  let sides: { laRuelle: Device; clinique: Device };

  beforeAll(async () => {
    server = await givenNetwork();
    const { laRuelle, clinique } = server.network;
    sides = { laRuelle: laRuelle.coordinator, clinique: clinique.coordinator };
  });
  afterAll(() => server.stop());

  const rowsOf = async (): Promise<number> =>
    (await asOwner<{ n: number }>(server.urls, 'SELECT count(*)::int AS n FROM agreement_text'))[0]?.n ?? -1;

  it('words that are not the signed ones, and keeps nothing of them', async () => {
    const { text, ...terms } = await givenProposal(server);
    const id = newId();
    const payload = {
      network: sides.laRuelle.network,
      agreement: id,
      ...terms,
      parties: [...terms.parties].sort(),
    };
    const signature = sign(
      'agreement+jws',
      { ...payload, textHash: textHash(text) },
      sides.laRuelle.coordinatorKey(),
    );
    const body = { text: `${text} And more.`, signature };
    const post = sides.laRuelle.session.send({
      method: 'POST',
      path: '/v1/agreements',
      idempotencyKey: id,
      body,
    });
    await expect(post).rejects.toMatchObject({ code: 'statement_invalid' });
    const bare = sides.laRuelle.postEntries([signature]);
    await expect(bare).rejects.toMatchObject({ code: 'statement_invalid' });
    expect(await rowsOf()).toBe(0);
  });

  it('one between others, one about others’ services, one by somebody who is no party', async () => {
    const { laRuelle, clinique } = server.network;
    const proposal = await givenProposal(server);
    const wrong: Partial<Proposal>[] = [
      { parties: [clinique.founder.public.id, newId()] },
      { parties: [laRuelle.founder.public.id, newId()] },
      { routes: [{ from: laRuelle.service, to: newId() }] },
      { until: addDays(proposal.from, -1) },
    ];
    for (const change of wrong) {
      const post = proposeAgreement(sides.laRuelle, { ...proposal, ...change });
      await expect(post).rejects.toMatchObject({ code: 'statement_invalid' });
    }
    expect(await rowsOf()).toBe(0);
  });

  it('an end before its notice, and one in another party’s name', async () => {
    const id = await givenAgreement(server);
    const today = await sides.clinique.today();
    const end = (organisation: string, from: string, by: Device): Promise<void> => {
      const payload = { network: by.network, agreement: id, organisation, from };
      return by.postEntries([sign('agreement-end+jws', payload, by.coordinatorKey())]);
    };
    const own = sides.clinique.organisation.id;
    const wrong = [
      () => end(own, today, sides.clinique),
      () => end(own, addDays(today, 9), sides.clinique),
      () => end(own, addDays(today, 10), sides.laRuelle),
    ];
    for (const attempt of wrong) await expect(attempt()).rejects.toMatchObject({ code: 'statement_invalid' });
    await end(own, addDays(today, 10), sides.clinique);
    expect((await listAgreements(sides.laRuelle))[0]?.lastDay).toBe(addDays(today, 9));
  });
});
