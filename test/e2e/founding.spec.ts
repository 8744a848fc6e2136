import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { utf8 } from '../../src/protocol/encoding/bytes.js';
import { leafHash } from '../../src/protocol/log/merkle.js';
import { parsePolicy } from '../../src/protocol/log/policy.js';
import { verifyProof } from '../../src/protocol/log/proof.js';
import { Caller } from '../support/requests/caller.js';
import { asOwner } from '../support/machines/database.js';
import {
  foundingBody,
  givenOrganisation,
  type FoundingBody,
  type TestOrganisation,
} from '../support/network/founders.js';
import { givenReplica, givenServer, type TestServer } from '../support/machines/server.js';

describe('founding a network', () => {
  let server: TestServer;
  let anybody: Caller;
  let founders: TestOrganisation[];
  let body: FoundingBody;

  beforeAll(async () => {
    server = await givenServer();
    anybody = Caller.anybody(server.origin);
    const { body: info } = await anybody.get('/v1/network');
    const at = { network: String(info['network']), today: String(info['today']) };
    founders = ['La Ruelle', 'Clinique du Canal'].map((name) => givenOrganisation(at, name));
    body = foundingBody(at, (await server.foundingToken()) ?? '', founders);
  });

  afterAll(async () => {
    await server.close();
  });

  it('shows the network’s id and log keys before anybody founds it', async () => {
    const { status, body: info } = await anybody.get('/v1/network');
    expect(status).toBe(200);
    expect(info).toMatchObject({ founded: false, issuer: server.origin });
    expect(info['logs']).toMatchObject({
      consent: { name: `relais-${String(info['network'])}/consent` },
      registry: { name: `relais-${String(info['network'])}/registry` },
    });
  });

  it('keeps the token in a file that only its owner reads', async () => {
    const { mode } = await stat(join(server.data, 'founding-token'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('has no charter yet', async () => {
    expect((await anybody.get('/v1/charter')).status).toBe(404);
  });

  it('refuses a wrong token', async () => {
    const answer = await anybody.post('/v1/network/founding', { ...body, token: 'a guess' });
    expect(answer).toMatchObject({ status: 401, code: 'unauthorised' });
  });

  it('refuses a founding whose charter a founder has not signed, and leaves nothing of it', async () => {
    const charter = { ...body.charter, signatures: body.charter.signatures.slice(1) };
    const answer = await anybody.post('/v1/network/founding', { ...body, charter });
    expect(answer).toMatchObject({ status: 422, code: 'statement_invalid' });
    expect(await asOwner(server.urls, 'SELECT id FROM organisation')).toEqual([]);
    expect(await asOwner(server.urls, 'SELECT index FROM registry_entry')).toEqual([]);
  });

  it('refuses unknown members', async () => {
    const answer = await anybody.post('/v1/network/founding', { ...body, seed: 1 });
    expect(answer).toMatchObject({ status: 400, code: 'input_invalid' });
  });

  it('is done once, however often and wherever it is asked for at the same time', async () => {
    const replica = await givenReplica(server);
    const callers = [anybody, Caller.anybody(replica.origin), anybody];
    const answers = await Promise.all(callers.map((caller) => caller.post('/v1/network/founding', body)));
    expect(answers.map(({ status, body: { registrySize } }) => [status, registrySize])).toEqual(
      answers.map(() => [201, 8]),
    );
    expect(await asOwner(server.urls, 'SELECT count(*)::int AS entries FROM registry_entry')).toEqual([
      { entries: 8 },
    ]);
    await replica.close();
  });

  it('answers the same to the same founding again, though the token is gone', async () => {
    expect(await server.foundingToken()).toBeUndefined();
    const answer = await anybody.post('/v1/network/founding', body);
    expect(answer).toMatchObject({ status: 201, body: { registrySize: 8 } });
  });

  it('refuses another founding', async () => {
    const at = { network: await networkId(), today: '2026-11-24' };
    const another = foundingBody(at, body.token, [givenOrganisation(at, 'Une autre')]);
    expect(await anybody.post('/v1/network/founding', another)).toMatchObject({
      status: 409,
      code: 'wrong_state',
    });
  });

  it('shows the charter word for word, with every founder’s signature', async () => {
    const inForce = await anybody.get('/v1/charter');
    expect(inForce.body).toMatchObject({
      version: 1,
      text: body.charter.text,
      signatures: body.charter.signatures,
    });
    expect(await anybody.get('/v1/charter/versions/1')).toMatchObject({ body: inForce.body });
    expect((await anybody.get('/v1/charter/versions/2')).status).toBe(404);
    expect((await anybody.get('/v1/charter/versions/0')).status).toBe(400);
  });

  it('lets the founders’ devices in and lists their services', async () => {
    const device = await callerOf(0);
    const { status, body: list } = await device.get('/v1/services');
    expect(status).toBe(200);
    const expected = [founders[1], founders[0]].map((founder) => ({
      ...founder?.service,
      organisation: { id: founder?.id, name: founder?.name },
      status: 'open',
    }));
    expect(list).toEqual({ items: expected });
  });

  it('pages through the services', async () => {
    const device = await callerOf(0);
    const first = await device.get('/v1/services?limit=1');
    const second = await device.get(`/v1/services?limit=1&after=${String(first.body['next'])}`);
    expect(
      [first, second].map(({ body: page }) => (page['items'] as { id: string }[]).map(({ id }) => id)),
    ).toEqual([[founders[1]?.service.id], [founders[0]?.service.id]]);
    expect(second.body['next']).toBeUndefined();
    const other = await callerOf(1);
    expect((await other.get(`/v1/services?after=${String(first.body['next'])}`)).status).toBe(400);
  });

  it('shows a service’s key with its proof in the registry log', async () => {
    const device = await callerOf(0);
    const { body: service } = await device.get(`/v1/services/${founders[1]?.service.id ?? ''}`);
    expect(service['serviceKey']).toBe(founders[1]?.epoch.entry);
    const policy = parsePolicy(String((await anybody.get('/v1/network')).body['policy']));
    const leaf = leafHash(utf8(String(service['serviceKey'])));
    expect(() => verifyProof(String(service['proof']), leaf, policy)).not.toThrow();
  });

  async function networkId(): Promise<string> {
    return String((await anybody.get('/v1/network')).body['network']);
  }

  async function callerOf(founder: number): Promise<Caller> {
    const device = founders[founder]?.device;
    if (!device) throw new Error('no such founder');
    return Caller.device(server.origin, device);
  }
});
