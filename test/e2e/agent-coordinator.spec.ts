import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { certifyRequests, invite, Joining, registerWitness } from '../../src/client/index.js';
import { toBase64url } from '../../src/protocol/encoding/bytes.js';
import { newCode } from '../../src/protocol/encoding/codes.js';
import { givenAgent, relais, type TestAgent } from '../support/machines/agent.js';
import { asOwner, until } from '../support/machines/database.js';
import { freshKey, inDays } from '../support/network/founders.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { addDevice } from '../support/network/staff.js';

/** A coordinator whose app needs no cryptography: the second one of La Ruelle, made so by its paper code. */
describe('a coordinator’s agent', () => {
  let server: FoundedServer;
  let agent: TestAgent;

  beforeAll(async () => {
    server = await givenNetwork();
    const { coordinator, service } = server.network.laRuelle;
    agent = await givenAgent(server.address);
    const code = await invite(coordinator, { role: 'coordinator', services: [service] });
    await agent.ask({ method: 'POST', path: '/join', body: { code } });
    await certifyRequests(coordinator);
    await until(async () => (await agent.ask({ path: '/status' })).body['state'] === 'ready');
  });
  afterAll(async () => {
    await agent.stop();
    await server.stop();
  });

  const post = (path: string, body: unknown) => agent.ask({ method: 'POST', path, body });
  const items = async (path: string) =>
    (await agent.ask<{ items: Record<string, unknown>[] }>({ path })).body.items;

  it('certifies nothing before the paper code, nor by another one', async () => {
    expect(await agent.ask({ path: '/tasks' })).toMatchObject({
      status: 422,
      body: { check: 'not-a-coordinator' },
    });
    const wrong = await post('/coordinator', { paperCode: newCode() });
    expect(wrong).toMatchObject({ status: 422, body: { check: 'paper-code' } });
  });

  it('renews by itself what is about to end, and keeps the paper code nowhere', async () => {
    const { coordinator, service, founder } = server.network.laRuelle;
    const ends = inDays(await coordinator.today(), 10);
    const { id } = await addDevice(coordinator, service, { until: ends });
    expect(await post('/coordinator', { paperCode: founder.paperCode })).toMatchObject({ status: 204 });
    const untilOf = async (): Promise<string> => {
      const sql = `SELECT valid_until::text AS until FROM device WHERE id = '${id}'`;
      return (await asOwner<{ until: string }>(server.urls, sql))[0]?.until ?? '';
    };
    await until(async () => (await untilOf()) > ends);
    const kept = readdirSync(agent.state, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'));
    for (const text of kept)
      expect(text.replaceAll('-', '')).not.toContain(founder.paperCode.replaceAll('-', ''));
  });

  it('lets a colleague in', async () => {
    const { service } = server.network.laRuelle;
    const { status, body } = await post('/invitations', { role: 'worker', services: [service] });
    expect(status).toBe(201);
    const joining = await Joining.ask(server.address, String(body['code']));
    expect(await post('/invitations/certification', {})).toMatchObject({
      status: 200,
      body: { refused: [] },
    });
    expect(await joining.finish()).toMatchObject({ role: 'worker', services: [service] });
  });

  it('shows what somebody else said in the organisation’s name, until it is known', async () => {
    const { coordinator } = server.network.laRuelle;
    expect(await items('/entries')).toEqual([]);
    await registerWitness(coordinator, { key: freshKey().publicKey });
    const [strange, ...more] = await items('/entries');
    expect([strange?.['typ'], more]).toEqual(['witness+jws', []]);
    expect(await items('/tasks')).toContainEqual(expect.objectContaining({ kind: 'entry-not-mine' }));
    expect(await post('/entries/known', { index: strange?.['index'] })).toMatchObject({ status: 204 });
    expect(await items('/entries')).toEqual([]);
  });

  it('speaks for the organisation: its witness, and the web app that it knows', async () => {
    expect(await agent.ask({ method: 'DELETE', path: '/witness' })).toMatchObject({ status: 204 });
    const key = toBase64url(freshKey().publicKey);
    const url = 'https://witness.example.org/relais';
    expect(await post('/witness', { key, url })).toMatchObject({ status: 204 });
    const { output: manifest } = await relais(['monitor', 'manifest']);
    expect(await post('/web-app', { manifest })).toMatchObject({ status: 204 });
    const registry = await server.network.clinique.coordinator.registry();
    expect([...registry.witnesses.values()].at(-1)).toMatchObject({ url });
    expect([...registry.webApps.keys()]).toEqual([server.network.laRuelle.coordinator.organisation.id]);
    expect(await post('/witness', { key, url: 'ftp://x' })).toMatchObject({ status: 400 });
    expect(await post('/web-app', { manifest: 'nothing' })).toMatchObject({
      status: 422,
      body: { check: 'manifest' },
    });
  });
});
